"""Shading normals: flat where creased, smooth where not."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.usd.kitchenette import box, cylinder

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.usd.normals import crease_normals


def test_a_box_is_shaded_flat() -> None:
    mesh = box((0.1, 0.2, 0.3), (0.2, 0.4, 0.6))
    normals = crease_normals(mesh).reshape(-1, 3, 3)
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    assert np.allclose(normals, flat[:, None, :], atol=1e-6)


def test_a_cylinder_is_smooth_around_and_creased_at_its_rim() -> None:
    mesh = cylinder(0.05, 0.2, 48)
    corners = mesh.vertices_m[mesh.faces.reshape(-1)]
    normals = crease_normals(mesh)
    side = np.abs(normals[:, 2]) < 0.5
    radial = corners[side, :2] / np.linalg.norm(corners[side, :2], axis=1, keepdims=True)
    assert np.allclose(normals[side, :2], radial, atol=0.02)
    assert np.allclose(np.abs(normals[~side]), [0, 0, 1], atol=1e-6)


def test_points_split_by_a_texture_seam_are_shaded_as_one() -> None:
    mesh = cylinder(0.05, 0.2, 48)
    split = TriangleMesh(mesh.vertices_m[mesh.faces.reshape(-1)], np.arange(3 * len(mesh.faces)).reshape(-1, 3))
    assert np.allclose(crease_normals(split), crease_normals(mesh), atol=1e-6)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_normals_have_unit_length_even_on_faces_without_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vertices = np.round(rng.random((8, 3)), 1)
    faces = rng.integers(0, 8, (12, 3)).astype(np.int32)
    lengths = np.linalg.norm(crease_normals(TriangleMesh(vertices, faces)), axis=1)
    assert np.allclose(lengths, 1, atol=1e-5)
