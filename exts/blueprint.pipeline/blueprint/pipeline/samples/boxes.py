"""Boxed shapes: one box with rounded edges, and many blocks fused into one surface as a reconstruction does."""

from dataclasses import dataclass

import numpy as np

from .shape import Floats, Ints, Shape, joined, rigid

Rect = tuple[float, float, float, float]
"""Part of a texture: left, top, right, bottom, each 0..1."""

SIDES = ("front", "back", "right", "left", "top", "bottom")
# For each side: the axis it faces with its sign, then the axes along which u and v grow (v grows downwards), signed.
_SIDE_AXES = {
    "front": ((2, 1), (0, 1), (1, -1)),
    "back": ((2, -1), (0, -1), (1, -1)),
    "right": ((0, 1), (2, -1), (1, -1)),
    "left": ((0, -1), (2, 1), (1, -1)),
    "top": ((1, 1), (0, 1), (2, 1)),
    "bottom": ((1, -1), (0, 1), (2, -1)),
}


@dataclass(frozen=True)
class Block:
    """An axis-aligned piece of a fused shape."""

    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
    finish: str
    """Which of the texture's areas it shows."""
    part: int = 0
    """The moving part it belongs to."""


def rounded_box(
    size_m: tuple[float, float, float], radius_m: float, atlas: dict[str, Rect], *, steps: int = 2
) -> Shape:
    """Return a box standing on y = 0 whose edges are rounded in twice `steps` facets per quarter turn.

    `atlas` gives each side of `SIDES` its area of the texture.
    """
    half = np.asarray(size_m) / 2.0
    offsets = radius_m * (1.0 - np.tan(np.linspace(0.25 * np.pi, 0.0, steps + 1)))
    ticks = [np.concatenate([-reach + offsets, (reach - offsets)[::-1]]) for reach in half]
    sides = [_rounded_side(side, half, radius_m, ticks, atlas[side]) for side in SIDES]
    return joined(*sides).moved((0.0, float(half[1]), 0.0))


def _rounded_side(side: str, half: Floats, radius_m: float, ticks: list[Floats], rect: Rect) -> Shape:
    (face_axis, face_sign), (u_axis, u_sign), (v_axis, v_sign) = _SIDE_AXES[side]
    u_ticks, v_ticks = ticks[u_axis][::u_sign], ticks[v_axis][::v_sign]
    v_grid, u_grid = np.meshgrid(v_ticks, u_ticks, indexing="ij")
    cube = np.zeros((*u_grid.shape, 3))
    cube[..., face_axis], cube[..., u_axis], cube[..., v_axis] = face_sign * half[face_axis], u_grid, v_grid
    core = np.clip(cube, radius_m - half, half - radius_m)
    away = cube - core
    rounded = core + radius_m * away / np.linalg.norm(away, axis=-1, keepdims=True)
    left, top, right, bottom = rect
    u = left + (right - left) * (u_sign * u_grid / half[u_axis] + 1.0) / 2.0
    v = top + (bottom - top) * (v_sign * v_grid / half[v_axis] + 1.0) / 2.0
    return rigid(rounded.reshape(-1, 3), _grid_faces(u_grid.shape), np.stack([u, v], axis=-1).reshape(-1, 2))


def _grid_faces(shape: tuple[int, ...]) -> Ints:
    """Triangles of a grid whose rows run down and whose columns run right, seen from outside."""
    index = np.arange(shape[0] * shape[1]).reshape(shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    return np.concatenate([np.stack([a, b, c], axis=-1).reshape(-1, 3), np.stack([a, c, d], axis=-1).reshape(-1, 3)])


def fused_blocks(blocks: list[Block], finishes: dict[str, Rect]) -> Shape:
    """Return the surface of the union of `blocks` as one shell without inner walls.

    Blocks that touch are grown together; each face keeps the part of the block that lies behind it.
    """
    ticks = [np.unique(np.round([(b.low_m[axis], b.high_m[axis]) for b in blocks], 6)) for axis in range(3)]
    owner = _owners(blocks, ticks)
    sides = [_fused_side(side, owner, ticks, blocks, finishes) for side in SIDES]
    return joined(*sides)


def _owners(blocks: list[Block], ticks: list[Floats]) -> Ints:
    """Index of the block in each cell, -1 where empty, with one empty layer all around."""
    owner = np.full([len(tick) + 1 for tick in ticks], -1, dtype=np.int64)
    for number, block in enumerate(blocks):
        low = [int(np.searchsorted(tick, round(value, 6))) for tick, value in zip(ticks, block.low_m, strict=True)]
        high = [int(np.searchsorted(tick, round(value, 6))) for tick, value in zip(ticks, block.high_m, strict=True)]
        owner[tuple(slice(a + 1, b + 1) for a, b in zip(low, high, strict=True))] = number
    return owner


def _fused_side(side: str, owner: Ints, ticks: list[Floats], blocks: list[Block], finishes: dict[str, Rect]) -> Shape:
    (face_axis, face_sign), (u_axis, u_sign), (v_axis, v_sign) = _SIDE_AXES[side]
    beyond = np.roll(owner, -face_sign, axis=face_axis)
    cells = np.argwhere((owner >= 0) & (beyond < 0))
    block_of_cell = owner[tuple(cells.T)]
    # A cell's lower corner has index cell - 1, because of the empty layer.
    corner = np.repeat((cells - 1)[:, None, :], 4, axis=1)
    corner[:, :, face_axis] += face_sign > 0
    # Corners a, b, c, d run down the left side and up the right one, seen from outside.
    for position, (right, down) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0))):
        corner[:, position, u_axis] += right if u_sign > 0 else 1 - right
        corner[:, position, v_axis] += down if v_sign > 0 else 1 - down
    names = sorted(finishes)
    finish = np.array([names.index(block.finish) for block in blocks])[block_of_cell]
    part = np.array([block.part for block in blocks])[block_of_cell]
    seam = np.repeat(np.stack([finish, part], axis=1)[:, None, :], 4, axis=1)
    unique, inverse = np.unique(np.concatenate([corner, seam], axis=-1).reshape(-1, 5), axis=0, return_inverse=True)
    quads = inverse.reshape(-1, 4)
    vertices = np.stack([ticks[axis][unique[:, axis]] for axis in range(3)], axis=1)
    rects = np.array([finishes[name] for name in names])[unique[:, 3]]
    extent = max(tick[-1] - tick[0] for tick in ticks)
    share = [(vertices[:, axis] - ticks[axis][0]) / extent for axis in (u_axis, v_axis)]
    uv = np.stack([rects[:, k] + (rects[:, k + 2] - rects[:, k]) * share[k] for k in range(2)], axis=1)
    return Shape(vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]), uv, np.concatenate([part, part]))
