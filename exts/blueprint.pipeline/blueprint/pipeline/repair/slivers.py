"""Faces with three corners on a line: their long side's neighbour is cut in two there, so that no crack is left."""

from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .deeds import Mended, deed
from .shapes import side_lengths_m, without_area
from .topology import Flags, Floats, Indices, Topology, topology_of

_ROUNDS = 12


@dataclass(frozen=True, eq=False)
class _Cuts:
    """Slivers (N,), the neighbour across the long side of each (N,) and which of its sides that is (N,)."""

    sliver: Indices
    neighbour: Indices
    side: Indices


def without_slivers(mesh: TriangleMesh) -> Mended:
    """Take out faces without height; what cannot be cut into a neighbour is dropped."""
    given = len(mesh.faces)
    cut = 0
    for _ in range(_ROUNDS):
        topology = topology_of(mesh)
        flat = without_area(mesh.vertices_m[mesh.faces], topology.faces)
        cuts = _cuts(mesh, topology, flat)
        if not len(cuts.sliver):
            break
        cut += len(cuts.sliver)
        mesh = _with_neighbours_cut(mesh, topology, cuts)
    else:
        flat = without_area(mesh.vertices_m[mesh.faces], topology_of(mesh).faces)
    dropped = int(flat.sum())
    if not cut and not dropped:
        return Mended(mesh)
    assert len(mesh.faces) == given
    return Mended(
        replace(mesh, faces=mesh.faces[~flat]),
        (
            *deed(dropped, "face", "faces", "without area removed"),
            *deed(cut, "face", "faces", "without height cut into its neighbour"),
        ),
    )


def _cuts(mesh: TriangleMesh, topology: Topology, flat: Flags) -> _Cuts:
    """Choose slivers with one sound neighbour across the long side, no neighbour twice in one round."""
    slivers = np.flatnonzero(flat)
    long_side = 3 * slivers + np.argmax(side_lengths_m(mesh.vertices_m[mesh.faces[slivers]]), axis=1)
    partner = np.full(3 * len(flat), -1, dtype=np.int64)
    first, second = topology.pairs.T
    partner[first], partner[second] = second, first
    across = partner[long_side]
    usable = (across >= 0) & ~flat[across // 3]
    slivers, across = slivers[usable], across[usable]
    kept = np.unique(across // 3, return_index=True)[1]
    return _Cuts(slivers[kept], across[kept] // 3, across[kept] % 3)


def _with_neighbours_cut(mesh: TriangleMesh, topology: Topology, cuts: _Cuts) -> TriangleMesh:
    """Cut each neighbour at the sliver's middle corner; one half takes the sliver's place."""
    rows = np.arange(len(cuts.sliver))
    start, end, apex = (mesh.faces[cuts.neighbour, (cuts.side + k) % 3] for k in range(3))
    ends = topology.faces[cuts.neighbour, cuts.side], topology.faces[cuts.neighbour, (cuts.side + 1) % 3]
    corners = topology.faces[cuts.sliver]
    middle = mesh.faces[cuts.sliver, np.argmax((corners != ends[0][:, None]) & (corners != ends[1][:, None]), axis=1)]
    vertices, uv = mesh.vertices_m, mesh.uv
    if uv is not None:
        # The neighbour may lie in another part of the texture, so the corner gets a coordinate of its own there.
        share = _share_of_way(vertices[start], vertices[end], vertices[middle])
        between = (uv[start] * (1 - share) + uv[end] * share).astype(np.float32)
        vertices, uv = np.concatenate([vertices, vertices[middle]]), np.concatenate([uv, between])
        middle = len(mesh.vertices_m) + rows
    faces = mesh.faces.copy()
    faces[cuts.neighbour] = np.stack([start, middle, apex], axis=1)
    faces[cuts.sliver] = np.stack([middle, end, apex], axis=1)
    return replace(mesh, vertices_m=vertices, faces=faces, uv=uv)


def _share_of_way(start: Floats, end: Floats, point: Floats) -> Floats:
    along = end - start
    share = np.einsum("ij,ij->i", point - start, along) / np.einsum("ij,ij->i", along, along)
    return np.clip(share, 0.0, 1.0)[:, None]
