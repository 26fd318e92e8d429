"""What simplification costs: distance between the surfaces and shift of the texture on them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .nearness import Surface, samples
from .texture_parts import face_marks, marked_surface, part_of_vertex
from .topology import Indices

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


@dataclass(frozen=True, eq=False)
class Original:
    """A mesh with which several of fewer faces over the same vertices are compared.

    `texture_px` is the wider side of the image, None where the mesh shows none.
    """

    mesh: TriangleMesh
    limits: Limits
    texture_px: int | None

    def loss_of(self, coarse: TriangleMesh) -> Loss:
        """Measure one; the texture only where there is one to show and the surface is near enough."""
        deviation = _farthest(coarse, self._surface)
        if deviation <= self.limits.deviation_m:
            deviation = max(deviation, _farthest(self.mesh, _plain_surface(coarse)))
        if self.texture_px is None or self.mesh.uv is None or deviation > self.limits.deviation_m:
            return Loss(deviation, None)
        return Loss(deviation, self.texture_px * self._texture_shift(coarse))

    @cached_property
    def _surface(self) -> Surface:
        return _plain_surface(self.mesh)

    @cached_property
    def _part_of_vertex(self) -> Indices:
        return part_of_vertex(self.mesh)

    @cached_property
    def _marked_surface(self) -> Surface:
        return marked_surface(self.mesh, self._part_of_vertex, self.limits.deviation_m)

    def _texture_shift(self, coarse: TriangleMesh) -> float:
        """Return how far what is shown lies, in the image, from what was shown there: 95th percentile, in its sides."""
        assert self.mesh.uv is not None
        assert coarse.uv is not None
        corners = coarse.vertices_m[coarse.faces]
        face, shares = samples(corners, _LOOKED_AT // 2)
        step = 1 + len(face) // _LOOKED_AT
        face, shares = face[::step], shares[::step]
        points = np.einsum("nk,nkd->nd", shares, corners[face])
        marks = face_marks(coarse, self._part_of_vertex, self.limits.deviation_m)[face]
        foot = self._marked_surface.nearest(points, marks)
        shown = np.einsum("nk,nkd->nd", shares, coarse.uv[coarse.faces[face]])
        was_shown = np.einsum("nk,nkd->nd", foot.shares, self.mesh.uv[self.mesh.faces[foot.face]])
        return float(np.quantile(np.linalg.norm(shown - was_shown, axis=1), 0.95))


def _plain_surface(mesh: TriangleMesh) -> Surface:
    return Surface(mesh, np.zeros((len(mesh.faces), 0)))


def _farthest(one: TriangleMesh, surface: Surface) -> float:
    """Return how far the points of one surface lie from the other at most: its vertices and samples of its faces."""
    corners = one.vertices_m[one.faces]
    face, shares = samples(corners, _LOOKED_AT // 2)
    points = np.concatenate([one.vertices_m[np.unique(one.faces)], np.einsum("nk,nkd->nd", shares, corners[face])])
    points = points[:: 1 + len(points) // _LOOKED_AT]
    return float(surface.nearest(points, np.zeros((len(points), 0))).distance_m.max())
