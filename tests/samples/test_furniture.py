import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples import furniture
from blueprint.pipeline.samples.shape import Floats, Shape, welded


@pytest.fixture(scope="module")
def cabinet() -> Shape:
    return furniture.opening_cabinet()


def part_vertices(shape: Shape, part: int) -> Floats:
    return shape.vertices_m[np.unique(shape.faces[shape.part_of_face == part])]


def test_the_cabinet_is_one_hollow_shell(cabinet: Shape) -> None:
    vertices, faces = welded(cabinet)
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert mesh.volume < 0.3 * np.prod(cabinet.size_m)
    assert cabinet.size_m[1] == pytest.approx(furniture.CABINET_HEIGHT_M)


@pytest.mark.parametrize(
    ("part", "axis", "planes"), [(furniture.DRAWER, 0, {-0.274, 0.274}), (furniture.DOOR, 2, {0.282})]
)
def test_cutting_a_part_off_leaves_flat_holes(cabinet: Shape, part: int, axis: int, planes: set[float]) -> None:
    vertices, faces = welded(cabinet)
    mesh = trimesh.Trimesh(vertices, faces[cabinet.part_of_face == part], process=False)
    edges, count = np.unique(np.sort(mesh.edges, axis=1), axis=0, return_counts=True)
    rim = vertices[np.unique(edges[count == 1])]
    assert set(np.round(rim[:, axis], 6).tolist()) == planes


def test_the_drawer_has_an_inside(cabinet: Shape) -> None:
    vertices, faces = welded(cabinet)
    drawer = trimesh.Trimesh(vertices, faces[cabinet.part_of_face == furniture.DRAWER], process=False)
    above = [[x, 1.0, z] for x in (-0.25, 0.01, 0.25) for z in (-0.20, 0.0, 0.26)]
    hits, rays, _ = drawer.ray.intersects_location(above, [[0.0, -1.0, 0.0]] * 9, multiple_hits=False)
    assert sorted(rays) == list(range(9))
    np.testing.assert_allclose(hits[:, 1], 0.705, atol=1e-6)
    assert drawer.bounds[1, 1] > 0.80


def test_the_door_swings_clear_of_the_carcass(cabinet: Shape) -> None:
    body = part_vertices(cabinet, furniture.BODY)
    front_m = np.sort(np.unique(np.round(body[:, 2], 6)))[-2]
    door = part_vertices(cabinet, furniture.DOOR) - furniture.DOOR_HINGE_M
    for angle in np.linspace(-furniture.DOOR_SWING_RAD, 0.0, 30):
        z = -np.sin(angle) * door[:, 0] + np.cos(angle) * door[:, 2] + furniture.DOOR_HINGE_M[2]
        assert z.min() > front_m


def test_the_drawer_stays_in_its_bay_all_the_way(cabinet: Shape) -> None:
    drawer = part_vertices(cabinet, furniture.DRAWER)
    behind_front = drawer[drawer[:, 2] < 0.282]
    assert np.abs(behind_front[:, 0]).max() < 0.282
    assert behind_front[:, 2].min() + furniture.DRAWER_TRAVEL_M < 0.279


def test_the_closed_cabinet_is_solid() -> None:
    shape = furniture.closed_cabinet(0.956)
    vertices, faces = welded(shape)
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    assert mesh.is_watertight
    assert mesh.volume > 0.9 * 0.956 * 0.865 * 0.6
    assert shape.size_m[0] == pytest.approx(0.956)


def test_the_countertop_is_flat() -> None:
    np.testing.assert_allclose(furniture.countertop().size_m, [1.60, furniture.COUNTERTOP_THICKNESS_M, 0.65])
