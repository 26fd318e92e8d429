import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.samples import write_simple_sample_scan
from blueprint.pipeline.samples.environment import Environment


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def vertices_of(folder: Path) -> np.ndarray:
    (mesh,) = trimesh.load_scene(folder / "mesh.glb", process=False).geometry.values()
    return np.asarray(mesh.vertices)


def test_the_description_has_every_required_field(simple_folder: Path) -> None:
    said = read(simple_folder / "scene_info.json")
    assert said["image_size"] == [1024, 768]
    assert said["coordinate_frame"] == "y_up"
    assert said["meters_per_unit"] == 1.0
    assert set(said) == {
        "scene_id",
        "image_size",
        "coordinate_frame",
        "meters_per_unit",
        "confidence",
        "version",
        "environment_type",
        "reconstruction_method",
        "generated_at",
    }


def test_every_placed_object_has_its_folder(simple_folder: Path, kitchen: Environment) -> None:
    names = {folder.name for folder in (simple_folder / "objects").iterdir()}
    assert len(names) == sum(item.fitted for item in kitchen.items)
    assert {"cabinet_0", "cabinet_1", "countertop_0", "cereal_box_0", "mug_0"} <= names
    assert not any(name.startswith("plant") for name in names)
    wanted = {"mesh.glb", "pose.json", "bounds.json", "material.json", "label.json", "mask.png"}
    assert all({file.name for file in (simple_folder / "objects" / name).iterdir()} == wanted for name in names)


def test_meshes_placed_by_their_poses_fill_their_bounds(simple_folder: Path) -> None:
    rescaled = []
    for folder in sorted((simple_folder / "objects").iterdir()):
        bounds, pose = read(folder / "bounds.json"), read(folder / "pose.json")
        vertices = vertices_of(folder)
        T = np.array(pose["transform_matrix"])
        posed = vertices @ T[:3, :3].T + T[:3, 3]
        if not np.allclose(np.ptp(posed, axis=0), bounds["size"], atol=1e-6):
            rescaled.append(folder.name)
            np.testing.assert_allclose(np.ptp(vertices, axis=0), 1.0, atol=1e-6)
            posed = (vertices * bounds["size"]) @ T[:3, :3].T + T[:3, 3]
        np.testing.assert_allclose(posed.min(axis=0), bounds["min"], atol=1e-6)
        np.testing.assert_allclose(posed.max(axis=0), bounds["max"], atol=1e-6)
    assert rescaled == ["can_0"]


def test_quaternion_and_matrix_say_the_same(simple_folder: Path) -> None:
    for path in sorted((simple_folder / "objects").rglob("pose.json")):
        pose = read(path)
        w, x, y, z = pose["rotation_quaternion"]
        assert x == z == 0.0
        turn = [[1 - 2 * y * y, 0, 2 * w * y], [0, 1, 0], [-2 * w * y, 0, 1 - 2 * y * y]]
        np.testing.assert_allclose(np.array(pose["transform_matrix"])[:3, :3], turn, atol=1e-8)


def test_up_is_y_and_the_mug_stands_on_the_countertop(simple_folder: Path) -> None:
    mug, top = (read(simple_folder / "objects" / name / "bounds.json") for name in ("mug_0", "countertop_0"))
    assert mug["min"][1] == pytest.approx(top["max"][1]) == pytest.approx(0.90)


def test_the_camera_looks_at_the_countertop(simple_folder: Path) -> None:
    T = np.array(read(simple_folder / "camera" / "extrinsics.json")["matrix"])
    said = read(simple_folder / "camera" / "intrinsics.json")
    middle = np.linalg.inv(T) @ [0.0, 0.9, 0.0, 1.0]
    assert middle[2] < 0.0
    pixel = np.array(said["matrix"]) @ (middle[:3] * [1, -1, -1]) / -middle[2]
    assert 0 < pixel[0] < said["width"]
    assert 0 < pixel[1] < said["height"]


def test_the_background_faces_into_the_room(simple_folder: Path) -> None:
    (mesh,) = trimesh.load_scene(simple_folder / "background" / "mesh.glb", process=False).geometry.values()
    np.testing.assert_allclose(mesh.face_normals[:2], [[0, 1, 0]] * 2, atol=1e-6)
    np.testing.assert_allclose(mesh.face_normals[2:], [[0, 0, 1]] * 2, atol=1e-6)


def test_the_same_seed_gives_the_same_bytes(simple_folder: Path, tmp_path: Path) -> None:
    write_simple_sample_scan("kitchen", tmp_path / "again")
    assert digest_files(tmp_path / "again") == digest_files(simple_folder)
