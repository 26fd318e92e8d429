"""Whether two parallel fingers can hold an object: how thick it is between opposite faces, measured by rays."""

from dataclasses import dataclass

import numpy as np

from .solids import Solid

SAMPLES = 400
THINNEST_M = 0.003

_OPPOSITE_COSINE = float(np.cos(np.radians(20)))
_ENOUGH = 0.02
"""Share of rays that must find a pair of faces; fewer are chance hits on an edge."""


@dataclass(frozen=True)
class GraspWidth:
    """The widths of the pairs of opposite faces that fit, and the share of the surface that has one."""

    typical_m: float
    narrowest_m: float
    share: float


def measure_grasp_width(solid: Solid, opening_m: float, rng: np.random.Generator) -> GraspWidth | None:
    """Cast rays inwards from random points; None when no pair of faces fits between the fingers."""
    mesh = solid.mesh
    faces = rng.choice(len(solid.faces), size=SAMPLES, p=mesh.area_faces / mesh.area_faces.sum())
    weights = rng.dirichlet((1.0, 1.0, 1.0), size=SAMPLES)
    points = np.einsum("ij,ijk->ik", weights, solid.vertices_m[solid.faces[faces]])
    normals = mesh.face_normals[faces]
    hits, rays, targets = mesh.ray.intersects_location(points - 1e-5 * normals, -normals, multiple_hits=False)
    width = np.linalg.norm(hits - points[rays], axis=1)
    opposite = np.einsum("ij,ij->i", mesh.face_normals[targets], normals[rays]) < -_OPPOSITE_COSINE
    fitting = width[opposite & (width >= THINNEST_M) & (width <= opening_m)]
    if len(fitting) < _ENOUGH * SAMPLES:
        return None
    return GraspWidth(float(np.median(fitting)), float(fitting.min()), len(fitting) / SAMPLES)
