"""The simple layout: poses, unit cubes that are stretched to their bounds, and damaged descriptions."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.formats.tiny_scans import CAN, MUG, TABLE, write_glb, write_prediction, write_simple

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats import simple_layout

pytestmark = pytest.mark.usefixtures("meshes_read_here")

Y_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**(json.loads(path.read_text()) if path.is_file() else {}), **changes}))


def test_objects_stand_where_pose_and_bounds_say(tmp_path: Path) -> None:
    scan = simple_layout.read(write_simple(tmp_path))
    assert [entry.label for entry in scan.objects] == ["mug", "soup can", "table"]
    assert (scan.declared_up, scan.declared_metres_per_unit) == ((0.0, 1.0, 0.0), 1.0)
    by_label = {entry.label: entry for entry in scan.objects}
    for thing in (TABLE, MUG):
        np.testing.assert_allclose(by_label[thing.label].posed.vertices(), thing.world_vertices() @ Y_UP.T, atol=1e-6)
    assert by_label["table"].on_floor is True
    assert by_label["mug"].posed.surfaces[0].look.base_color_rgb == (0.1, 0.2, 0.3)


def test_a_unit_cubes_content_is_stretched_to_its_bounds(tmp_path: Path) -> None:
    scan = simple_layout.read(write_simple(tmp_path))
    can = next(entry for entry in scan.objects if entry.label == "soup can")
    assert can.canonical is not None
    np.testing.assert_allclose(np.ptp(can.posed.vertices(), axis=0), CAN.size_m, atol=1e-6)
    np.testing.assert_allclose(np.ptp(can.canonical.vertices(), axis=0), CAN.size_m, atol=1e-6)
    assert "was stretched by 0.07, 0.11, 0.075" in can.remarks[0]


def test_bounds_that_no_stretch_can_meet_are_said(tmp_path: Path) -> None:
    write_simple(tmp_path, [MUG])
    c = np.sqrt(0.5)
    turned = [[c, 0, c, 0], [0, 1, 0, 0], [-c, 0, c, 0], [0, 0, 0, 1]]
    edit(tmp_path / "objects/mug_0/pose.json", transform_matrix=turned)
    edit(tmp_path / "objects/mug_0/bounds.json", min=[-1, -1, -1], max=[1, 1, 1])
    (mug,) = simple_layout.read(tmp_path).objects
    assert "contradicts mesh and pose" in mug.remarks[0]


def test_pose_may_come_in_pieces(tmp_path: Path) -> None:
    write_simple(tmp_path, [MUG, TABLE])
    (tmp_path / "objects/mug_0/bounds.json").unlink()
    pose = {"translation": [1, 2, 3], "rotation_quaternion": [np.sqrt(0.5), 0, np.sqrt(0.5), 0], "scale": [2, 2, 2]}
    (tmp_path / "objects/mug_0/pose.json").write_text(json.dumps(pose))
    mug = next(entry for entry in simple_layout.read(tmp_path).objects if entry.label == "mug")
    turned = np.asarray(MUG.mesh.vertices)[:, [2, 1, 0]] * [1, 1, -1] * 2 + [1, 2, 3]
    np.testing.assert_allclose(mug.posed.vertices(), turned, atol=1e-6)


@pytest.mark.parametrize(
    ("file", "changes", "complaint"),
    [
        ("pose.json", {"transform_matrix": [[1, 2], [3, 4]]}, "transform_matrix has shape"),
        ("pose.json", {"transform_matrix": np.diag([1.0, 1, 0, 1]).tolist()}, "scales by 1 x 1 x 0"),
        ("pose.json", {"transform_matrix": np.diag([-1.0, 1, 1, 1]).tolist()}, "mirrors the object"),
        ("pose.json", {"transform_matrix": [["a"] * 4] * 4}, "holds no numbers"),
        ("bounds.json", {"min": [0, 0, 0], "max": [-1, 1, 1]}, "is not above min"),
        ("label.json", {"label": 7}, "label is 7"),
        ("material.json", {"base_color": "red"}, "base_color holds no numbers"),
    ],
)
def test_a_damaged_object_is_a_failure_with_file_and_field(
    tmp_path: Path, file: str, changes: dict[str, object], complaint: str
) -> None:
    write_simple(tmp_path)
    edit(tmp_path / "objects/mug_1" / file, **changes)
    scan = simple_layout.read(tmp_path)
    assert len(scan.objects) == 2
    (failure,) = scan.failures
    assert failure.key == "mug_1"
    assert failure.reason.startswith(f"objects/mug_1/{file}: ")
    assert complaint in failure.reason


def test_missing_and_unreadable_files_are_failures(tmp_path: Path) -> None:
    write_simple(tmp_path)
    (tmp_path / "objects/mug_1/pose.json").write_text("{" * 100_000)
    (tmp_path / "objects/table_0/mesh.glb").unlink()
    reasons = {entry.key: entry.reason for entry in simple_layout.read(tmp_path).failures}
    assert "objects/mug_1/pose.json: is not JSON" in reasons["mug_1"]
    assert "objects/table_0: has no mesh; found bounds.json" in reasons["table_0"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"coordinate_frame": "x_up"}, "coordinate_frame is 'x_up'"),
        ({"meters_per_unit": 0}, "meters_per_unit is 0"),
        ({"meters_per_unit": True}, "meters_per_unit is True"),
    ],
)
def test_a_damaged_description_refuses_the_scan(tmp_path: Path, changes: dict[str, object], complaint: str) -> None:
    edit(write_simple(tmp_path) / "scene_info.json", **changes)
    with pytest.raises(ScanError, match=rf"scene_info\.json: {complaint}"):
        simple_layout.read(tmp_path)


def test_the_camera_is_read_or_stands_level_amid_the_objects(tmp_path: Path) -> None:
    write_simple(tmp_path)
    assert simple_layout.read(tmp_path).camera is None
    (tmp_path / "camera").mkdir()
    edit(tmp_path / "camera/intrinsics.json", matrix=[[500, 0, 320], [0, 500, 240], [0, 0, 1]], width=640, height=480)
    edit(tmp_path / "camera/extrinsics.json", matrix=[[1, 0, 0, 0], [0, 1, 0, 1.5], [0, 0, 1, 3], [0, 0, 0, 1]])
    camera = simple_layout.read(tmp_path).camera
    assert camera is not None
    assert camera.T_scan_camera[:3, 3].tolist() == [0, 1.5, 3]
    edit(tmp_path / "camera/intrinsics.json", matrix=[[-5, 0, 0], [0, 5, 0], [0, 0, 1]])
    with pytest.raises(ScanError, match="camera: intrinsics or extrinsics are no camera"):
        simple_layout.read(tmp_path)


def test_labels_come_from_ids_where_nobody_wrote_them(tmp_path: Path) -> None:
    write_simple(tmp_path, [MUG, TABLE])
    folder = tmp_path / "objects/42"
    write_glb(folder / "mesh.glb", MUG.mesh)
    edit(folder / "pose.json", transform_matrix=np.eye(4).tolist())
    assert {entry.label for entry in simple_layout.read(tmp_path).objects} == {"mug", "table", "42"}


def test_a_prediction_beside_the_mesh_comes_with_the_object(tmp_path: Path) -> None:
    write_simple(tmp_path, [MUG, CAN])
    parts = np.repeat(np.array([0, 1], dtype=np.int32), 18)
    slide = {"is_part_prismatic": np.array([False, True]), "prismatic_axis": np.array([[0, 0, 0], [0, 0, 1.0]])}
    for name in ("mug_0", "soup_can_1"):
        write_prediction(tmp_path / "objects" / name, MUG.mesh, parts, slide)
    mug, can = simple_layout.read(tmp_path).objects
    assert mug.prediction is not None
    np.testing.assert_allclose(mug.prediction.joints[0].axis, (0, 1, 0), atol=1e-12)
    assert can.prediction is None
    assert "had to be stretched" in can.remarks[-1]
    (tmp_path / "objects/mug_0/pred.obj").write_bytes(b"")
    (tmp_path / "objects/soup_can_1/pred.npz").write_bytes(b"")
    mug, can = simple_layout.read(tmp_path).objects
    assert "objects/mug_0/pred.obj: is empty" in mug.remarks[-1]
    assert "objects/soup_can_1/pred.npz: is empty" in can.remarks[-1]


def test_a_quaternion_of_no_length_is_no_pose(tmp_path: Path) -> None:
    write_simple(tmp_path)
    pose = {"rotation_quaternion": [0, 0, 0, 0], "translation": [0, 0, 0]}
    (tmp_path / "objects/mug_1/pose.json").write_text(json.dumps(pose))
    (failure,) = simple_layout.read(tmp_path).failures
    assert "objects/mug_1/pose.json: rotation_quaternion has length 0" in failure.reason


def test_the_room_is_read_and_stretched_to_its_bounds(tmp_path: Path) -> None:
    folder = write_simple(tmp_path / "scan")
    write_glb(folder / "background/mesh.glb", trimesh.creation.box((1.0, 1.0, 1.0)))
    (folder / "background/bounds.json").write_text(json.dumps({"min": [-5, 0, -4], "max": [5, 3, 4]}))
    scan = simple_layout.read(folder)
    assert scan.background is not None
    corners = scan.background.vertices()
    np.testing.assert_allclose([corners.min(axis=0), corners.max(axis=0)], [[-5, 0, -4], [5, 3, 4]])
    assert any("background/bounds.json" in remark for remark in scan.remarks)
    assert scan.background.file == "background/mesh.glb"
    (folder / "background/mesh.glb").write_bytes(b"no mesh")
    damaged = simple_layout.read(folder)
    assert damaged.background is None
    assert "The scene has no room." in damaged.remarks[0]
    assert simple_layout.read(write_simple(tmp_path / "bare")).background is None
