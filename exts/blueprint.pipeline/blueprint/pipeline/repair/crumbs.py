"""Loose crumbs: pieces of surface so small that they are dirt of the reconstruction."""

from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .deeds import Mended, deed
from .shapes import areas_m2
from .topology import Flags, Floats, topology_of

_EXTENT = 0.03
"""Diagonal of a crumb over that of its mesh, at most."""

_ALL_CRUMBS = 10
"""Crumbs together may have this many times the area of the largest one; more of them are the thing itself."""


@dataclass(frozen=True, eq=False)
class Sorted:
    """Which faces are crumbs that can go, and how many crumbs must stay because the mesh's box ends at them."""

    doomed: Flags
    crumbs: int
    kept: int


def without_crumbs(mesh: TriangleMesh, largest_share: float) -> Mended:
    """Drop loose pieces with less than a share of the area."""
    found = sort_crumbs(mesh, largest_share)
    if not found.crumbs:
        return Mended(mesh)
    return Mended(
        replace(mesh, faces=mesh.faces[~found.doomed]), deed(found.crumbs, "loose crumb", "loose crumbs", "removed")
    )


def sort_crumbs(mesh: TriangleMesh, largest_share: float) -> Sorted:
    """Find crumbs; one at which the mesh's box ends stays, since the prop's frame and size come from that box."""
    shell = topology_of(mesh).shell_of_face
    corners = mesh.vertices_m[mesh.faces]
    share = np.bincount(shell, areas_m2(corners))
    share = share / share.sum()
    low, high = _boxes(corners, shell, len(share))
    extent = np.linalg.norm(high - low, axis=1) / np.linalg.norm(high.max(axis=0) - low.min(axis=0))
    crumb = (share < largest_share) & (extent < _EXTENT)
    if not crumb.any() or crumb.all() or share[crumb].sum() > _ALL_CRUMBS * largest_share:
        return Sorted(np.zeros(len(shell), dtype=np.bool_), 0, 0)
    rest_low, rest_high = low[~crumb].min(axis=0), high[~crumb].max(axis=0)
    inside = crumb & (low >= rest_low).all(axis=1) & (high <= rest_high).all(axis=1)
    return Sorted(inside[shell], int(inside.sum()), int(crumb.sum() - inside.sum()))


def _boxes(corners: Floats, group: np.ndarray, count: int) -> tuple[Floats, Floats]:
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, group, corners.min(axis=1))
    np.maximum.at(high, group, corners.max(axis=1))
    return low, high
