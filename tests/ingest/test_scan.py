"""On scans whose truth is known: scale, gravity and poses within the figures that the product promises."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from tests.ingest.run_ingest import run_ingest

from blueprint.pipeline.ingest.gravity import rotation_level_scan
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.records import Ingested
from blueprint.pipeline.scene.relations import ROOM, supported_by
from blueprint.pipeline.scene.slugs import unique_identifiers

SCANS = ("ycb_table", "kitchen_cabinet")


def truth_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "truth.json").read_text())


def true_and_found(folder: Path, record: Ingested) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return each object's vertices in the true world and in ours, in the same order, ours at the true scale."""
    truth, scan = truth_of(folder), record.scan
    names = unique_identifiers(truth["objects"])
    factor = truth["metres_per_scan_unit"] / scan.scale.metres_per_unit
    true: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for key, entry in truth["objects"].items():
        mesh = trimesh.load(folder / f"output/3D/{key}/{key}.glb", process=False, force="mesh")
        T = np.array(entry["T_world_object"])
        true.append(np.asarray(mesh.vertices) * entry["metres_per_canonical_unit"] @ T[:3, :3].T + T[:3, 3])
        prop = scan.prop(names[key])
        own = load_mesh([record.folder], prop.bodies[0].visuals[0].mesh)
        found.append(factor * prop.T_world_prop.apply(own.vertices_m))
    return true, found


def aligned(true: list[np.ndarray], found: list[np.ndarray]) -> list[np.ndarray]:
    """Turn ours about Z and shift it in x and y onto the truth; heights stay as they are."""
    a, b = np.concatenate(true), np.concatenate(found)
    a_mean, b_mean = a.mean(axis=0), b.mean(axis=0)
    p, q = (b - b_mean)[:, :2], (a - a_mean)[:, :2]
    yaw = np.arctan2((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum(), (p * q).sum())
    c, s = np.cos(yaw), np.sin(yaw)
    R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    shift = a_mean - R @ b_mean
    shift[2] = 0.0
    return [points @ R.T + shift for points in found]


@pytest.mark.shared
@pytest.mark.parametrize("name", SCANS)
def test_scale_gravity_and_poses_match_the_truth(shared_scans: Path, tmp_path: Path, name: str) -> None:
    folder = shared_scans / name
    truth = truth_of(folder)
    record, _ = run_ingest(folder, tmp_path / "store")
    scan = record.scan
    assert len(scan.props) == len(truth["objects"])
    assert scan.scale.method == "usual sizes"
    assert scan.scale.metres_per_unit == pytest.approx(truth["metres_per_scan_unit"], rel=0.15)
    tilt = np.arccos(np.clip(-np.dot(scan.gravity.up_scan, truth["gravity_camera"]), -1, 1))
    assert np.degrees(tilt) < 1.0
    true, found = true_and_found(folder, record)
    worst = max(float(np.linalg.norm(a - b, axis=1).max()) for a, b in zip(true, aligned(true, found), strict=True))
    assert worst < 0.005
    assert scan.camera is not None
    assert scan.camera.focal_px == truth["camera"]["focal_px"]


@pytest.mark.shared
@pytest.mark.parametrize("name", SCANS)
def test_everything_rests_on_what_it_truly_rests_on(shared_scans: Path, tmp_path: Path, name: str) -> None:
    truth = truth_of(shared_scans / name)["objects"]
    scan = run_ingest(shared_scans / name, tmp_path / "store")[0].scan
    names = unique_identifiers(truth)
    resting = {names[key]: names.get(entry["rests_on"], ROOM) for key, entry in truth.items()}
    found = {prop.id: supported_by(scan.relations, prop.id) for prop in scan.props}
    assert {prop: held and held.object for prop, held in found.items()} == resting
    assert all(held is not None and held.kind == "on" and abs(held.gap_m) < 0.002 for held in found.values())


@pytest.mark.shared
def test_the_scale_is_right_without_a_measurement_and_says_how_sure_it_is(shared_scans: Path, tmp_path: Path) -> None:
    truth = truth_of(shared_scans / "ycb_table")
    scale = run_ingest(shared_scans / "ycb_table", tmp_path / "store")[0].scan.scale
    assert scale.metres_per_unit == pytest.approx(truth["metres_per_scan_unit"], rel=0.01)
    assert scale.confidence is not None
    assert 0.5 < scale.confidence < 1
    assert scale.conflicts == ()


@pytest.mark.shared
def test_the_room_is_what_the_photo_shows_of_it(shared_scans: Path, tmp_path: Path) -> None:
    """The scan's background has side walls too, which no pixel shows."""
    scan = run_ingest(shared_scans / "ycb_table", tmp_path / "store")[0].scan
    assert [plane.name for plane in scan.room] == ["floor", "wall_1"]
    floor, wall = scan.room
    assert floor.T_world_plane.position_m[2] == pytest.approx(0.0, abs=0.005)
    assert wall.T_world_plane.rotation()[:, 2] == pytest.approx([0, -1, 0], abs=0.01)
    assert wall.T_world_plane.position_m[1] == pytest.approx(3.44, rel=0.02)
    assert all(plane.appearance.texture is not None and plane.rms_m < 0.01 for plane in scan.room)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "measurement"),
    [("ycb_table", "table_523_538.height=0.7412"), ("kitchen_cabinet", "cabinet_480_585.height=0.8612")],
)
def test_one_measurement_settles_the_scale(shared_scans: Path, tmp_path: Path, name: str, measurement: str) -> None:
    folder = shared_scans / name
    record, _ = run_ingest(folder, tmp_path / "store", measurements=(measurement,))
    assert record.scan.scale.metres_per_unit == pytest.approx(truth_of(folder)["metres_per_scan_unit"], rel=0.01)


@pytest.mark.shared
@pytest.mark.parametrize("name", SCANS)
def test_gravity_holds_without_the_floor_plane(shared_scans: Path, name: str) -> None:
    from dataclasses import replace

    from blueprint.pipeline.formats.regen3d import read
    from blueprint.pipeline.ingest.gravity import find_up
    from blueprint.pipeline.ingest.poses import recover_pose

    raw = replace(read(shared_scans / name), floor_points=None)
    furniture = [entry for entry in raw.objects if entry.label in ("table", "cabinet") and entry.canonical is not None]
    axes = [
        recover_pose(e.canonical.vertices(), e.posed.vertices()).rotation @ [0, 1, 0] for e in furniture if e.canonical
    ]
    found = find_up(raw, axes)
    assert found.estimate.method == "floor objects"
    level = rotation_level_scan(np.asarray(found.estimate.up_scan), np.array([0.0, 0.0, -1.0]))
    gravity = level @ np.asarray(truth_of(shared_scans / name)["gravity_camera"])
    assert gravity[2] < -np.cos(np.radians(1.0))


def test_the_sample_kitchen_matches_its_truth(repository: Path, tmp_path: Path) -> None:
    folder = repository / "data/scans/kitchen"
    truth = truth_of(folder)
    record, _ = run_ingest(folder, tmp_path / "store")
    scan = record.scan
    assert scan.sample
    assert {prop.provenance.licence for prop in scan.props} == {"CC0-1.0"}
    assert scan.scale.metres_per_unit == pytest.approx(truth["metres_per_scan_unit"], rel=0.15)
    (missing,) = scan.left_out
    assert missing.id.startswith("plant_")
