"""SAM 3D Objects dumps: an asymmetric thing ends where the model's own row-vector arithmetic puts it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image
from tests.formats.sam3d_dumps import QUAT_WXYZ, SCALE, TRANSLATION, splat_points, write_dump
from tests.formats.tiny_scans import bracket

from blueprint.pipeline.formats import sam3d
from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.scene.poses import rotation_from_quat

pytestmark = pytest.mark.usefixtures("meshes_read_here")


def in_pytorch3d_camera(points: np.ndarray) -> np.ndarray:
    """Apply the pose as the model's `make_scene` does: scale, then rows times the matrix, then the shift."""
    return (SCALE * points) @ rotation_from_quat(QUAT_WXYZ) + TRANSLATION


def only(scan: RawScan) -> np.ndarray:
    """Return the vertices of a scan's one object."""
    (entry,) = scan.objects
    return entry.posed.vertices()


def test_an_asymmetric_thing_lands_where_the_model_puts_it(tmp_path: Path) -> None:
    scan = sam3d.read(write_dump(tmp_path))
    camera = in_pytorch3d_camera(splat_points())
    # x left, y up, z forward is x right, y up, z backward after half a turn about y.
    np.testing.assert_allclose(only(scan), camera * [-1, 1, -1], atol=1e-6)
    assert scan.objects[0].label == "desk lamp"
    np.testing.assert_array_equal(scan.T_scan_camera, np.eye(4))
    assert (scan.declared_up, scan.declared_metres_per_unit, scan.tilts_with_camera) == (None, None, False)


def test_columns_need_the_transpose(tmp_path: Path) -> None:
    """A reader that multiplies columns by the quaternion's matrix itself is visibly wrong."""
    wrong = (rotation_from_quat(QUAT_WXYZ) @ (SCALE * splat_points()).T).T + TRANSLATION
    assert np.abs(only(sam3d.read(write_dump(tmp_path))) - wrong * [-1, 1, -1]).max() > 0.1


def test_the_thing_is_in_front_of_the_camera_and_not_mirrored(tmp_path: Path) -> None:
    scan = sam3d.read(write_dump(tmp_path))
    (entry,) = scan.objects
    assert (entry.posed.vertices()[:, 2] < 0).all()
    posed = trimesh.Trimesh(entry.posed.vertices(), entry.posed.faces(), process=False)
    assert posed.volume == pytest.approx(SCALE**3 * bracket((1.0, 0.7, 0.4)).volume, rel=1e-6)
    assert entry.canonical is not None
    np.testing.assert_allclose(entry.canonical.vertices(), bracket((1.0, 0.7, 0.4)).vertices, atol=1e-6)


def test_arrays_flat_lists_and_one_scale_say_the_same(tmp_path: Path) -> None:
    wanted = only(sam3d.read(write_dump(tmp_path / "json")))
    flat = {"rotation": QUAT_WXYZ.tolist(), "translation": TRANSLATION.tolist(), "scale": SCALE}
    np.testing.assert_allclose(only(sam3d.read(write_dump(tmp_path / "flat", pose=flat))), wanted)
    dump = write_dump(tmp_path / "npz")
    pose = dump / "objects/desk_lamp_2/pose.json"
    pose.unlink()
    np.savez(
        pose.with_suffix(".npz"), rotation=QUAT_WXYZ[None], translation=TRANSLATION[None], scale=np.full((1, 3), SCALE)
    )
    np.testing.assert_allclose(only(sam3d.read(dump)), wanted)


def test_photo_and_camera_are_read_where_they_are(tmp_path: Path) -> None:
    write_dump(tmp_path)
    assert sam3d.score(tmp_path) == pytest.approx(0.8)
    Image.new("RGB", (8, 6)).save(tmp_path / "image.png")
    matrix = [[0.9, 0, 0.5], [0, 1.2, 0.5], [0, 0, 1]]
    (tmp_path / "intrinsics.json").write_text(json.dumps({"matrix": matrix, "width": 800, "height": 600}))
    scan = sam3d.read(tmp_path)
    assert sam3d.score(tmp_path) == pytest.approx(1.0)
    assert scan.photo == tmp_path / "image.png"
    assert scan.camera is not None
    assert scan.camera.focal_px == pytest.approx(720)
    (tmp_path / "intrinsics.json").write_text(json.dumps({"matrix": matrix, "width": 0, "height": 600}))
    spoilt = sam3d.read(tmp_path)
    assert spoilt.camera is None
    assert "The scan has no camera" in spoilt.remarks[0]


@pytest.mark.parametrize(
    ("pose", "complaint"),
    [
        ({"rotation": [[0, 0, 0, 0]]}, "rotation has length 0"),
        ({"rotation": [[1, 0, 0]]}, "rotation has 3 numbers"),
        ({"rotation": "up"}, "rotation holds no numbers"),
        ({"translation": [[0, 0, float("nan")]]}, "translation has 3 numbers, or ones that are not finite"),
        ({"translation": None}, "translation has 1 numbers"),
        ({"translation": [10**400, 0, 0]}, "translation holds no numbers"),
        ({"scale": [[0, 0, 0]]}, "scales by 0 x 0 x 0"),
    ],
)
def test_poses_that_are_none_cost_the_object_and_say_why(tmp_path: Path, pose: dict[str, Any], complaint: str) -> None:
    scan = sam3d.read(write_dump(tmp_path, pose=pose))
    assert scan.objects == ()
    assert f"objects/desk_lamp_2/pose.json: {complaint}" in scan.failures[0].reason


def test_uneven_and_mirroring_scales_are_kept_and_said(tmp_path: Path) -> None:
    uneven = sam3d.read(write_dump(tmp_path / "a", pose={"scale": [[0.6, 0.6, 0.9]]})).objects[0]
    assert uneven.canonical is None
    assert "stretches it unevenly, by 0.6 to 0.9" in uneven.remarks[0]
    mirrored = sam3d.read(write_dump(tmp_path / "b", pose={"scale": [[-0.6, 0.6, 0.6]]})).objects[0]
    assert mirrored.canonical is None
    assert "mirrors it" in mirrored.remarks[0]
    posed = trimesh.Trimesh(mirrored.posed.vertices(), mirrored.posed.faces(), process=False)
    assert posed.volume > 0


def test_an_object_without_mesh_or_pose_is_named(tmp_path: Path) -> None:
    write_dump(tmp_path)
    (tmp_path / "objects" / "splat_only").mkdir()
    (tmp_path / "objects/splat_only/splat.ply").touch()
    write_dump(tmp_path, name="lost")
    (tmp_path / "objects/lost/pose.json").unlink()
    reasons = {entry.key: entry.reason for entry in sam3d.read(tmp_path).failures}
    assert "has no mesh; found splat.ply" in reasons["splat_only"]
    assert "has no pose; found object.glb" in reasons["lost"]
