"""Make a scan's skin enclose a solid where little is wrong with it, so that it can be cut into closed parts.

The scan's own mesh is not touched: links are new meshes in any case, and what was done is said in the split's reason.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .caps import with_holes_capped
from .closed_solids import solid_of, welded_vertices
from .evidence import Surface


def closed_surfaces(meshes: Sequence[TriangleMesh]) -> tuple[list[Surface], list[str]]:
    """Return the meshes, each closed where that makes a solid, and what was done; others come back as they are."""
    made = [_closed(mesh) for mesh in meshes]
    return [surface for surface, _ in made], [note for _, notes in made for note in notes]


def _closed(mesh: TriangleMesh) -> tuple[Surface, list[str]]:
    if solid_of(mesh) is not None:
        return Surface(mesh), []
    tidy, notes = _tidied(mesh)
    if solid_of(tidy) is not None:
        return Surface(tidy), notes
    capped, holes = with_holes_capped(tidy)
    if holes and solid_of(capped) is not None:
        return Surface(capped, len(capped.faces) - len(tidy.faces)), [*notes, f"caps over {holes} holes of the scan"]
    return Surface(mesh), []


def _tidied(mesh: TriangleMesh) -> tuple[TriangleMesh, list[str]]:
    """Return a mesh without doubled faces and faces without area, wound outwards as a whole."""
    corners = welded_vertices(mesh)[mesh.faces]
    notes: list[str] = []
    kept = _distinct(corners)
    if not kept.all():
        notes.append(f"{int((~kept).sum())} doubled or collapsed faces of the scan left out")
    faces: NDArray[np.int32] = mesh.faces[kept]
    a, b, c = (mesh.vertices_m[faces[:, corner]] for corner in range(3))
    if float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
        notes.append("the scan was inside out")
    return TriangleMesh(mesh.vertices_m, faces, mesh.uv), notes


def _distinct(corners: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which faces (F,) have three corners and are not there before."""
    ordered = np.sort(corners, axis=1)
    _, first = np.unique(ordered, axis=0, return_index=True)
    kept = np.zeros(len(corners), dtype=bool)
    kept[first] = True
    return kept & (ordered[:, 0] != ordered[:, 1]) & (ordered[:, 1] != ordered[:, 2])
