"""How the scene came to rest, and where the robot stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.app.figures import angle_text, length_text, number_text, position_text, speed_text
from blueprint.pipeline.scene.manifests import SceneManifest, SettledProp, SettleReport

MOST_ROWS = 200
AT_REST = "at rest"


@dataclass(frozen=True, slots=True)
class SettleRow:
    """One prop's way to rest."""

    prop: str
    drift: str
    turn: str
    speed: str
    outcome: str
    passed: bool


@dataclass(frozen=True, slots=True)
class SettleSection:
    """The whole scene's way to rest."""

    engine: str
    duration: str
    bound: str
    rows: tuple[SettleRow, ...]
    not_shown: int


@dataclass(frozen=True, slots=True)
class RobotSection:
    """The robot's place, the props that it can grasp from there, and those it cannot."""

    name: str
    position: str
    heading: str
    reaches: tuple[str, ...]
    misses: tuple[str, ...]
    room: tuple[str, ...]
    cameras: tuple[str, ...]


def describe_settle(report: SettleReport) -> SettleSection:
    """Return the settle report, those that failed first, then by drift."""
    ordered = sorted(report.props, key=lambda each: (each.outcome == AT_REST, -each.drift_m))
    rows = tuple(_settle_row(each) for each in ordered[:MOST_ROWS])
    return SettleSection(
        report.engine,
        number_text(report.duration_s, "s"),
        length_text(report.bound_m),
        rows,
        len(ordered) - len(rows),
    )


def describe_robot(manifest: SceneManifest) -> RobotSection:
    """Return the robot's place in the scene."""
    robot = manifest.robot
    graspable = [entry.prop.id for entry in manifest.props if entry.movable]
    return RobotSection(
        robot.name,
        position_text(robot.T_world_base.position_m),
        angle_text(robot.T_world_base.yaw_rad()),
        _some(robot.reaches),
        _some([name for name in graspable if name not in robot.reaches]),
        tuple(f"{box.name}: {box.why}" for box in manifest.room),
        tuple(
            f"{camera.name}: {camera.width_px} × {camera.height_px}, "
            f"{'fixed in the world' if not camera.mount else 'carried by ' + camera.mount}"
            for camera in manifest.cameras
        ),
    )


def _settle_row(each: SettledProp) -> SettleRow:
    return SettleRow(
        each.prop,
        length_text(each.drift_m),
        angle_text(each.turn_rad),
        speed_text(each.speed_m_s),
        each.outcome,
        each.outcome == AT_REST,
    )


def _some(names: Sequence[str]) -> tuple[str, ...]:
    if len(names) <= MOST_ROWS:
        return tuple(names)
    return (*names[:MOST_ROWS], f"and {len(names) - MOST_ROWS} more")
