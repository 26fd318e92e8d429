"""Cut a prop's meshes into the parts of a prediction; the scan's own meshes stay as they are."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.predictions import PartPrediction

Ids = NDArray[np.int32]

_SAME_FACE = 1e-4


def part_of_each_face(prediction: PartPrediction, meshes: Sequence[TriangleMesh]) -> tuple[list[Ids], str]:
    """Return the part of each face of a prop's meshes, and how it was found.

    The prediction's faces are the prop's own in the same order when numbers and places agree; otherwise each face takes
    the part of the predicted face whose centre is nearest.
    """
    centres = [_centres(mesh.vertices_m, mesh.faces) for mesh in meshes]
    together = np.concatenate(centres)
    predicted = _centres(prediction.vertices, prediction.faces)
    size = float(np.ptp(prediction.vertices, axis=0).max())
    counts = np.cumsum([len(entry) for entry in centres])[:-1]
    if len(together) == len(predicted) and float(np.abs(together - predicted).max()) <= _SAME_FACE * size:
        return list(np.split(prediction.face_part_ids, counts)), "same faces in the same order"
    _, nearest = KDTree(predicted).query(together)
    return list(np.split(prediction.face_part_ids[nearest], counts)), "nearest face centres"


def group_parts(parents: Mapping[int, int], moving: Sequence[int], parts: Sequence[int]) -> dict[int, int]:
    """Map each part to the leader of its rigid group: itself if it moves, its nearest moving ancestor, or the base.

    The base leads everything that no joint moves, also parts that the hierarchy does not mention.
    """
    base = base_part(parents, moving, parts)
    return {part: _leader(part, parents, frozenset(moving), base) for part in parts}


def base_part(parents: Mapping[int, int], moving: Sequence[int], parts: Sequence[int]) -> int:
    """Return the part that everything else hangs on: the lowest-numbered that is a parent and never a child."""
    roots = sorted(set(parents.values()) - set(parents))
    still = sorted(set(parts) - set(moving))
    return (roots or still or sorted(parts))[0]


def _leader(part: int, parents: Mapping[int, int], moving: frozenset[int], base: int) -> int:
    seen: set[int] = set()
    while part not in moving:
        if part in seen or part not in parents:
            return base
        seen.add(part)
        part = parents[part]
    return part


def cut_out(mesh: TriangleMesh, chosen: NDArray[np.bool_]) -> TriangleMesh:
    """Return the chosen faces (F,) of a mesh with only the vertices that they use, in their old order."""
    faces = mesh.faces[chosen]
    used = np.unique(faces)
    renumbered = np.full(len(mesh.vertices_m), -1, dtype=np.int32)
    renumbered[used] = np.arange(len(used), dtype=np.int32)
    uv = None if mesh.uv is None else mesh.uv[used]
    return TriangleMesh(mesh.vertices_m[used], renumbered[faces], uv)


def _centres(vertices: NDArray[np.float64], faces: Ids) -> NDArray[np.float64]:
    return vertices[faces].mean(axis=1)
