"""Cut a surface along its faces into pieces and close each with a cap over the cut."""

from dataclasses import dataclass

import numpy as np
from manifold3d import triangulate
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh, directed_edges

from .closed_solids import welded_vertices
from .parts import cut_out

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Edge = tuple[int, int]

_SAME_PLANE = 0.98
_OFF_PLANE = 0.02


@dataclass(frozen=True, eq=False)
class _Loop:
    """A closed run of vertices (N,) that a cap has to fill, counter-clockwise as seen from outside."""

    corners: Ints
    points_m: Floats
    area_m2: Floats


def capped_piece(mesh: TriangleMesh, chosen: NDArray[np.bool_]) -> TriangleMesh:
    """Return the chosen faces (F,) of a mesh, closed where the cut separates them from the other faces.

    Where the mesh itself is open it stays open. All of a cap has one texel's colour, that of an edge of the cut.
    """
    welded = welded_vertices(mesh)
    return _capped(mesh, welded, chosen, _cut_edges(welded, mesh.faces, chosen))


def with_holes_capped(mesh: TriangleMesh) -> tuple[TriangleMesh, int]:
    """Return a mesh with its open borders closed by caps, and how many there were; new faces come last."""
    welded = welded_vertices(mesh)
    directed = set(map(tuple, directed_edges(welded[mesh.faces]).tolist()))
    edges = sorted({(b, a) for a, b in directed if (b, a) not in directed})
    everything = np.ones(len(mesh.faces), dtype=bool)
    return _capped(mesh, welded, everything, edges), len(_loops(edges))


def _capped(mesh: TriangleMesh, welded: Ints, chosen: NDArray[np.bool_], edges: list[Edge]) -> TriangleMesh:
    piece = cut_out(mesh, chosen)
    loops = _loops(edges)
    if not loops:
        return piece
    place = np.zeros((int(welded.max()) + 1, 3))
    place[welded] = mesh.vertices_m
    # Where several vertices share a place, one of the piece's own has the colour of the cut's edge.
    colour = np.zeros((len(place), 2), dtype=np.float32)
    if mesh.uv is not None:
        used = np.unique(mesh.faces[chosen])
        colour[welded[used]] = mesh.uv[used]
    vertices, faces, uvs = [piece.vertices_m], [piece.faces.astype(np.int64)], [piece.uv]
    count = len(piece.vertices_m)
    for group in _nested([_loop(corners, place) for corners in loops]):
        corners = np.concatenate([loop.corners for loop in group])
        vertices.append(place[corners])
        faces.append(_filled(group) + count)
        if mesh.uv is not None:
            uvs.append(np.tile(colour[corners[0]], (len(corners), 1)))
        count += len(corners)
    uv = None if mesh.uv is None else np.concatenate([each for each in uvs if each is not None])
    return TriangleMesh(np.concatenate(vertices), np.concatenate(faces).astype(np.int32), uv)


def _cut_edges(welded: Ints, faces: NDArray[np.int32], chosen: NDArray[np.bool_]) -> list[Edge]:
    """Return the directed edges of a cap: edges between a chosen face and another, as the other face has them."""
    inside = directed_edges(welded[faces[chosen]])
    outside = directed_edges(welded[faces[~chosen]])
    own = set(map(tuple, inside.tolist()))
    return sorted({(a, b) for a, b in map(tuple, outside.tolist()) if (b, a) in own and (a, b) not in own})


def _loops(edges: list[Edge]) -> list[Ints]:
    """Join directed edges into closed runs; ends that close nothing are dropped and leave the piece open there."""
    following: dict[int, list[int]] = {}
    for start, end in edges:
        following.setdefault(start, []).append(end)
    found: list[Ints] = []
    while following:
        run = [min(following)]
        seen = {run[0]: 0}
        while run[-1] in following:
            choices = following[run[-1]]
            nearest = choices.pop(0)
            if not choices:
                del following[run[-1]]
            if nearest in seen:
                closed = run[seen[nearest] :]
                found.append(np.array(closed, dtype=np.int64))
                for corner in closed[1:]:
                    del seen[corner]
                run = run[: seen[nearest] + 1]
                continue
            seen[nearest] = len(run)
            run.append(nearest)
    return [run for run in found if len(run) >= 3]


def _loop(corners: Ints, place: Floats) -> _Loop:
    points = place[corners]
    centred = points - points.mean(axis=0)
    area = np.cross(centred, np.roll(centred, -1, axis=0)).sum(axis=0) / 2
    return _Loop(corners, points, area)


def _nested(loops: list[_Loop]) -> list[list[_Loop]]:
    """Group loops with the holes inside them: a ring-shaped cut has one cap, not two over each other."""
    sizes = np.array([np.linalg.norm(loop.area_m2) for loop in loops])
    order = np.argsort(-sizes, kind="stable")
    low = np.array([loop.points_m.min(axis=0) for loop in loops])
    high = np.array([loop.points_m.max(axis=0) for loop in loops])
    slack = _OFF_PLANE * (high - low).max(axis=1)
    groups: dict[int, list[_Loop]] = {}
    for number in order.tolist():
        outers = np.array(list(groups), dtype=np.int64)
        around = (low[number] >= low[outers] - slack[outers, None]) & (
            high[number] <= high[outers] + slack[outers, None]
        )
        inside = outers[around.all(axis=1)].tolist()
        home = next((at for at in inside if _is_hole(loops[number], loops[at], float(slack[at]))), number)
        groups.setdefault(home, []).append(loops[number])
    return list(groups.values())


def _is_hole(loop: _Loop, outer: _Loop, slack_m: float) -> bool:
    """Say whether a loop lies in the plane of a larger one and runs around the other way."""
    size, own = float(np.linalg.norm(outer.area_m2)), float(np.linalg.norm(loop.area_m2))
    if size == 0 or own == 0 or float(outer.area_m2 @ loop.area_m2) > -_SAME_PLANE * size * own:
        return False
    off = (loop.points_m - outer.points_m.mean(axis=0)) @ outer.area_m2 / size
    return bool(np.abs(off).max() <= slack_m)


def _filled(group: list[_Loop]) -> Ints:
    """Return triangles over a group's corners, in order of the group, wound as the outer loop is.

    Seen from either side an uneven cut gets the same triangles, so that the caps of two pieces fit each other.
    """
    normal = group[0].area_m2 / max(float(np.linalg.norm(group[0].area_m2)), 1e-30)
    reverse = bool(normal[int(np.argmax(np.abs(normal)))] < 0)
    normal = -normal if reverse else normal
    across = np.cross(normal, np.eye(3)[int(np.argmin(np.abs(normal)))])
    across /= max(float(np.linalg.norm(across)), 1e-30)
    flat = np.stack([across, np.cross(normal, across)])
    orders: list[Ints] = []
    count = 0
    for loop in group:
        order = np.arange(len(loop.corners), dtype=np.int64)
        order = order[::-1] if reverse else order
        orders.append(count + np.roll(order, -int(np.argmin(loop.corners[order]))))
        count += len(order)
    points = np.concatenate([loop.points_m for loop in group])
    outlines = [(points[order] @ flat.T).astype(np.float64) for order in orders]
    faces = np.concatenate(orders)[np.asarray(triangulate(outlines), dtype=np.int64)]
    return faces[:, ::-1] if reverse else faces
