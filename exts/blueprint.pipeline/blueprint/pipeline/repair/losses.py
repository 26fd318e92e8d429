"""What simplification costs: distance between the surfaces and shift of the texture on them."""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .nearness import Surface, samples
from .texture_parts import face_marks, marked_surface, part_of_vertex

_LOOKED_AT = 40_000
"""Points of each surface at which it is compared with the other, at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What simplification may cost: distance between the surfaces in m, shift of the texture in pixels."""

    deviation_m: float
    texture_shift_px: float


@dataclass(frozen=True, slots=True)
class Loss:
    """What it did cost: the largest distance either way in m, and the texture's shift at 95 % of the surface."""

    deviation_m: float
    texture_shift_px: float | None

    def within(self, limits: Limits) -> bool:
        """Whether it may be taken."""
        return self.deviation_m <= limits.deviation_m and (self.texture_shift_px or 0.0) <= limits.texture_shift_px

    def words(self) -> str:
        """Say it in millimetres and pixels."""
        surface = f"the surface at most {1e3 * self.deviation_m:.3f} mm off"
        if self.texture_shift_px is None:
            return surface
        return f"{surface}, the texture at most {self.texture_shift_px:.2f} px off on 95 % of it"


def measure_loss(mesh: TriangleMesh, coarse: TriangleMesh, limits: Limits, texture_px: int | None) -> Loss:
    """Compare a mesh with one of fewer faces over the same vertices.

    The texture is compared only where there is one to show and the surface is near enough.
    """
    deviation = max(_farthest(mesh, coarse), _farthest(coarse, mesh))
    if texture_px is None or mesh.uv is None or coarse.uv is None or deviation > limits.deviation_m:
        return Loss(deviation, None)
    return Loss(deviation, texture_px * _texture_shift(mesh, coarse, limits.deviation_m))


def _farthest(one: TriangleMesh, other: TriangleMesh) -> float:
    """Return how far the points of one surface lie from the other at most: its vertices and samples of its faces."""
    corners = one.vertices_m[one.faces]
    face, shares = samples(corners, _LOOKED_AT // 2)
    points = np.concatenate([one.vertices_m[np.unique(one.faces)], np.einsum("nk,nkd->nd", shares, corners[face])])
    points = points[:: 1 + len(points) // _LOOKED_AT]
    surface = Surface(other, np.zeros((len(other.faces), 0)))
    return float(surface.nearest(points, np.zeros((len(points), 0))).distance_m.max())


def _texture_shift(mesh: TriangleMesh, coarse: TriangleMesh, deviation_m: float) -> float:
    """Return how far what is shown lies, in the image, from what was shown there: 95th percentile, in its sides."""
    assert mesh.uv is not None
    assert coarse.uv is not None
    part = part_of_vertex(mesh)
    corners = coarse.vertices_m[coarse.faces]
    face, shares = samples(corners, _LOOKED_AT // 2)
    step = 1 + len(face) // _LOOKED_AT
    face, shares = face[::step], shares[::step]
    points = np.einsum("nk,nkd->nd", shares, corners[face])
    marks = face_marks(coarse, part, deviation_m)[face]
    foot = marked_surface(mesh, part, deviation_m).nearest(points, marks)
    shown = np.einsum("nk,nkd->nd", shares, coarse.uv[coarse.faces[face]])
    was_shown = np.einsum("nk,nkd->nd", foot.shares, mesh.uv[mesh.faces[foot.face]])
    return float(np.quantile(np.linalg.norm(shown - was_shown, axis=1), 0.95))
