"""Where a parallel gripper can take hold: ranked pairs of opposite points on the shape that is simulated.

Fingers are boxes at both points and a palm behind them, none of which may meet the prop. What moves on joints is taken
by its handles, from the side to which it opens; a loose thing from above rather than from the side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.edits import AddGrasp, GraspAnnotation
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.sims.solids import ConvexSolid, chords, convex_solid, surface_samples

from .interiors import way_out
from .solids import Solid

Floats = NDArray[np.float64]

MOST = 8

_SAMPLES, _SURFACE_SAMPLES = 1500, 4000
_THINNEST_M, _SLACK_M = 0.003, 0.004
_SLANT_RAD = float(np.arctan(0.4))
"""Worst angle between the closing line and a normal: the friction of most materials holds it."""

_FINGER_HALF_M = (0.01, 0.006, 0.0225)
"""Half size of a finger across, along the closing line and along the approach: those of common two-finger grippers."""

_FINGER_AHEAD_M = 0.008
"""How far the fingertips reach past the contact points."""

_PALM_HALF_M = (0.03, 0.05, 0.02)
_REACH_M = 0.12
"""No corner of fingers and palm is farther from the closing line."""

_TURNS = sorted(np.linspace(-np.pi, np.pi, 12, endpoint=False).tolist(), key=abs)
_NEAREST_COSINE = 0.17
_LEVER_M = 0.06
"""Lever of the weight about the closing line at which a grasp is worth 1/e of one through the centre of mass."""

_APART = 0.2
"""Share of the prop's size by which two annotations lie apart, or a turn of 45 degrees."""


@dataclass(frozen=True, eq=False)
class _Pair:
    first: Floats
    second: Floats
    approach: Floats
    score: float

    @property
    def middle(self) -> Floats:
        return (self.first + self.second) / 2

    @property
    def closing(self) -> Floats:
        line = self.second - self.first
        return line / np.linalg.norm(line)


def propose_grasps(
    prop: Prop,
    body: str,
    shapes: Mapping[str, Sequence[TriangleMesh]],
    center_m: Floats,
    toward: Floats,
    opening_m: float,
    rng: np.random.Generator,
    most: int = MOST,
) -> list[AddGrasp]:
    """Return the best grasps of one link; `toward` is the unit direction in which the hand likes to come.

    `shapes` are the colliders of all links, the obstacles among them; the floor counts where the hand comes from above.
    """
    pieces = [convex_solid(shape.vertices_m) for shape in shapes[body]]
    obstacles = [convex_solid(shape.vertices_m) for entries in shapes.values() for shape in entries]
    surface, _ = surface_samples(obstacles, _SURFACE_SAMPLES, rng)
    pairs = _pairs(pieces, surface, center_m, toward, opening_m, rng)
    size = float(np.ptp(np.concatenate([piece.corners_m for piece in pieces]), axis=0).max())
    chosen = _apart(pairs, _APART * size, most)
    prefix = "grasp" if len(shapes) == 1 else f"grasp_{body}"
    return [_edit(prop, body, f"{prefix}_{order:02d}", pair, center_m) for order, pair in enumerate(chosen, start=1)]


def grasps_of_handles(
    prop: Prop,
    shapes: Mapping[str, Sequence[TriangleMesh]],
    solids: Mapping[str, Solid],
    opening_m: float,
    rng: np.random.Generator,
) -> list[AddGrasp]:
    """Return where to take hold of each part on a joint, from the side to which it opens: at handles, knobs, rims."""
    found: list[AddGrasp] = []
    for joint in prop.joints:
        out = way_out(joint, solids[joint.child])
        if out.any():
            low, high = solids[joint.child].vertices_m.min(axis=0), solids[joint.child].vertices_m.max(axis=0)
            found += propose_grasps(prop, joint.child, shapes, (low + high) / 2, -out, opening_m, rng, most=3)
    return found


