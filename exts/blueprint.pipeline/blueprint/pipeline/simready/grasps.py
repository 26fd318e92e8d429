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

from .grasp_width import THINNEST_M
from .interiors import way_out
from .solids import Solid

Floats = NDArray[np.float64]

MOST = 8

_SAMPLES = 1000
_SAMPLED_M, _FEWEST_SAMPLES, _MOST_SAMPLES = 0.004, 1500, 20000
"""Distance of the points that stand for obstacles, and the bounds of their number."""

_SPARE = 2
"""Times the wanted number of grasps that are looked for, since a worthy pair may be awkward to come to."""

_SLACK_M = 0.004
_SLANT_RAD = float(np.arctan(0.4))
"""Worst angle between the closing line and a normal: the friction of most materials holds it."""

_FINGER_HALF_M = (0.01, 0.006, 0.0225)
"""Half size of a finger across, along the closing line and along the approach: those of common two-finger grippers."""

_FINGER_AHEAD_M = 0.008
"""How far the fingertips reach past the contact points."""

_PALM_HALF_M = (0.03, 0.05, 0.02)
_REACH_M = 0.4
"""No corner of fingers, palm and arm is farther from the closing line."""

_TURNS = sorted(np.linspace(-np.pi, np.pi, 12, endpoint=False).tolist(), key=abs)
_NEAREST_COSINE = 0.17
_LEVER_M, _FAR_M = 0.06, 0.3
"""Level lever of the weight, and distance from the centre of mass, at which a grasp is worth 1/e of one through it."""

_ARM_HALF_M = (0.04, 0.04, 0.15)
"""Room for the hand behind the palm."""

_APART, _SAME_LINE = 0.2, 0.7
"""Share of the link's size by which two annotations lie apart, unless they close 45 degrees across one another."""


