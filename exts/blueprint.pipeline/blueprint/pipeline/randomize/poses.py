"""Poses: props shift and turn on their support, without overlap, on it and within the robot's ring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.shapes import Array, PropShape, inside_by_m, outline_gap_m
from blueprint.pipeline.scene.supports import FLOOR, WorldSurface


class PoseSettings(Settings, frozen=True):
    """Where movable props stand."""

    shift_m: float = Field(
        default=0.08, ge=0, le=2, description="Largest shift of a prop from where it rests, in metres."
    )
    turn_deg: float = Field(default=45.0, ge=0, le=180, description="Largest turn about the vertical, in degrees.")
    gap_m: float = Field(
        default=0.03, ge=0, le=1, description="Least gap between props, and to the robot's base, in metres."
    )
    edge_m: float = Field(
        default=0.02, ge=0, le=1, description="Least distance from the edge of the support, in metres."
    )
    near_m: float = Field(default=0.3, ge=0, description="Inner radius of the ring around the robot's base, in metres.")
    far_m: float = Field(default=0.72, gt=0, description="Outer radius of the ring around the robot's base, in metres.")
    attempts: int = Field(default=60, ge=1, le=10000, description="Draws per prop before it stays where it is.")


@dataclass(frozen=True, eq=False)
class Mover:
    """A prop that may move: its shape, where it rests, and on what."""

    prop: str
    shape: PropShape
    T_world_prop: Pose
    surface: WorldSurface


def draw_poses(
    movers: Sequence[Mover],
    obstacles_m: Sequence[Array],
    base_xy_m: Array,
    streams: Mapping[str, np.random.Generator],
    settings: PoseSettings,
) -> tuple[MoveProp, ...]:
    """Draw a pose for each prop in turn, the others standing where they then are.

    `obstacles_m` are outlines that do not move; `streams` has one generator per prop. Every intermediate scene is free
    of overlap, so a prop for which no draw is accepted can stay.
    """
    outlines = {mover.prop: mover.shape.outline_m(mover.T_world_prop) for mover in movers}
    moves: list[MoveProp] = []
    for mover in movers:
        others = [*obstacles_m, *(outline for name, outline in outlines.items() if name != mover.prop)]
        move = _draw_one(mover, others, base_xy_m, streams[mover.prop], settings)
        outlines[mover.prop] = mover.shape.outline_m(move.T_world_prop)
        moves.append(move)
    return tuple(moves)


def _draw_one(
    mover: Mover, others: Sequence[Array], base_xy_m: Array, rng: np.random.Generator, settings: PoseSettings
) -> MoveProp:
    for attempt in range(settings.attempts):
        radius = settings.shift_m * np.sqrt(rng.random())
        heading = rng.uniform(-np.pi, np.pi)
        turn = np.deg2rad(settings.turn_deg) * rng.uniform(-1.0, 1.0)
        shift = radius * np.array([np.cos(heading), np.sin(heading), 0.0])
        pose = turned(mover.T_world_prop, shift, float(turn))
        if _fits(mover, pose, others, base_xy_m, settings):
            move = f"shifted {1000 * radius:.0f} mm, turned {np.rad2deg(turn):.0f} degrees"
            place = f"{mover.surface.prop or 'room'}/{mover.surface.name}"
            return MoveProp(mover.prop, pose, f"drawn: {move} on {place}, draw {attempt + 1} of {settings.attempts}")
    return MoveProp(mover.prop, mover.T_world_prop, f"stays: none of {settings.attempts} draws had room")


def turned(T_world_prop: Pose, shift_m: Array, turn_rad: float) -> Pose:
    """Return a pose shifted in the world and turned about the vertical through the prop's origin."""
    rotation = Pose.from_yaw((0.0, 0.0, 0.0), turn_rad) @ Pose((0.0, 0.0, 0.0), T_world_prop.quat_wxyz)
    return Pose(vec3(np.asarray(T_world_prop.position_m) + shift_m), rotation.quat_wxyz)


def _fits(mover: Mover, pose: Pose, others: Sequence[Array], base_xy_m: Array, settings: PoseSettings) -> bool:
    outline = mover.shape.outline_m(pose)
    on_support = mover.surface.prop == FLOOR or inside_by_m(outline, mover.surface.outline_m()) >= settings.edge_m
    if not on_support or any(outline_gap_m(outline, other) < settings.gap_m for other in others):
        return False
    before = _outside_ring_m(mover.T_world_prop, base_xy_m, settings)
    # A prop that is out of the ring as it rests may come nearer to it, not leave it further.
    return _outside_ring_m(pose, base_xy_m, settings) <= before


def _outside_ring_m(pose: Pose, base_xy_m: Array, settings: PoseSettings) -> float:
    distance = float(np.linalg.norm(np.asarray(pose.position_m)[:2] - base_xy_m))
    return max(0.0, settings.near_m - distance, distance - settings.far_m)
