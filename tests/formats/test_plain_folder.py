"""Plain folders: one object per file, placed by a poses file in any of its three notations, or as stored."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
import yaml
from PIL import Image
from tests.formats.tiny_scans import bracket, write_glb, write_prediction
from tests.formats.usd_scenes import add_thing, new_stage

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats import plain_folder
from blueprint.pipeline.formats.raw_scan import RawObject, RawScan
from blueprint.pipeline.scene.poses import rotation_from_quat

pytestmark = pytest.mark.usefixtures("meshes_read_here")

SIZE = (0.3, 0.5, 0.2)
QUAT_WXYZ = (0.8, 0.1, -0.5, 0.3)
POSITION = (0.4, -1.2, 0.7)


def write_mesh(path: Path, scale: float = 1.0) -> np.ndarray:
    """Write an asymmetric thing in the format of the suffix; returns the vertices as they are stored."""
    mesh = trimesh.Trimesh(np.asarray(bracket(SIZE).vertices) * scale, bracket(SIZE).faces, process=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".glb":
        write_glb(path, mesh)
    else:
        mesh.export(path)
    return np.asarray(mesh.vertices)


def posed(points: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Place points for columns: R (scale p) + t."""
    return (rotation_from_quat(QUAT_WXYZ) @ (scale * points).T).T + POSITION


def entry_of(scan: RawScan, key: str) -> RawObject:
    return next(entry for entry in scan.objects if entry.key == key)


def box(entry: RawObject) -> list[list[float]]:
    vertices = entry.posed.vertices()
    return np.stack([vertices.min(axis=0), vertices.max(axis=0)]).round(5).tolist()


def box_of(points: np.ndarray) -> list[list[float]]:
    return np.stack([points.min(axis=0), points.max(axis=0)]).round(5).tolist()


