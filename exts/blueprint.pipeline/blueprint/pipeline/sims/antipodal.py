"""Grasp candidates of a parallel gripper: pairs of opposite surface points that friction can hold.

Poses are in the object's frame, with the tool's convention: z along the approach, y along the closing direction.
The shape is the simulated one, so what closes here closes there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.grippers import GripperBoxes
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot

from .solids import ConvexSolid, chords, surface_samples

Array = NDArray[np.float64]

_PAD_GRID = 5
_TOUCH_M = 1.5e-3
_BEFORE_M = 1e-3
_FAR_M = 0.1
_UPRIGHT_RAD, _LEVEL_COSINE = 1e-3, 0.95
_HALF_TURN = np.array([-1.0, -1.0, 1.0])
"""Half a turn about the approach: the same for the object, another pose of the arm."""


@dataclass(frozen=True, slots=True)
class GraspCandidate:
    """One way to hold an object, with what makes it good or bad; the tool stands as the hand closes in on it.

    `width_m` is the opening at contact, `slant_rad` the worse angle between the closing line and a touched surface's
    normal, `contact_share` the part of the pads that touches, `lever_m` the level arm by which the weight turns the
    object about the closing line, `tilt_rad` the angle of the approach from straight down.
    """

    T_prop_tcp: Pose
    width_m: float
    slant_rad: float
    contact_share: float
    lever_m: float
    tilt_rad: float


@dataclass(frozen=True, slots=True)
class GraspSearch:
    """How candidates are looked for; `slack_m` is the room left on both sides of the object together.

    A hand that closes unevenly needs `uneven_slack_m`: it never opens wider than that on the side of its fixed jaw.
    """

    samples: int = 600
    friction: float = 0.5
    approaches: int = 12
    tilt_limit_rad: float = 1.45
    slack_m: float = 0.004
    uneven_slack_m: float = 0.007


def propose_grasps(
    pieces: Sequence[ConvexSolid],
    center_of_mass_m: Array,
    up_prop: Array,
    robot: Robot,
    rng: np.random.Generator,
    search: GraspSearch | None = None,
) -> list[GraspCandidate]:
    """Sample antipodal grasps of a union of convex pieces; `up_prop` is the world's up in the object's frame."""
    search = search or GraspSearch()
    points, normals = surface_samples(pieces, search.samples, rng)
    closing = _cone_directions(-normals, 0.7 * np.arctan(search.friction), rng)
    if not robot.takes_any_attitude:
        points, normals, closing = _upright(points, normals, closing, up_prop)
        search = replace(search, tilt_limit_rad=_UPRIGHT_RAD)
    if not robot.gripper.is_even:
        search = replace(search, slack_m=search.uneven_slack_m)
    across = chords(pieces, points - closing * _BEFORE_M, closing)
    width = across.leave_m - across.enter_m
    slant = np.arccos(np.clip(np.einsum("nd,nd->n", across.leave_normal, closing), -1, 1))
    slant = np.maximum(slant, np.arccos(np.clip(-np.einsum("nd,nd->n", normals, closing), -1, 1)))
    limit_m = robot.gripper.max_width_m - search.slack_m
    held = (width > 0.002) & (width < limit_m) & (slant < np.arctan(search.friction))
    surface, _ = surface_samples(pieces, 4 * search.samples, rng)
    centers = points + closing * (across.enter_m - _BEFORE_M + width / 2)[:, None]
    found: list[GraspCandidate] = []
    for index in np.flatnonzero(held):
        rotations = [
            rotation
            for rotation in _approaches(closing[index], up_prop, search)
            if not _gripper_hits(surface, centers[index], rotation, robot, width[index] + search.slack_m)
        ]
        closed = _measure_pads(pieces, centers[index], rotations, robot.gripper_boxes)
        for rotation, pads in zip(rotations, closed, strict=True):
            if pads is not None and pads.width_m <= limit_m:
                place = centers[index] + rotation[:, 1] * pads.offset_m
                for turned in (rotation, rotation * _HALF_TURN):
                    # An uneven hand that fits one way need not fit the other.
                    if robot.gripper.is_even or not _gripper_hits(
                        surface, place, turned, robot, pads.width_m + search.slack_m
                    ):
                        T_prop_tcp = _tool_at(place, turned, robot, pads.width_m + search.slack_m)
                        found.append(
                            _candidate(T_prop_tcp, place, pads, float(slant[index]), center_of_mass_m, up_prop)
                        )
    return found


@dataclass(frozen=True, slots=True)
class _Pads:
    width_m: float
    offset_m: float
    contact_share: float


def _candidate(
    T_prop_tcp: Pose, place: Array, pads: _Pads, slant_rad: float, center_of_mass_m: Array, up: Array
) -> GraspCandidate:
    rotation = T_prop_tcp.rotation()
    lever_m = _lever_m(center_of_mass_m - place, rotation[:, 1], up)
    tilt_rad = float(np.arccos(np.clip(-rotation[:, 2] @ up, -1, 1)))
    return GraspCandidate(T_prop_tcp, pads.width_m, slant_rad, pads.contact_share, lever_m, tilt_rad)


def _tool_at(place: Array, rotation: Array, robot: Robot, width_m: float) -> Pose:
    """Return where the tool stands when the middle between the pads, at a width, is at a place."""
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = rotation, place
    return Pose.from_matrix(T) @ robot.gripper.T_middle_tcp(width_m)


def _upright(points: Array, normals: Array, closing: Array, up: Array) -> tuple[Array, Array, Array]:
    """Keep what can be closed on level, and level it: five joints come to any place from straight above only."""
    level = closing - np.outer(closing @ up, up)
    length = np.linalg.norm(level, axis=1)
    kept = length > _LEVEL_COSINE
    return points[kept], normals[kept], level[kept] / length[kept, None]


def _cone_directions(axes: Array, half_angle_rad: float, rng: np.random.Generator) -> Array:
    """Draw a direction within a cone about each axis, even over the cone's cap; every third keeps the axis itself."""
    cosine = 1 - rng.random(len(axes)) * (1 - np.cos(half_angle_rad))
    turn = rng.random(len(axes)) * 2 * np.pi
    cosine[::3] = 1.0
    side = np.cross(axes, np.where(np.abs(axes[:, :1]) < 0.7, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(axes, side)
    sine = np.sqrt(1 - cosine**2)[:, None]
    return axes * cosine[:, None] + sine * (side * np.cos(turn)[:, None] + other * np.sin(turn)[:, None])


def _approaches(closing: Array, up: Array, search: GraspSearch) -> list[Array]:
    """List the rotations about the closing direction whose approach points downwards."""
    level = np.cross(closing, up)
    if np.linalg.norm(level) < 0.3:
        return []
    down = -(up - closing * (closing @ up))
    down /= np.linalg.norm(down)
    level /= np.linalg.norm(level)
    found: list[Array] = []
    for turn in np.linspace(-np.pi, np.pi, search.approaches, endpoint=False):
        approach = down * np.cos(turn) + level * np.sin(turn)
        if np.arccos(np.clip(-approach @ up, -1, 1)) <= search.tilt_limit_rad:
            found.append(np.stack([np.cross(closing, approach), closing, approach], axis=1).astype(np.float64))
    return found


def _measure_pads(
    pieces: Sequence[ConvexSolid], center: Array, rotations: Sequence[Array], boxes: GripperBoxes
) -> list[_Pads | None]:
    """Close both pads as planes, once per rotation: where they stop, and how much of them touches."""
    if not rotations:
        return []
    half_x, _, half_z = boxes.pad_half_m
    steps = np.linspace(-0.9, 0.9, _PAD_GRID)
    grid = np.stack(np.meshgrid(steps * half_x, [0.0], steps * half_z + boxes.pad_center_z_m), axis=-1).reshape(-1, 3)
    turns = np.stack(rotations)
    directions = np.repeat(turns[:, :, 1], len(grid), axis=0)
    points = center + np.einsum("aij,gj->agi", turns, grid).reshape(-1, 3)
    across = chords(pieces, points - directions * _FAR_M, directions)
    near = (across.enter_m - _FAR_M).reshape(len(turns), -1)
    far = (across.leave_m - _FAR_M).reshape(len(turns), -1)
    return [_close(*sides) for sides in zip(near, far, strict=True)]


def _close(near: Array, far: Array) -> _Pads | None:
    if np.isnan(near).all():
        return None
    first, last = float(np.nanmin(near)), float(np.nanmax(far))
    touching = ((near - first < _TOUCH_M).mean() + (last - far < _TOUCH_M).mean()) / 2
    return _Pads(last - first, (first + last) / 2, float(touching))


def _gripper_hits(surface: Array, center: Array, rotation: Array, robot: Robot, width_m: float) -> bool:
    """Whether the open gripper's fingers or palm would be inside the object; points on its surface decide.

    The tool stands where the pads would have their middle at `center` if they were apart by `width_m`.
    """
    boxes, gripper = robot.gripper_boxes, robot.gripper
    local = (surface - center) @ rotation + gripper.middle_m(width_m)
    palm = (np.abs(local - np.array(boxes.palm_center_m)) < np.array(boxes.palm_half_m) + 0.002).all(axis=1)
    if palm.any():
        return True
    x, y, z = boxes.finger_half_m
    finger_y = gripper.max_width_m / 2 + y
    local -= gripper.middle_m(gripper.max_width_m)
    inside = (np.abs(local[:, 0]) < x) & (np.abs(np.abs(local[:, 1]) - finger_y) < y)
    return bool((inside & (np.abs(local[:, 2] - boxes.finger_center_z_m) < z)).any())


def _lever_m(from_grasp: Array, closing: Array, up: Array) -> float:
    # A weight that hangs straight below the closing line does not turn the object, however far below.
    arm = np.cross(up, closing)
    return float(abs(from_grasp @ arm) / max(np.linalg.norm(arm), 1e-9))
