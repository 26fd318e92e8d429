from pathlib import Path

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples.environment import Environment, Item
from blueprint.pipeline.samples.particulate_prediction import write_prediction

METRES_PER_UNIT = 0.45


@pytest.fixture
def cabinet(kitchen: Environment) -> Item:
    return next(item for item in kitchen.items if item.joints)


@pytest.fixture
def prediction(cabinet: Item, tmp_path: Path) -> tuple[trimesh.Trimesh, dict[str, np.ndarray]]:
    write_prediction(tmp_path / "eval", cabinet.shape, cabinet.joints, metres_per_unit=METRES_PER_UNIT)
    mesh = trimesh.load_mesh(tmp_path / "eval" / "pred.obj", process=False, maintain_order=True)
    with np.load(tmp_path / "eval" / "pred.npz", allow_pickle=False) as arrays:
        return mesh, {name: arrays[name] for name in arrays}


def test_shapes_and_types_are_those_of_the_format(prediction: tuple[trimesh.Trimesh, dict[str, np.ndarray]]) -> None:
    mesh, fields = prediction
    assert fields["face_part_ids"].shape == (len(mesh.faces),)
    assert fields["motion_hierarchy"].tolist() == [[0, 1], [0, 2]]
    assert fields["is_part_prismatic"].tolist() == [False, True, False]
    assert fields["is_part_revolute"].tolist() == [False, False, True]
    assert fields["revolute_plucker"].shape == (3, 6)
    assert {name: array.dtype.name for name, array in fields.items() if "range" in name} == {
        "revolute_range": "float32",
        "prismatic_range": "float32",
    }


def test_the_hinge_is_recovered_through_the_normalised_frame(
    cabinet: Item, prediction: tuple[trimesh.Trimesh, dict[str, np.ndarray]]
) -> None:
    mesh, fields = prediction
    direction, moment = np.split(fields["revolute_plucker"][2], 2)
    turned = np.stack([mesh.vertices[:, 0], -mesh.vertices[:, 2], mesh.vertices[:, 1]], axis=1)
    centre, extent = (turned.min(axis=0) + turned.max(axis=0)) / 2.0, np.ptp(turned, axis=0).max()
    x, y, z = np.cross(moment, direction) * extent + centre
    found = np.array([x, z, -y]) * METRES_PER_UNIT
    hinge = next(joint for joint in cabinet.joints if joint.kind == "revolute")
    off_axis = np.cross(found - hinge.point_m, hinge.axis)
    np.testing.assert_allclose(off_axis, 0.0, atol=1e-6)
    np.testing.assert_allclose([direction[0], direction[2], -direction[1]], hinge.axis, atol=1e-12)
    np.testing.assert_allclose(fields["revolute_range"][2], hinge.range)


def test_the_drawer_slides_to_the_front_by_its_travel(
    cabinet: Item, prediction: tuple[trimesh.Trimesh, dict[str, np.ndarray]]
) -> None:
    mesh, fields = prediction
    np.testing.assert_allclose(fields["prismatic_axis"][1], [0.0, -1.0, 0.0])
    travel_m = fields["prismatic_range"][1] * np.ptp(mesh.vertices, axis=0).max() * METRES_PER_UNIT
    np.testing.assert_allclose(travel_m, cabinet.joints[0].range, rtol=1e-6)


def test_the_mesh_stays_in_its_input_frame(
    cabinet: Item, prediction: tuple[trimesh.Trimesh, dict[str, np.ndarray]]
) -> None:
    mesh, _ = prediction
    expected = cabinet.shape.vertices_m[cabinet.shape.faces] / METRES_PER_UNIT
    np.testing.assert_allclose(mesh.vertices[mesh.faces], expected, atol=1e-6)
