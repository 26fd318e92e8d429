"""The noun all sample geometry is made of: a closed triangle shell with texture coordinates.

A shape stands in its own frame: Y up, +Z to the front, metres. Texture coordinates are glTF's (v runs down the image).
Vertices are repeated along texture seams; `welded` undoes that for whoever wants the closed surface.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shape:
    """A textured triangle mesh whose faces wind counter-clockwise seen from outside."""

    vertices_m: Floats
    """Positions, shape (V, 3)."""
    faces: Ints
    """Vertex indices, shape (F, 3)."""
    uv: Floats
    """Texture coordinates per vertex, shape (V, 2)."""
    part_of_face: Ints
    """Which moving part each face belongs to, shape (F,); all zero for a rigid object."""

    @property
    def bounds_m(self) -> Floats:
        """Lower and upper corner of the box around it, shape (2, 3)."""
        return np.array([self.vertices_m.min(axis=0), self.vertices_m.max(axis=0)])

    @property
    def size_m(self) -> Floats:
        """Edge lengths of the box around it, shape (3,)."""
        low, high = self.bounds_m
        return high - low

    def moved(self, offset_m: tuple[float, float, float] | Floats) -> "Shape":
        """Return the shape shifted by `offset_m`."""
        return replace(self, vertices_m=self.vertices_m + np.asarray(offset_m))

    def centred(self) -> "Shape":
        """Return the shape with the centre of its box at the origin."""
        return self.moved(-self.bounds_m.mean(axis=0))

    def laid_down(self) -> "Shape":
        """Return the shape turned on its back: what faced the front faces up."""
        x, y, z = self.vertices_m.T
        return replace(self, vertices_m=np.stack([x, z, -y], axis=1))

    def painted_at(self, u: float, v: float) -> "Shape":
        """Return the shape in the one colour that its texture has at (u, v)."""
        return replace(self, uv=np.tile([u, v], (len(self.vertices_m), 1)))


def rigid(vertices_m: Floats, faces: Ints, uv: Floats) -> Shape:
    """Return a shape of one part."""
    return Shape(vertices_m, faces, uv, np.zeros(len(faces), dtype=np.int64))


def joined(*shapes: Shape) -> Shape:
    """Return one shape holding all the given shells."""
    starts = np.cumsum([0, *(len(shape.vertices_m) for shape in shapes[:-1])])
    return Shape(
        np.concatenate([shape.vertices_m for shape in shapes]),
        np.concatenate([shape.faces + start for shape, start in zip(shapes, starts, strict=True)]),
        np.concatenate([shape.uv for shape in shapes]),
        np.concatenate([shape.part_of_face for shape in shapes]),
    )


def used_only(shape: Shape) -> Shape:
    """Return the shape without the vertices that no face uses."""
    used, inverse = np.unique(shape.faces, return_inverse=True)
    faces = inverse.reshape(-1, 3)
    return replace(shape, vertices_m=shape.vertices_m[used], faces=faces, uv=shape.uv[used])


def welded(shape: Shape) -> tuple[Floats, Ints]:
    """Return vertices and faces with equal positions made one: the closed surface without texture seams."""
    _, first, inverse = np.unique(np.round(shape.vertices_m, 9), axis=0, return_index=True, return_inverse=True)
    return shape.vertices_m[first], inverse.reshape(-1)[shape.faces]


def face_normals(vertices: Floats, faces: Ints) -> Floats:
    """Return normals as long as twice the face's area, shape (F, 3)."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    return np.cross(b - a, c - a)


def enclosed_volume(vertices: Floats, faces: Ints) -> tuple[float, Floats]:
    """Return the volume inside a closed surface and that volume's centre, in the units of the vertices."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    sixfold = np.einsum("ij,ij->i", a, np.cross(b, c))
    volume = float(sixfold.sum()) / 6.0
    return volume, (sixfold[:, None] * (a + b + c)).sum(axis=0) / (24.0 * volume)
