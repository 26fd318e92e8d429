"""Split objects into their connected pieces and merge pieces into one object, as a person has decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.formats.raw_scan import RawMesh, RawObject, RawSurface
from blueprint.pipeline.scene.corrections import Corrections

from .poses import RecoveredPose, as_placed, diagonal

Points = NDArray[np.float64]

SLIVER = 0.05
"""A connected piece smaller than this share of the largest is a splinter of the piece next to it."""

_WELD = 1e-5


@dataclass(frozen=True, eq=False)
class Placed:
    """An object under its id with its pose in the scan."""

    id: str
    raw: RawObject
    pose: RecoveredPose


def split_all(objects: Mapping[str, Placed], corrections: Corrections) -> dict[str, Placed]:
    """Return the objects with those replaced by their pieces that a person wants split, named ID_1, ID_2 by size.

    Raises RecipeError for an object that is of one piece, or whose pieces' names are taken.
    """
    found: dict[str, Placed] = {}
    for name, entry in objects.items():
        if corrections.of(name).split is None:
            found[name] = entry
            continue
        pieces = _pieces(entry)
        if len(pieces) < 2:
            fault = f"{name}: split: its mesh is one connected piece; remove the split"
            raise RecipeError("corrections.yaml", [fault])
        for number, piece in enumerate(pieces, 1):
            child = f"{name}_{number}"
            if child in objects:
                raise RecipeError("corrections.yaml", [f"{name}: split: an object is already called {child}"])
            found[child] = Placed(child, piece, entry.pose)
    return found


def merge_all(objects: Mapping[str, Placed], corrections: Corrections) -> dict[str, Placed]:
    """Return the objects with each piece joined to the one that it belongs to.

    Raises RecipeError for merges in a circle and into what is left out.
    """
    goals = {name: goal for name in objects if (goal := corrections.of(name).merge_into) is not None}
    merged = {name: entry for name, entry in objects.items() if name not in goals}
    for name in sorted(goals):
        goal, passed = goals[name], [name]
        while goal in goals and goal not in passed:
            passed.append(goal)
            goal = goals[goal]
        if goal in passed:
            raise RecipeError("corrections.yaml", [f"merge_into runs in a circle: {' -> '.join([*passed, goal])}"])
        if goal not in merged:
            listed = ", ".join(sorted(merged)) or "none"
            raise RecipeError(
                "corrections.yaml", [f"{name}: merge_into: {goal} is not in the scene; there are {listed}"]
            )
        merged[goal] = _joined(merged[goal], objects[name])
    return merged


def _pieces(entry: Placed) -> list[RawObject]:
    source = entry.raw.canonical or entry.raw.posed
    vertices, faces = source.vertices(), source.faces()
    group = _connected(vertices, faces)
    sizes = [diagonal(vertices[np.unique(faces[group == number])]) for number in range(group.max() + 1)]
    order = sorted(range(len(sizes)), key=lambda number: (-sizes[number], number))
    large = [number for number in order if sizes[number] >= SLIVER * sizes[order[0]]]
    centers = np.stack([vertices[faces[group == number]].reshape(-1, 3).mean(axis=0) for number in range(len(sizes))])
    home = np.array([_home(number, large, centers) for number in range(len(sizes))])
    return [_piece(entry, source, home[group] == number) for number in large]


def _home(number: int, large: list[int], centers: Points) -> int:
    if number in large:
        return number
    return large[int(np.argmin(np.linalg.norm(centers[large] - centers[number], axis=1)))]


def _connected(vertices: Points, faces: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each face's connected piece; vertices in one place count as one."""
    step = _WELD * diagonal(vertices)
    _, welded = np.unique(np.round(vertices / step).astype(np.int64), axis=0, return_inverse=True)
    corners = welded.reshape(-1)[faces]
    links = np.concatenate([corners[:, :2], corners[:, 1:]])
    count = int(welded.max()) + 1
    graph = coo_array((np.ones(len(links), dtype=np.int8), (links[:, 0], links[:, 1])), shape=(count, count))
    _, number = connected_components(graph, directed=False)
    _, dense = np.unique(number[corners[:, 0]], return_inverse=True)
    return dense.astype(np.int32)


def _piece(entry: Placed, source: RawMesh, wanted: NDArray[np.bool_]) -> RawObject:
    starts = np.cumsum([0, *(len(surface.faces) for surface in source.surfaces)])
    chosen = [
        _only(surface, wanted[start : start + len(surface.faces)])
        for surface, start in zip(source.surfaces, starts, strict=False)
        if wanted[start : start + len(surface.faces)].any()
    ]
    own = RawMesh(source.file, tuple(chosen))
    remarks = entry.raw.remarks
    if entry.raw.prediction is not None:
        remarks = (*remarks, f"{entry.raw.prediction.source} speaks of the object before it was split; it is not used")
    return replace(
        entry.raw,
        posed=_moved(own, entry.pose),
        canonical=own if entry.raw.canonical is not None else None,
        prediction=None,
        remarks=remarks,
    )


def _only(surface: RawSurface, wanted: NDArray[np.bool_]) -> RawSurface:
    kept, faces = np.unique(surface.faces[wanted], return_inverse=True)
    uv = surface.uv[kept] if surface.uv is not None else None
    return replace(surface, vertices=surface.vertices[kept], faces=faces.reshape(-1, 3).astype(np.int32), uv=uv)


def _joined(whole: Placed, piece: Placed) -> Placed:
    """Return an object with another's mesh added where it stands in the scan; a prediction for the whole is kept."""
    standing = _moved(piece.raw.canonical or piece.raw.posed, piece.pose)
    posed_whole = _moved(whole.raw.canonical or whole.raw.posed, whole.pose)
    posed = RawMesh(posed_whole.file, (*posed_whole.surfaces, *standing.surfaces))
    remarks = (*whole.raw.remarks, f"{piece.id} was merged into it by a person")
    if whole.raw.canonical is None:
        return replace(whole, raw=replace(whole.raw, posed=posed, remarks=remarks), pose=as_placed())
    back = _moved_back(standing, whole.pose)
    canonical = RawMesh(whole.raw.canonical.file, (*whole.raw.canonical.surfaces, *back.surfaces))
    return replace(whole, raw=replace(whole.raw, posed=posed, canonical=canonical, remarks=remarks))


def _moved(mesh: RawMesh, pose: RecoveredPose) -> RawMesh:
    return RawMesh(mesh.file, tuple(replace(entry, vertices=pose.apply(entry.vertices)) for entry in mesh.surfaces))


def _moved_back(mesh: RawMesh, pose: RecoveredPose) -> RawMesh:
    return RawMesh(
        mesh.file,
        tuple(
            replace(entry, vertices=(entry.vertices - pose.translation) @ pose.rotation / pose.scale)
            for entry in mesh.surfaces
        ),
    )