def _pairs(
    pieces: Sequence[ConvexSolid],
    surface: Floats,
    center_m: Floats,
    toward: Floats,
    opening_m: float,
    rng: np.random.Generator,
) -> list[_Pair]:
    points, normals = surface_samples(pieces, _SAMPLES, rng)
    closing = -normals
    across = chords(pieces, points - closing * 1e-3, closing)
    width = across.leave_m - across.enter_m
    slant = np.arccos(np.clip(np.einsum("nd,nd->n", across.leave_normal, closing), -1, 1))
    held = (width >= _THINNEST_M) & (width <= opening_m - _SLACK_M) & (slant < _SLANT_RAD)
    found: list[_Pair] = []
    for index in np.flatnonzero(held):
        first, along = points[index], closing[index]
        second = first + along * width[index]
        approach = _free_approach(surface, (first + second) / 2, along, float(width[index]), toward)
        if approach is not None:
            lever = float(np.linalg.norm(np.cross(center_m - (first + second) / 2, along)))
            facing = (1 + float(approach @ toward)) / 2
            score = (1 - float(slant[index]) / _SLANT_RAD) ** 0.5 * np.exp(-lever / _LEVER_M) * facing
            found.append(_Pair(first, second, approach, float(score)))
    return sorted(found, key=lambda pair: -pair.score)


def _free_approach(surface: Floats, middle: Floats, closing: Floats, width_m: float, toward: Floats) -> Floats | None:
    """Return the approach nearest the wanted one, within 80 degrees, on which open fingers and palm meet nothing."""
    level = toward - closing * (toward @ closing)
    if np.linalg.norm(level) < 0.2:
        return None
    level /= np.linalg.norm(level)
    side = np.cross(closing, level)
    local = (surface - middle) @ np.stack([side, closing, level], axis=1)
    local = local[(np.abs(local[:, 1]) < _PALM_HALF_M[1]) & (np.hypot(local[:, 0], local[:, 2]) < _REACH_M)]
    for turn in _TURNS:
        along, across = np.cos(turn), np.sin(turn)
        approach = level * along + side * across
        if approach @ toward < _NEAREST_COSINE:
            return None
        seen = np.column_stack(
            [local[:, 0] * along - local[:, 2] * across, local[:, 1], local[:, 2] * along + local[:, 0] * across]
        )
        if not _meets(seen, width_m):
            return approach
    return None


def _meets(local: Floats, width_m: float) -> bool:
    """Whether points, the closing line along y and the approach along z, lie in the open fingers or the palm."""
    x, y, z = _FINGER_HALF_M
    finger = np.abs(local - [0.0, 0.0, _FINGER_AHEAD_M - z])
    apart = np.abs(np.abs(local[:, 1]) - (width_m + _SLACK_M) / 2 - y)
    if ((finger[:, 0] < x) & (apart < y) & (finger[:, 2] < z)).any():
        return True
    palm = np.abs(local - [0.0, 0.0, _FINGER_AHEAD_M - 2 * z - _PALM_HALF_M[2]])
    return bool((palm < _PALM_HALF_M).all(axis=1).any())


def _apart(pairs: Sequence[_Pair], distance_m: float, most: int) -> list[_Pair]:
    """Take the best first and leave out what repeats one already taken."""
    chosen: list[_Pair] = []
    for pair in pairs:
        if len(chosen) == most:
            break
        repeats = any(
            np.linalg.norm(pair.middle - other.middle) < distance_m and abs(pair.closing @ other.closing) > 0.7
            for other in chosen
        )
        if not repeats:
            chosen.append(pair)
    return chosen


def _edit(prop: Prop, body: str, name: str, pair: _Pair, center_m: Floats) -> AddGrasp:
    score = round(min(max(pair.score, 0.0), 1.0), 3)
    grasp = GraspAnnotation(name, body, vec3(pair.first), vec3(pair.second), vec3(pair.approach), score)
    lever = float(np.linalg.norm(np.cross(center_m - pair.middle, pair.closing)))
    why = (
        f"opposite faces {1e3 * grasp.width_m:.1f} mm apart, {1e3 * lever:.0f} mm beside the centre; "
        "open fingers and palm meet nothing on the way"
    )
    return AddGrasp(prop.id, grasp, why)
