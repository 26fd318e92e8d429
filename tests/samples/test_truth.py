import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples.regen3d_run import UNITS_PER_METRE


@pytest.fixture
def truth(run_folder: Path) -> dict[str, Any]:
    return json.loads((run_folder / "truth.json").read_text(encoding="utf-8"))


def vertices_of(path: Path) -> np.ndarray:
    (mesh,) = trimesh.load_scene(path, process=False).geometry.values()
    return np.asarray(mesh.vertices)


def test_truth_leads_from_canonical_to_posed_meshes(run_folder: Path, truth: dict[str, Any]) -> None:
    T_camera_world = np.linalg.inv(truth["camera"]["T_world_camera"])
    for key, said in truth["objects"].items():
        canonical = vertices_of(run_folder / "output" / "3D" / key / f"{key}.glb")
        posed = vertices_of(run_folder / "output" / "glb" / f"{key}.glb")
        T = T_camera_world @ np.array(said["T_world_object"])
        camera_m = canonical * said["metres_per_canonical_unit"] @ T[:3, :3].T + T[:3, 3]
        np.testing.assert_allclose(posed, truth["scan_units_per_metre"] * camera_m, atol=2e-6)


def test_scales_differ_from_a_metre_and_from_each_other(truth: dict[str, Any]) -> None:
    assert truth["scan_units_per_metre"] == UNITS_PER_METRE != 1.0
    scales = [said["metres_per_canonical_unit"] for said in truth["objects"].values()]
    assert len(set(scales)) == len(scales)


def test_objects_rest_on_objects_or_the_floor(run_folder: Path, truth: dict[str, Any]) -> None:
    (floor,) = [path.stem for path in (run_folder / "output" / "masks").glob("floor__*.png")]
    known = {*truth["objects"], floor}
    assert {said["rests_on"] for said in truth["objects"].values()} <= known


def test_only_the_opening_cabinet_has_joints(truth: dict[str, Any]) -> None:
    (cabinet,) = [said for said in truth["objects"].values() if "joints" in said]
    drawer, door = cabinet["joints"]
    np.testing.assert_allclose(drawer["axis"]["world"], [0.0, -1.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(door["axis"]["world"], [0.0, 0.0, 1.0], atol=1e-9)
    low, high = np.array(cabinet["world_aabb_m"])
    assert (np.array(door["point"]["world"]) > low).all()
    assert (np.array(door["point"]["world"]) < high).all()
    assert cabinet["parts"] == ["body", "drawer", "door"]


@pytest.mark.shared
def test_fields_are_those_of_the_given_scans(truth: dict[str, Any]) -> None:
    given = Path(__file__).parents[3] / "shared" / "data" / "scans" / "kitchen_cabinet" / "truth.json"
    other = json.loads(given.read_text(encoding="utf-8"))
    assert set(truth) == set(other)
    assert set(truth["camera"]) == set(other["camera"])
    fields = {name for said in other["objects"].values() for name in said} - {"identity"}
    assert {name for said in truth["objects"].values() for name in said} == fields
    ours, theirs = (next(s["joints"] for s in t["objects"].values() if "joints" in s) for t in (truth, other))
    assert [set(joint) for joint in ours] == [set(joint) for joint in theirs]
