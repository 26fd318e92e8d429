"""Parts of a texture, and what keeps them and the two sides of a wall apart when the nearest place is looked for."""

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .nearness import Surface
from .shapes import area_vectors
from .topology import Floats, Indices, connected

_TURN = 4.0
"""Distance, in tolerated deviations, as which a turn of the surface by one radian counts."""


def part_of_vertex(mesh: TriangleMesh) -> Indices:
    """Number the parts of the texture; within one, the mesh is connected without a seam."""
    a, b, c = mesh.faces.T.astype(np.int64)
    return connected(len(mesh.vertices_m), np.concatenate([a, b]), np.concatenate([b, c]))


def marked_surface(mesh: TriangleMesh, part: Indices, deviation_m: float) -> Surface:
    """Return a surface on which a search keeps to one part of the texture and to one side of a wall."""
    return Surface(mesh, face_marks(mesh, part, deviation_m))


def face_marks(mesh: TriangleMesh, part: Indices, deviation_m: float) -> Floats:
    """Return what sets faces apart, shape (F, 4): their direction and their part of the texture, in metres."""
    vectors = area_vectors(mesh.vertices_m[mesh.faces])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: Floats = vectors / np.where(lengths > 0, lengths, 1.0)
    gap_m = 10.0 * float(np.ptp(mesh.vertices_m, axis=0).max())
    parts = part[mesh.faces[:, :1]].astype(np.float64)
    return np.concatenate([_TURN * deviation_m * directions, gap_m * parts], axis=1)
