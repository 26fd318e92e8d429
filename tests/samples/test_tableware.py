from collections.abc import Callable

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples import tableware
from blueprint.pipeline.samples.shape import Shape, welded

# Outer size [m] and the volume of what it is made of [cm3], lowest and highest plausible.
EXPECTED = {
    tableware.mug: ((0.115, 0.095, 0.078), (90, 140)),
    tableware.bowl: ((0.150, 0.064, 0.150), (140, 220)),
    tableware.bottle: ((0.066, 0.235, 0.066), (550, 680)),
    tableware.can: ((0.066, 0.101, 0.066), (290, 345)),
    tableware.apple: ((0.068, 0.066, 0.068), (130, 190)),
    tableware.cereal_box: ((0.190, 0.280, 0.055), (2900, 2930)),
    tableware.sponge: ((0.105, 0.034, 0.066), (215, 236)),
    tableware.cutting_board: ((0.300, 0.016, 0.200), (930, 960)),
}


def closed(shape: Shape) -> trimesh.Trimesh:
    vertices, faces = welded(shape)
    return trimesh.Trimesh(vertices, faces, process=False)


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
def test_each_is_one_closed_shell_of_household_size(make: Callable[[], Shape]) -> None:
    size_m, (low_cm3, high_cm3) = EXPECTED[make]
    shape = make()
    mesh = closed(shape)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    np.testing.assert_allclose(shape.size_m, size_m, atol=1e-3)
    assert low_cm3 < 1e6 * mesh.volume < high_cm3
    assert mesh.area_faces.min() > 1e-8
    assert shape.uv.min() >= 0.0
    assert shape.uv.max() <= 1.0


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
def test_each_stands_on_at_least_three_points_around_its_middle(make: Callable[[], Shape]) -> None:
    mesh = closed(make())
    resting = mesh.vertices[mesh.vertices[:, 1] < mesh.bounds[0, 1] + 1e-9][:, [0, 2]]
    around = resting - mesh.center_mass[[0, 2]]
    around = around[np.linalg.norm(around, axis=1) > 0.01]
    angles = np.sort(np.arctan2(around[:, 1], around[:, 0]))
    widest_gap_rad = np.diff([*angles, angles[0] + 2 * np.pi]).max()
    assert len(around) >= 3
    assert widest_gap_rad < np.pi


@pytest.mark.parametrize(("make", "floor_m"), [(tableware.mug, 0.0055), (tableware.bowl, 0.009)])
def test_vessels_are_open_above(make: Callable[[], Shape], floor_m: float) -> None:
    mesh = closed(make())
    hits, _, _ = mesh.ray.intersects_location([[0.0, 1.0, 0.0001]], [[0.0, -1.0, 0.0]], multiple_hits=False)
    assert hits[0, 1] == pytest.approx(floor_m, abs=1e-4)


def test_a_finger_fits_through_the_mug_handle() -> None:
    mesh = closed(tableware.mug())
    hits, _, _ = mesh.ray.intersects_location([[0.055, 0.0475, 0.2]], [[0.0, 0.0, -1.0]])
    assert len(hits) == 0
    assert mesh.contains([[0.070, 0.0475, 0.0]])[0]


def test_every_leaf_of_the_plant_is_closed_and_above_its_ground() -> None:
    mesh = closed(tableware.plant())
    assert mesh.is_watertight
    assert mesh.body_count == 15
    assert all(piece.volume > 0.0 for piece in mesh.split())
    assert mesh.bounds[0, 1] == pytest.approx(0.0)
