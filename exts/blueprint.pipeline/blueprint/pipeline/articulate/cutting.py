"""Divide a prop's meshes among its links: along a prediction's faces, around found boards, and in a person's boxes."""

from collections.abc import Mapping, Sequence

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from blueprint.pipeline.scene.corrections import PartCorrection
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Visual

from .caps import capped_piece
from .closed_solids import TexturePoint, without_crumbs
from .moving_parts import MovingPart
from .parts import Ids
from .pieces import Links, Piece
from .regions import cut_out_part


def cut_along_faces(
    meshes: Sequence[TriangleMesh], visuals: Sequence[Visual], ids: Sequence[Ids], link_of_part: Mapping[int, str]
) -> Links:
    """Return the links' pieces, capped where the cut opens them; parts of one link stay together."""
    links: Links = {name: [] for name in sorted(set(link_of_part.values()))}
    for mesh, visual, entry in zip(meshes, visuals, ids, strict=True):
        for name, pieces in links.items():
            members = np.array([part for part, link in link_of_part.items() if link == name], dtype=np.int32)
            chosen = np.isin(entry, members)
            if chosen.any():
                pieces.append(Piece(capped_piece(mesh, chosen), visual.appearance))
    return {name: pieces for name, pieces in links.items() if pieces}


def cut_around_boards(whole: Sequence[Piece], parts: Sequence[MovingPart], base: str) -> Links:
    """Return the links' pieces; an open surface is divided along its faces."""
    links: Links = {base: list(whole)}
    for part in parts:
        taken, left = [], []
        for piece in links[base]:
            if piece.solid is None:
                first, second = _by_centres(piece, _centres_in_region(piece.mesh, part))
            else:
                first, second = _remade(piece, *cut_out_part(piece.solid, part, edge_texel(piece.mesh, part)))
            taken += first
            left += second
        if taken and left:
            links[base], links[part.joint.child] = left, taken
    return links


def cut_in_boxes(links: Links, boxes: Sequence[PartCorrection], scale: float) -> Links:
    """Return the pieces with what lies in each box given to the link that it names; later boxes take from earlier."""
    made = {name: list(pieces) for name, pieces in links.items()}
    for wanted in boxes:
        low, high = scale * np.asarray(wanted.low_m), scale * np.asarray(wanted.high_m)
        taken: list[Piece] = []
        for name in [name for name in made if name != wanted.part]:
            left: list[Piece] = []
            for piece in made[name]:
                first, second = _divided(piece, low, high)
                taken += first
                left += second
            made[name] = left
        made[wanted.part] = _joined([*made.get(wanted.part, []), *taken])
    return {name: pieces for name, pieces in made.items() if pieces}


def edge_texel(mesh: TriangleMesh, part: MovingPart) -> TexturePoint:
    """Return the texture point nearest to the edge of a board's back: inside faces take its colour."""
    if mesh.uv is None or part.panel is None:
        return (0.0, 0.0)
    panel = part.panel
    corner = panel.front.world(np.array([panel.rectangle.left, panel.rectangle.centre[1], panel.back_m]))
    nearest = int(np.argmin(np.linalg.norm(mesh.vertices_m - corner, axis=1)))
    return float(mesh.uv[nearest, 0]), float(mesh.uv[nearest, 1])


def _divided(piece: Piece, low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[list[Piece], list[Piece]]:
    solid = piece.solid
    if solid is None:
        centres = piece.mesh.vertices_m[piece.mesh.faces].mean(axis=1)
        return _by_centres(piece, ((centres >= low) & (centres <= high)).all(axis=1))
    texel = (0.0, 0.0) if piece.mesh.uv is None else _nearest_texel(piece.mesh, (low + high) / 2)
    cube = Manifold.cube(tuple(high - low)).translate(tuple(low))
    inside, outside = solid.split(cube.set_properties(2, lambda _position, _old: np.array(texel)))
    return _remade(piece, without_crumbs(inside), without_crumbs(outside))


def _nearest_texel(mesh: TriangleMesh, point_m: NDArray[np.float64]) -> TexturePoint:
    assert mesh.uv is not None
    nearest = int(np.argmin(np.linalg.norm(mesh.vertices_m - point_m, axis=1)))
    return float(mesh.uv[nearest, 0]), float(mesh.uv[nearest, 1])


def _remade(piece: Piece, first: Manifold, second: Manifold) -> tuple[list[Piece], list[Piece]]:
    return (
        [] if first.is_empty() else [piece.remade(first)],
        [] if second.is_empty() else [piece if first.is_empty() else piece.remade(second)],
    )


def _by_centres(piece: Piece, inside: NDArray[np.bool_]) -> tuple[list[Piece], list[Piece]]:
    halves: list[list[Piece]] = []
    for chosen in (inside, ~inside):
        halves.append([Piece(capped_piece(piece.mesh, chosen), piece.appearance)] if chosen.any() else [])
    return halves[0], halves[1]


def _centres_in_region(mesh: TriangleMesh, part: MovingPart) -> NDArray[np.bool_]:
    panel = part.panel
    if panel is None:
        return np.zeros(len(mesh.faces), dtype=bool)
    centres = panel.front.local(mesh.vertices_m[mesh.faces].mean(axis=1))
    area = panel.rectangle.grown(0.002)
    across = (centres[:, 0] >= area.left) & (centres[:, 0] <= area.right)
    upward = (centres[:, 1] >= area.bottom) & (centres[:, 1] <= area.top)
    return across & upward & (centres[:, 2] > panel.back_m + 0.001)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join solids of one look, so that a door and the strip that a person added to it are one board."""
    made: list[Piece] = []
    for piece in pieces:
        same = next((at for at, other in enumerate(made) if other.appearance == piece.appearance), None)
        first, second = None if same is None else made[same].solid, piece.solid
        if same is None or first is None or second is None:
            made.append(piece)
        else:
            made[same] = piece.remade(first + second)
    return made
