import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples.lathe import Handle, lathe
from blueprint.pipeline.samples.shape import Shape, welded

WALL = [(0.0, 0.0), *((0.04, 0.01 * row) for row in range(11)), (0.0, 0.10)]
LOOP = Handle(
    upper_row=8, lower_row=3, reach_m=0.04, half_width_m=0.005, half_thickness_m=0.004, ring_count=12, uv=(0.1, 0.2)
)


def closed(shape: Shape) -> trimesh.Trimesh:
    vertices, faces = welded(shape)
    return trimesh.Trimesh(vertices, faces, process=False)


def test_a_turned_cylinder_has_the_volume_of_its_polygon() -> None:
    mesh = closed(lathe(WALL, segments=24))
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    polygon_m2 = 0.5 * 24 * 0.04**2 * np.sin(2 * np.pi / 24)
    assert mesh.volume == pytest.approx(polygon_m2 * 0.10)


def test_a_handle_grows_out_of_the_wall_as_one_surface() -> None:
    plain, held = closed(lathe(WALL, segments=24)), closed(lathe(WALL, segments=24, handle=LOOP))
    assert held.is_watertight
    assert held.is_winding_consistent
    assert held.body_count == 1
    # One through hole: a sphere's surface has Euler number 2, a torus' 0.
    assert (plain.euler_number, held.euler_number) == (2, 0)
    assert held.volume > plain.volume
    assert held.bounds[1, 0] > 0.06


def test_texture_runs_once_around_and_down_the_profile() -> None:
    shape = lathe(WALL, segments=24)
    assert shape.uv.min() == 0.0
    assert shape.uv.max() == 1.0
    bottom = shape.vertices_m[:, 1] < 1e-9
    assert shape.uv[bottom, 1].min() > shape.uv[~bottom, 1].max()
    front = np.argmax(shape.vertices_m[:, 2])
    assert shape.uv[front, 0] == pytest.approx(0.25)
