"""Recognise the board in a predicted part, and with it what kind of part it is."""

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Joint

from .fronts import Panel, Rectangle, front_towards, weighted_normals
from .moving_parts import Kind

Floats = NDArray[np.float64]

_ALONG = 0.9
_LEVEL_M = 0.003
_BOARD_M = (0.003, 0.06)
_LEAST_FACE, _LEAST_BACK = 0.4, 0.25
_KNOB_M = 0.1
_KNOB_OFF_M = 0.02


def panel_of(mesh: TriangleMesh, joint: Joint, centre_m: Floats) -> Panel | None:
    """Return the board that a part shows, or None for a part that is none.

    A sliding board faces where it goes; a turning one faces across its axis, away from the prop's centre.
    """
    normals, areas = weighted_normals(mesh)
    outward = _outward(normals, areas, joint, mesh.vertices_m.mean(axis=0) - centre_m)
    if outward is None:
        return None
    front = front_towards(outward)
    points = front.local(mesh.vertices_m)
    heights = points[mesh.faces].mean(axis=1)[:, 2]
    along = normals @ outward
    face = _outermost_level(heights[along > _ALONG], areas[along > _ALONG], _LEAST_FACE)
    if face is None:
        return None
    face_area = float(areas[(along > _ALONG) & (np.abs(heights - face) < _LEVEL_M)].sum())
    behind = (along < -_ALONG) & (heights < face - _BOARD_M[0] / 2)
    back = _outermost_level(heights[behind], areas[behind], 0.0, least_m2=_LEAST_BACK * face_area)
    if back is None or not _BOARD_M[0] <= face - back <= _BOARD_M[1]:
        return None
    shown = points[mesh.faces[(along > _ALONG) & (np.abs(heights - face) < _LEVEL_M)]].reshape(-1, 3)
    (left, bottom), (right, top) = shown[:, :2].min(axis=0), shown[:, :2].max(axis=0)
    return Panel(front, Rectangle(float(left), float(bottom), float(right), float(top)), face, face - back)


def kind_of(mesh: TriangleMesh, joint: Joint, panel: Panel | None) -> Kind:
    """Return what a person would call a part that moves so."""
    axis, level = np.asarray(joint.axis), abs(joint.axis[2])
    if joint.kind == "prismatic":
        return "drawer" if panel is not None and level < 0.5 else "sliding"
    low, high = mesh.bounds_m()
    off = np.cross((low + high) / 2 - np.asarray(joint.origin_m), axis)
    if float((high - low).max()) < _KNOB_M and float(np.linalg.norm(off)) < _KNOB_OFF_M:
        return "knob"
    if panel is None:
        return "hinged"
    return "lid" if level < 0.5 and panel.front.outward[2] > 0.7 else "door"


def _outward(normals: Floats, areas: Floats, joint: Joint, away: Floats) -> Floats | None:
    axis = np.asarray(joint.axis)
    if joint.kind == "prismatic":
        return axis * (1.0 if abs(joint.upper) >= abs(joint.lower) else -1.0)
    # Of all directions across the hinge, the one that most of the surface faces or backs.
    across = normals - (normals @ axis)[:, None] * axis
    _, vectors = np.linalg.eigh((across * areas[:, None]).T @ across)
    outward = vectors[:, 2]
    side = float(outward @ away)
    return None if abs(side) < 1e-9 else outward * np.sign(side)


def _outermost_level(heights: Floats, areas: Floats, share: float, least_m2: float = 0.0) -> float | None:
    """Return the outermost height at which much area lies: a share of the largest level's, or a given area."""
    if not len(heights):
        return None
    slot = np.round(heights / _LEVEL_M).astype(np.int64)
    slots, inverse = np.unique(slot, return_inverse=True)
    sums = np.bincount(inverse, weights=areas)
    # A level may fall between two slots.
    spread = sums + np.array([sums[np.abs(slots - one) == 1].sum() for one in slots])
    enough = np.flatnonzero(spread >= max(share * float(spread.max()), least_m2))
    if not len(enough):
        return None
    best = enough[-1]
    while best > 0 and slots[best - 1] == slots[best] - 1 and sums[best - 1] > sums[best]:
        best -= 1
    near = np.abs(slots[inverse] - slots[best]) <= 1
    return float(np.average(heights[near], weights=areas[near]))