@dataclass(frozen=True, eq=False)
class _Held:
    """Opposite points by their middle, the unit line between them and their distance; `worth` is 0 to 1."""

    middle: Floats
    closing: Floats
    width_m: float
    worth: float

    def repeats(self, other: "_Held", apart_m: float) -> bool:
        """Whether it lies near another and closes along the same line."""
        near = np.linalg.norm(self.middle - other.middle) < apart_m
        return bool(near and abs(self.closing @ other.closing) > _SAME_LINE)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Opposite points with the approach of the hand."""

    first: Floats
    second: Floats
    approach: Floats
    score: float


def propose_grasps(
    prop: Prop,
    body: str,
    shapes: Mapping[str, Sequence[TriangleMesh]],
    center_m: Floats | None,
    toward: Floats,
    opening_m: float,
    rng: np.random.Generator,
    most: int = MOST,
) -> list[AddGrasp]:
    """Return the best grasps of one link; `toward` is the unit direction in which the hand likes to come.

    `shapes` are the colliders of all links, the obstacles among them. `center_m` is the centre of mass of what is
    lifted, None of what stays on its joint.
    """
    pieces = [convex_solid(shape.vertices_m) for shape in shapes[body]]
    obstacles = [convex_solid(shape.vertices_m) for entries in shapes.values() for shape in entries]
    surface, _ = surface_samples(obstacles, _sample_count(obstacles), rng)
    size = float(np.ptp(np.concatenate([piece.corners_m for piece in pieces]), axis=0).max())
    held = _held(pieces, center_m, opening_m, rng)
    chosen = _within_reach(held, surface, toward, _APART * size, _SPARE * most)[:most]
    prefix = "grasp" if len(shapes) == 1 else f"grasp_{body}"
    return [_edit(prop, body, f"{prefix}_{order:02d}", pair) for order, pair in enumerate(chosen, start=1)]


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
            found += propose_grasps(prop, joint.child, shapes, None, -out, opening_m, rng, most=3)
    return found


def _held(
    pieces: Sequence[ConvexSolid], center_m: Floats | None, opening_m: float, rng: np.random.Generator
) -> list[_Held]:
    """Sample opposite points that fit between the fingers and do not slip, the worthiest first."""
    points, normals = surface_samples(pieces, _SAMPLES, rng)
    closing = -normals
    across = chords(pieces, points - closing * 1e-3, closing)
    width = across.leave_m - across.enter_m
    slant = np.arccos(np.clip(np.einsum("nd,nd->n", across.leave_normal, closing), -1, 1))
    fits = (width >= THINNEST_M) & (width <= opening_m - _SLACK_M) & (slant < _SLANT_RAD)
    middles = points + closing * (width / 2)[:, None]
    steady = np.ones(len(points)) if center_m is None else _steadiness(center_m - middles, closing)
    worth = (1 - slant / _SLANT_RAD).clip(0) ** 0.5 * steady
    found = [_Held(middles[i], closing[i], float(width[i]), float(worth[i])) for i in np.flatnonzero(fits).tolist()]
    return sorted(found, key=lambda pair: -pair.worth)


def _within_reach(held: Sequence[_Held], surface: Floats, toward: Floats, apart_m: float, most: int) -> list[_Pair]:
    """Take the worthiest pairs to which a hand can come, leave out what repeats one taken, and rank them by score."""
    chosen: list[_Held] = []
    pairs: list[_Pair] = []
    for pair in held:
        if len(chosen) == most:
            break
        if any(pair.repeats(other, apart_m) for other in chosen):
            continue
        approach = _free_approach(surface, pair, toward)
        if approach is not None:
            half = pair.closing * pair.width_m / 2
            score = pair.worth * (1 + float(approach @ toward)) / 2
            chosen.append(pair)
            pairs.append(_Pair(pair.middle - half, pair.middle + half, approach, score))
    return sorted(pairs, key=lambda pair: -pair.score)


def _sample_count(pieces: Sequence[ConvexSolid]) -> int:
    sides = [piece.corners_m[piece.triangles] for piece in pieces]
    areas = [np.linalg.norm(np.cross(s[:, 1] - s[:, 0], s[:, 2] - s[:, 0]), axis=1).sum() / 2 for s in sides]
    return int(np.clip(float(sum(areas)) / _SAMPLED_M**2, _FEWEST_SAMPLES, _MOST_SAMPLES))


def _steadiness(to_center_m: Floats, closing: Floats) -> Floats:
    """Return (N,) how little the weight turns a thing about lines (N, 3): what hangs straight below does not."""
    arm = np.cross(np.array([[0.0, 0.0, 1.0]]), closing)
    length = np.maximum(np.linalg.norm(arm, axis=1), 1e-6)
    level = np.abs(np.einsum("nd,nd->n", to_center_m, arm)) / length
    return np.exp(-level / _LEVER_M - np.linalg.norm(to_center_m, axis=1) / _FAR_M)


def _free_approach(surface: Floats, pair: _Held, toward: Floats) -> Floats | None:
    """Return the approach nearest the wanted one, within 80 degrees, on which open fingers and palm meet nothing."""
    closing = pair.closing
    level = toward - closing * (toward @ closing)
    if np.linalg.norm(level) < 0.2:
        return None
    level /= np.linalg.norm(level)
    side = np.cross(closing, level)
    local = (surface - pair.middle) @ np.stack([side, closing, level], axis=1)
    local = local[(np.abs(local[:, 1]) < _PALM_HALF_M[1]) & (np.hypot(local[:, 0], local[:, 2]) < _REACH_M)]
    for turn in _TURNS:
        along, across = np.cos(turn), np.sin(turn)
        approach = level * along + side * across
        if approach @ toward < _NEAREST_COSINE:
            return None
        seen = np.column_stack(
            [local[:, 0] * along - local[:, 2] * across, local[:, 1], local[:, 2] * along + local[:, 0] * across]
        )
        if not _meets(seen, pair.width_m):
            return approach
    return None


def _meets(local: Floats, width_m: float) -> bool:
    """Whether points, the closing line along y and the approach along z, lie in the fingers, the palm or the arm."""
    x, y, z = _FINGER_HALF_M
    finger = np.abs(local - [0.0, 0.0, _FINGER_AHEAD_M - z])
    apart = np.abs(np.abs(local[:, 1]) - (width_m + _SLACK_M) / 2 - y)
    if ((finger[:, 0] < x) & (apart < y) & (finger[:, 2] < z)).any():
        return True
    behind = _FINGER_AHEAD_M - 2 * z - _PALM_HALF_M[2]
    palm = np.abs(local - [0.0, 0.0, behind])
    arm = np.abs(local - [0.0, 0.0, behind - _PALM_HALF_M[2] - _ARM_HALF_M[2]])
    return bool(((palm < _PALM_HALF_M).all(axis=1) | (arm < _ARM_HALF_M).all(axis=1)).any())


def _edit(prop: Prop, body: str, name: str, pair: _Pair) -> AddGrasp:
    score = round(min(max(pair.score, 0.0), 1.0), 3)
    grasp = GraspAnnotation(name, body, vec3(pair.first), vec3(pair.second), vec3(pair.approach), score)
    why = (
        f"opposite faces {1e3 * grasp.width_m:.1f} mm apart, worth {score:g} by slant, lever and approach; "
        "open fingers, palm and arm meet nothing"
    )
    return AddGrasp(prop.id, grasp, why)
