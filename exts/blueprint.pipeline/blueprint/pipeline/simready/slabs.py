"""Furniture under its support surfaces: a box collides in place of each, and hulls end below it."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.meshes import TriangleMesh

from .hulls import cut, height_above, hull_volume_m3
from .supports import slab_of

_BELOW_SURFACE_M = 0.001
_LIP_M = 0.01
_SMALLEST_M3 = 1e-6
_SLAB_MARGIN_M = np.array([0.01, 0.01, 0.003])
"""What may stick out of a slab, in its axes, and still be taken for part of it."""


def with_slabs(hulls: Sequence[TriangleMesh], surfaces: Sequence[SupportSurface]) -> list[TriangleMesh]:
    """Return furniture's hulls kept under its support surfaces, where boxes collide instead.

    A hull that bridges a surface is parted by it; what rises above is kept only where the surface is not.
    """
    pieces = list(hulls)
    for surface in surfaces:
        pieces = [part for piece in pieces for part in _beside_slab(piece, surface)]
    return pieces


def _beside_slab(hull: TriangleMesh, surface: SupportSurface) -> list[TriangleMesh]:
    top = surface.T_prop_surface.position_m[2]
    lowest, highest = hull.vertices_m[:, 2].min(), hull.vertices_m[:, 2].max()
    board_like = highest <= top + _LIP_M
    if highest <= top - _BELOW_SURFACE_M or lowest > top + _LIP_M or not (board_like or _over(hull, surface)):
        return [hull]
    lower = cut(hull, (0.0, 0.0, 1.0), top - _BELOW_SURFACE_M)
    beside = [] if board_like else _outside_rectangle(hull, surface)
    return [piece for piece in (lower, *beside) if piece is not None and not _inside_slab(piece, surface)]


def _outside_rectangle(hull: TriangleMesh, surface: SupportSurface) -> list[TriangleMesh]:
    """Return what of a hull rises above a surface, without what stands over its rectangle."""
    rotation, middle = surface.T_prop_surface.rotation(), np.asarray(surface.T_prop_surface.position_m)
    upper = cut(hull, (0.0, 0.0, -1.0), -middle[2])
    if upper is None:
        return []
    sides = [(sign * rotation[:, axis], surface.half_size_m[axis]) for axis in (0, 1) for sign in (1.0, -1.0)]
    parts = [cut(upper, -normal, -(float(normal @ middle) + half)) for normal, half in sides]
    return [part for part in parts if part is not None and hull_volume_m3(part) > _SMALLEST_M3]


def _over(hull: TriangleMesh, surface: SupportSurface) -> bool:
    """Whether a hull stands over the inner part of a surface's rectangle."""
    inner = np.maximum(np.asarray(surface.half_size_m) - _LIP_M, 1e-3)
    flat = np.array([(x, y) for x in np.linspace(-1, 1, 9) for y in np.linspace(-1, 1, 9)]) * inner
    lattice = surface.T_prop_surface.apply(np.column_stack([flat, np.full(len(flat), _LIP_M / 2)]))
    return bool((height_above(hull, lattice) < 0).any())


def _inside_slab(hull: TriangleMesh, surface: SupportSurface) -> bool:
    slab = slab_of(surface)
    local = slab.T_prop_box.inverse().apply(hull.vertices_m)
    return bool((np.abs(local) <= np.asarray(slab.half_extents_m) + _SLAB_MARGIN_M).all())
