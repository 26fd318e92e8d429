"""Bring the props to rest: put each on its support, let physics judge, leave out what does not stand."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SettleReport
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import LeftOut
from blueprint.pipeline.scene.supports import (
    FLOOR_SURFACE,
    Standing,
    WorldSurface,
    find_support,
    world_surfaces,
)
from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles

from .composition import RobotStand, Studio, compose, root_layer, write_folder
from .parts import Parts
from .settle import AT_REST, Rest, SettleSettings, culprits, failure_sentence, judge, settled_moves
from .settle_run import settle
from .supports import put_down

JOINT_MOVE_BOUND = 0.02
"""Radians or metres that a door or drawer may move while the scene settles; more means overlapping links."""
_ASIDE_M = 3.0


@dataclass(frozen=True, eq=False)
class Placed:
    """Props put down on their supports, the moves that did it, and those for which no support was found."""

    parts: Parts
    moves: tuple[MoveProp, ...]
    standings: Mapping[str, Standing]
    floating: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Settled:
    """A scene at rest: where props were put and where they came to rest, and the model it was seen in."""

    parts: Parts
    placement: tuple[MoveProp, ...]
    moves: tuple[MoveProp, ...]
    standings: Mapping[str, Standing]
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


def put_down_all(parts: Parts, support_reach_m: float) -> Placed:
    """Put furniture on the floor and movable props on what is below them."""
    furniture = {name: part for name, part in parts.items() if not part.entry.movable}
    placed, moves, standings, floating = dict(parts), [], {}, []
    for name, part in furniture.items():
        # A wall cupboard hangs: what is not near the floor stays where it was seen.
        standing = find_support(part.shape, part.T_world_prop, [FLOOR_SURFACE], support_reach_m)
        move = put_down(name, part.T_world_prop, standing) if standing else _as_scanned(name, part.T_world_prop)
        placed[name], _ = part.at(move.T_world_prop), moves.append(move)
    surfaces = all_surfaces(placed)
    for name, part in parts.items():
        if not part.entry.movable:
            continue
        standing = find_support(part.shape, part.T_world_prop, surfaces, support_reach_m)
        move = put_down(name, part.T_world_prop, standing) if standing else _as_scanned(name, part.T_world_prop)
        placed[name], _ = part.at(move.T_world_prop), moves.append(move)
        if standing:
            standings[name] = standing
        else:
            floating.append(name)
    return Placed(placed, tuple(moves), standings, tuple(floating))


def all_surfaces(parts: Parts) -> list[WorldSurface]:
    """Return every support surface of furniture, the floor last."""
    surfaces = [
        surface
        for name, part in parts.items()
        if not part.entry.movable
        for surface in world_surfaces(name, part.T_world_prop, part.entry.supports)
    ]
    return [*surfaces, FLOOR_SURFACE]


def _as_scanned(prop: str, T_world_prop: Pose) -> MoveProp:
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
    manifest = compose(studio, parts, _aside(parts), gone)
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


def _aside(parts: Parts) -> RobotStand:
    """Stand the robot well away from the props, while these settle."""
    corners = np.concatenate([part.shape.corners_m(part.T_world_prop) for part in parts.values()])
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
