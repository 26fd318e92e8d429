"""Closed surfaces become solids and come back with their texture coordinates; open and inverted ones do not."""

import numpy as np
from tests.articulate import furniture

from blueprint.pipeline.articulate.closed_solids import box, mesh_of, share_filled, solid_of, without_crumbs
from blueprint.pipeline.articulate.fronts import front_towards
from blueprint.pipeline.scene.meshes import TriangleMesh


def seamed_box() -> TriangleMesh:
    """Return a cube each of whose faces has vertices and texture coordinates of its own."""
    cube = mesh_of(furniture.block((0, 0, 0), (1, 1, 1)), textured=False)
    vertices = cube.vertices_m[cube.faces.reshape(-1)]
    return TriangleMesh(vertices, np.arange(36, dtype=np.int32).reshape(-1, 3), vertices[:, [0, 2]].astype(np.float32))


def test_vertices_repeated_along_seams_are_one_surface() -> None:
    solid = solid_of(seamed_box())
    assert solid is not None
    assert np.isclose(solid.volume(), 1.0)


def test_texture_coordinates_survive_a_cut() -> None:
    solid = solid_of(seamed_box())
    assert solid is not None
    inside, outside = solid.split(furniture.block((0.25, -1, -1), (2, 2, 2)).set_properties(2, lambda *_: np.ones(2)))
    for half in (mesh_of(inside, textured=True), mesh_of(outside, textured=True)):
        assert half.uv is not None
        made = np.isclose(half.vertices_m[:, 0], 0.25) & (half.uv == 1).all(axis=1)
        assert made.any()
        np.testing.assert_allclose(half.uv[~made], half.vertices_m[~made][:, [0, 2]], atol=1e-6)


def test_open_and_inside_out_surfaces_enclose_nothing() -> None:
    mesh = seamed_box()
    assert solid_of(TriangleMesh(mesh.vertices_m, mesh.faces[1:], mesh.uv)) is None
    assert solid_of(TriangleMesh(mesh.vertices_m, mesh.faces[:, ::-1], mesh.uv)) is None


def test_a_box_stands_where_the_front_says() -> None:
    front = front_towards(np.array([0.0, -1.0, 0.0]))
    made = mesh_of(box(front, (0.1, 0.2, 0.3), (0.5, 0.7, 0.4), (0.25, 0.75)), textured=True)
    np.testing.assert_allclose(made.bounds_m(), [[0.1, -0.4, 0.2], [0.5, -0.3, 0.7]], atol=1e-12)
    assert made.uv is not None
    assert (made.uv == [0.25, 0.75]).all()


def test_crumbs_are_dropped_and_shares_measured() -> None:
    cube = furniture.block((0, 0, 0), (1, 1, 1))
    crumbled = cube + furniture.block((2, 2, 2), (2.0005, 2.0005, 2.0005))
    assert len(without_crumbs(crumbled).decompose()) == 1
    assert np.isclose(share_filled(cube, furniture.block((0.5, 0, 0), (1.5, 1, 1))), 0.5)