def as_csv(poses: dict[str, Any]) -> str:
    """Return the poses as a table."""
    lines = [f"# {name}: {value}" for name, value in poses.items() if name != "objects"]
    lines.append("name,x,y,z,qw,qx,qy,qz,scale,label")
    for name, pose in poses["objects"].items():
        numbers = [*pose["position"], *pose["quat_wxyz"], pose["scale"]]
        lines.append(",".join([name, *map(str, numbers), pose["label"]]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("notation", ["json", "yaml", "csv"])
@pytest.mark.parametrize("suffix", [".glb", ".obj", ".ply", ".stl"])
def test_a_pose_maps_the_vertices_as_they_are_stored(tmp_path: Path, notation: str, suffix: str) -> None:
    stored = write_mesh(tmp_path / f"thing_1{suffix}", 1000.0)
    pose = {"position": list(POSITION), "quat_wxyz": list(QUAT_WXYZ), "scale": 0.002, "label": "desk lamp"}
    poses = {"up_axis": "Z", "metres_per_unit": 0.5, "objects": {"thing_1": pose}}
    write = {"json": json.dumps, "yaml": yaml.safe_dump, "csv": as_csv}[notation]
    (tmp_path / f"poses.{notation}").write_text(write(poses))
    scan = plain_folder.read(tmp_path)
    (entry,) = scan.objects
    assert box(entry) == box_of(posed(stored, 0.002))
    assert (entry.label, entry.remarks) == ("desk lamp", ())
    assert (scan.declared_up, scan.declared_metres_per_unit, scan.remarks) == ((0, 0, 1), 0.5, ())
    assert entry.canonical is not None
    assert plain_folder.score(tmp_path) == 0.55


def test_a_matrix_says_the_same_as_its_parts(tmp_path: Path) -> None:
    stored = write_mesh(tmp_path / "meshes/mug.glb")
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = 2 * rotation_from_quat(QUAT_WXYZ), POSITION
    (tmp_path / "poses.json").write_text(json.dumps({"objects": {"mug": {"transform": T.tolist()}}}))
    (entry,) = plain_folder.read(tmp_path).objects
    assert box(entry) == box_of(posed(stored, 2.0))


def test_formats_that_call_other_axes_up_stand_upright_together(tmp_path: Path) -> None:
    glb = write_mesh(tmp_path / "a.glb")
    stl = write_mesh(tmp_path / "b.stl")
    stage = new_stage(tmp_path / "c.usda", "Z", 0.01)
    add_thing(stage, "/World/c", bracket((30, 50, 20)))
    stage.Save()
    scan = plain_folder.read(tmp_path)
    assert scan.declared_up == (0, 0, 1)
    # The glTF is turned from Y up to Z up; the others stay.
    assert box(entry_of(scan, "a")) == box_of(glb[:, [0, 2, 1]] * [1, -1, 1])
    assert box(entry_of(scan, "b")) == box_of(stl)
    # glTF says metres, the stage says centimetres: metres it is.
    assert scan.declared_metres_per_unit == 1.0
    assert box(entry_of(scan, "c")) == box_of(np.asarray(bracket(SIZE).vertices))
    assert ".stl files declare no upward axis" in scan.remarks[0]
    assert ".stl files declare no unit" in scan.remarks[1]


def test_a_guess_is_said_and_a_unit_is_never_made_up(tmp_path: Path) -> None:
    write_mesh(tmp_path / "a.obj")
    scan = plain_folder.read(tmp_path)
    assert (scan.declared_up, scan.declared_metres_per_unit) == ((0, 1, 0), None)
    assert "sizes decide it" in scan.remarks[1]
    assert plain_folder.score(tmp_path) == 0.3


def test_names_that_are_there_twice_stay_apart(tmp_path: Path) -> None:
    for name in ("mug.glb", "mug.obj", "meshes/mug.obj", "plate.stl"):
        write_mesh(tmp_path / name)
    keys = sorted(entry.key for entry in plain_folder.read(tmp_path).objects)
    assert keys == ["meshes/mug.obj", "mug.glb", "mug.obj", "plate"]


def test_what_the_poses_name_and_the_folder_lacks_is_a_failure(tmp_path: Path) -> None:
    write_mesh(tmp_path / "mug.glb")
    write_mesh(tmp_path / "bowl.glb")
    poses = {"objects": {"plate": {}, "bowl": {"scale": 0}}}
    (tmp_path / "poses.json").write_text(json.dumps(poses))
    scan = plain_folder.read(tmp_path)
    assert [entry.key for entry in scan.objects] == ["mug"]
    assert "poses.json has no pose for mug" in scan.objects[0].remarks[0]
    reasons = {entry.key: entry.reason for entry in scan.failures}
    assert reasons == {
        "plate": "poses.json names it, and there is no mesh file of that name",
        "bowl": "poses.json: bowl: scales by 0 x 0 x 0. Expected: a scale above zero",
    }


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("poses.json", "{", "cannot be read"),
        ("poses.json", "[]", "has no objects"),
        ("poses.json", '{"objects": {"a": {}, "a": {}}}', "a is there twice"),
        ("poses.json", '{"objects": {}, "up_axis": "W"}', "up_axis is 'W'"),
        ("poses.json", '{"objects": {}, "up_axis": ["Z"]}', "up_axis is"),
        ("poses.json", '{"objects": {}, "metres_per_unit": -1}', "metres_per_unit is '-1'"),
        ("poses.json", '{"objects": {}, "metres_per_unit": "a"}', "metres_per_unit: holds no numbers"),
        ("poses.json", "[" * 100_000, "cannot be read"),
        ("poses.yaml", "objects: {a: {}, a: {}}", "a is there twice"),
        ("poses.yaml", "a: &x [1, 2]\nb: *x", "it uses an alias"),
        ("poses.yaml", "[" * 5000, "nested deeper than 32"),
        ("poses.yaml", "objects: !!python/object/apply:os.system [ls]", "cannot be read"),
        ("poses.csv", "name,x\na,1\n", "has columns name, x"),
        ("poses.csv", "name,x,y,z\na,1,2,3\na,1,2,3\n", "a is there twice"),
        ("poses.csv", "\x00", "has columns"),
    ],
)
def test_poses_files_that_cannot_be_read_say_why(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    write_mesh(tmp_path / "mug.glb")
    (tmp_path / name).write_text(text)
    with pytest.raises(ScanError, match=complaint) as caught:
        plain_folder.read(tmp_path)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize(
    ("pose", "complaint"),
    [
        ({"quat_wxyz": [0, 0, 0, 0]}, "quat_wxyz has length 0"),
        ({"quat_wxyz": [1, 0, 0]}, r"quat_wxyz: has shape \(3,\)"),
        ({"position": [1, 2, 1e999]}, "position: has shape .* or is not finite"),
        ({"transform": np.eye(4).tolist(), "scale": 2}, "both a transform and parts"),
        ({"transform": np.zeros((4, 4)).tolist()}, "is no placement"),
        ({"rotation_xyzw": [0, 0, 0, 1]}, "is rotation_xyzw. Expected: any of position, quat_wxyz"),
        ({"label": 3}, "label is '3'"),
        (7, "is int"),
    ],
)
def test_a_pose_that_is_none_costs_its_object(tmp_path: Path, pose: Any, complaint: str) -> None:
    write_mesh(tmp_path / "mug.glb")
    (tmp_path / "poses.json").write_text(json.dumps({"objects": {"mug": pose}}))
    scan = plain_folder.read(tmp_path)
    assert scan.objects == ()
    with pytest.raises(AssertionError, match=f"poses.json: mug.*{complaint}"):
        raise AssertionError(scan.failures[0].reason)


def test_materials_beside_a_mesh_are_read_and_missing_ones_are_said(tmp_path: Path) -> None:
    (tmp_path / "meshes").mkdir()
    (tmp_path / "textures").mkdir()
    Image.new("RGB", (3, 2), (9, 8, 7)).save(tmp_path / "textures/wood.png")
    text = "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl wood\nf 1/1 2/2 3/3\n"
    (tmp_path / "meshes/a.obj").write_text(text)
    (tmp_path / "meshes/a.mtl").write_text("newmtl wood\nKd 1 1 1\nmap_Kd ../textures/wood.png\n")
    (surface,) = plain_folder.read(tmp_path).objects[0].posed.surfaces
    assert surface.look.texture_size == (3, 2)
    (tmp_path / "textures/wood.png").unlink()
    (entry,) = plain_folder.read(tmp_path).objects
    assert "'../textures/wood.png' is missing; the mesh was read without it" in entry.remarks[0]
    (tmp_path / "meshes/a.mtl").write_text("newmtl wood\nmap_Kd /etc/passwd\nmap_Ka ../../../etc/passwd\n")
    (entry,) = plain_folder.read(tmp_path).objects
    assert "'/etc/passwd' leads outside the scan's folder" in entry.remarks[0]


def test_a_prediction_follows_its_mesh_upright(tmp_path: Path) -> None:
    write_mesh(tmp_path / "cabinet.stl")
    mesh = bracket(SIZE)
    parts = (np.arange(len(mesh.faces)) % 2).astype(np.int32)
    axis = {"is_part_revolute": np.array([False, True]), "revolute_plucker": np.array([[0.0] * 6, [0, 1, 0, 0, 0, 0]]),
            "revolute_range": np.array([[0, 0], [0, 1.0]])}  # fmt: skip
    write_prediction(tmp_path / "particulate/cabinet", mesh, parts, axis)
    (entry,) = plain_folder.read(tmp_path).objects
    assert entry.prediction is not None
    assert entry.canonical is not None
    low, high = entry.canonical.vertices().min(axis=0), entry.canonical.vertices().max(axis=0)
    np.testing.assert_allclose(entry.prediction.vertices.min(axis=0), low, atol=1e-6)
    np.testing.assert_allclose(entry.prediction.vertices.max(axis=0), high, atol=1e-6)
    np.savez(tmp_path / "particulate/cabinet/pred.npz", face_part_ids=parts[:-1])
    (entry,) = plain_folder.read(tmp_path).objects
    assert entry.prediction is None
    assert "The prediction is not used" in entry.remarks[0]
