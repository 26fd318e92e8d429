"""Bring the props to rest: put each on its support, let physics judge, leave out what does not stand."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.scene.contacts import find_relations, solid_of
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SettleReport
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import LeftOut
from blueprint.pipeline.scene.relations import Relation, bottom_up, hung, supported_by
from blueprint.pipeline.scene.rooms import RoomPlane
from blueprint.pipeline.scene.shapes import box_corners
from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles

from .composition import RobotStand, Studio, compose, root_layer, write_folder
from .parts import Part, Parts
from .room import FLOOR, room_boxes
from .settle import AT_REST, Rest, SettleSettings, culprits, failure_sentence, judge, settled_moves
from .settle_run import settle
from .supports import Support, find_rest, put_down

JOINT_MOVE_BOUND = 0.02
"""Radians or metres that a door or drawer may move while the scene settles; more means overlapping links."""
_ASIDE_M = 3.0


@dataclass(frozen=True, eq=False)
class Placed:
    """Props put down on their supports, the moves that did it, and those for which no support was found."""

    parts: Parts
    moves: tuple[MoveProp, ...]
    standings: Mapping[str, Support]
    floating: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Settled:
    """A scene at rest: where props were put and where they came to rest, and the model it was seen in."""

    parts: Parts
    placement: tuple[MoveProp, ...]
    moves: tuple[MoveProp, ...]
    standings: Mapping[str, Support]
    left_out: tuple[LeftOut, ...]
    report: SettleReport
    joint_moves: Mapping[str, float]
    model_folder: Path


@dataclass(frozen=True, eq=False)
class Outcome:
    """One round of settling: how props came to rest, how far joints went, and which props failed, with the reason."""

    rests: Mapping[str, Rest]
    joint_moves: Mapping[str, float]
    failed: Mapping[str, str]


def put_down_all(parts: Parts, relations: Sequence[Relation], support_reach_m: float) -> Placed:
    """Put every prop on what carries it, the carriers first; what hangs on a wall or ceiling stays where it is.

    A prop follows what carries it when that is moved.
    """
    placed, moves, standings, floating = dict(parts), dict[str, MoveProp](), dict[str, Support](), []
    for name in bottom_up(relations, list(parts)):
        part = parts[name]
        T_world_prop = _following(part, supported_by(relations, name), parts, placed)
        held = hung(relations, name)
        rest = find_rest(part, T_world_prop, relations, placed, standings, support_reach_m) if held is None else None
        if rest is not None:
            moves[name], standings[name] = put_down(name, T_world_prop, rest), rest
        else:
            moves[name] = _as_scanned(name, T_world_prop, held)
            # A wall cupboard hangs: furniture that is not near the floor stays where it was seen.
            floating += [name] if part.entry.movable else []
        placed[name] = part.at(moves[name].T_world_prop)
    return Placed(placed, tuple(moves[name] for name in parts), standings, tuple(floating))


def _following(part: Part, held: Relation | None, before: Parts, placed: Parts) -> Pose:
    """Return where a prop is once it has gone up or down with what carries it."""
    if held is None or held.object not in placed:
        return part.T_world_prop
    rise = placed[held.object].T_world_prop.position_m[2] - before[held.object].T_world_prop.position_m[2]
    x, y, z = part.T_world_prop.position_m
    return Pose((x, y, z + rise), part.T_world_prop.quat_wxyz)


def measure_relations(parts: Parts, planes: Sequence[RoomPlane]) -> tuple[Relation, ...]:
    """Return the support graph of props where they now are."""
    return find_relations([solid_of(part.entry.prop, part.payloads.folders) for part in parts.values()], planes)


def _as_scanned(prop: str, T_world_prop: Pose, held: Relation | None) -> MoveProp:
    if held is not None:
        return MoveProp(prop, T_world_prop, f"as the scan has it; it hangs on {held.part}: {held.why}")
    return MoveProp(prop, T_world_prop, "as the scan has it; no support lies within reach below it")


def settle_all(
    folder: Path, studio: Studio, placed: Placed, left_out: Sequence[LeftOut], settings: SettleSettings
) -> Generator[Progress | Warned, None, Settled]:
    """Settle, leave out what failed and settle again, a bounded number of times.

    Raises NothingUsable when no movable prop stands. Failures that the last round still has are in the report.
    """
    parts, moves, gone = dict(placed.parts), placed.moves, list(left_out)
    tolerant = settings.on_failure == "leave_out"
    outcome = _settle_once(folder, studio, parts, moves, gone, settings, tolerant=tolerant and settings.rounds > 1)
    for round_number in range(1, settings.rounds):
        if not outcome.failed or not tolerant:
            break
        for name, reason in outcome.failed.items():
            yield Warned(f"{reason}; it is left out")
            gone.append(LeftOut(name, reason))
            del parts[name]
        moves = tuple(move for move in moves if move.prop in parts)
        _require_movable(parts, gone)
        again = f"settling again without {', '.join(outcome.failed)}"
        yield Progress(0.1 + 0.4 * round_number / settings.rounds, again)
        more = round_number + 1 < settings.rounds
        outcome = _settle_once(folder, studio, parts, moves, gone, settings, tolerant=more)
    rests = outcome.rests
    settle_moves = settled_moves(rests, settings.engine, settings.duration_s)
    rested = dict(parts)
    for move in settle_moves:
        rested[move.prop] = rested[move.prop].at(move.T_world_prop)
    report = SettleReport(settings.engine, settings.duration_s, settings.drift_bound_m, judge(rests, settings))
    standings = {name: standing for name, standing in placed.standings.items() if name in parts}
    return Settled(rested, moves, settle_moves, standings, tuple(gone), report, outcome.joint_moves, folder / "model")


def _settle_once(
    folder: Path,
    studio: Studio,
    parts: Parts,
    moves: Sequence[MoveProp],
    gone: Sequence[LeftOut],
    settings: SettleSettings,
    *,
    tolerant: bool,
) -> Outcome:
    """Write a draft of the scene with the robot out of the way, compile it and let it come to rest.

    Where the state stops being finite, a tolerant round blames the prop that did; another raises SimulationDiverged.
    """
    manifest = compose(studio, parts, _aside(studio, parts), gone)
    files = SceneFiles(root_layer(folder / "scene"), folder / "model", manifest)
    write_folder(folder / "scene", studio, manifest, parts, moves)
    compile_scene(files.usd_path, files.model_folder, manifest)
    try:
        rests, joint_moves = settle(settings.engine, files, settings.duration_s)
    except SimulationDiverged as error:
        prop = error.joint.split("/")[0]
        if not tolerant or prop not in parts or not parts[prop].entry.movable:
            raise
        return Outcome({}, {}, {prop: str(error)})
    failed = {verdict.prop: failure_sentence(verdict) for verdict in culprits(judge(rests, settings))}
    return Outcome(rests, joint_moves, failed)


def _require_movable(parts: Parts, gone: Sequence[LeftOut]) -> None:
    if not any(part.entry.movable for part in parts.values()):
        reasons = [f"{entry.id}: {entry.reason}" for entry in gone]
        raise NothingUsable("movable object", reasons, remedy="None of them stood still; look at the scan's poses.")


def _aside(studio: Studio, parts: Parts) -> RobotStand:
    """Stand the robot well away from the props and beyond every wall, while these settle."""
    corners = np.concatenate([part.shape.corners_m(part.T_world_prop) for part in parts.values()])
    walls = [box for box in room_boxes(studio.scan.room, corners) if box.name != FLOOR]
    corners = np.concatenate([corners, *(box.T_world_box.apply(box_corners(box.half_extents_m)) for box in walls)])
    x, y = corners[:, 0].max() + _ASIDE_M, corners[:, 1].mean()
    return RobotStand(Pose.from_yaw((float(x), float(y), 0.0), 0.0))


def settle_checks(settled: Settled, settings: SettleSettings) -> list[Check]:
    """Measure the settled scene: props that failed, drift and turn of those that stand, doors and drawers."""
    verdicts = settled.report.props
    failed = [verdict for verdict in verdicts if verdict.outcome != AT_REST]
    why = "; ".join(failure_sentence(verdict) for verdict in failed)
    standing = [verdict for verdict in verdicts if verdict.outcome == AT_REST]
    drift = max((verdict.drift_m for verdict in standing), default=None)
    turn = max((float(np.rad2deg(verdict.turn_rad)) for verdict in standing), default=None)
    found = [
        check_at_most("props_that_do_not_settle", float(len(failed)), 0, unit="", why=why),
        check_at_most("largest_drift", drift, settings.drift_bound_m, unit="m"),
        check_at_most("largest_turn", turn, settings.tip_bound_deg, unit="deg"),
    ]
    if settled.joint_moves:
        name, moved = max(settled.joint_moves.items(), key=lambda item: item[1])
        check = check_at_most(
            "largest_furniture_joint_move", moved, JOINT_MOVE_BOUND, unit="rad or m", blocking=False, why=name
        )
        found.append(check)
    return found
