"""The same things written in each format come back in the same place, size and heading, in metres and upright."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from pxr import Gf, Usd, UsdGeom
from tests.formats.tiny_scans import CAN, MUG, TABLE, UNITS_PER_METRE, Points, Thing, to_camera, write_glb
from tests.formats.usd_scenes import add_mesh, new_stage
from tests.ingest.run_ingest import run_ingest

from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.poses import quat_from_rotation

pytestmark = pytest.mark.usefixtures("meshes_read_here")

THINGS = (TABLE, MUG, CAN)
Y_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def name_of(thing: Thing) -> str:
    return thing.label.replace(" ", "_")


def write_dump(folder: Path) -> float:
    """Write poses in the photo's camera, as SAM 3D Objects gives them; returns metres per unit."""
    T_camera = to_camera(np.vstack([np.zeros(3), np.eye(3)]))
    R_camera_world = (T_camera[1:] - T_camera[0]).T / UNITS_PER_METRE
    pytorch3d, exported = np.diag([-1.0, 1, -1]), np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    for thing in THINGS:
        place = folder / "objects" / name_of(thing)
        write_glb(place / "object.glb", thing.mesh)
        T = thing.T_world_object()
        columns = pytorch3d @ R_camera_world @ T[:3, :3] @ exported
        pose = {
            "rotation": [list(quat_from_rotation(columns.T))],
            "translation": [(pytorch3d @ to_camera(T[:3, 3][None])[0]).tolist()],
            "scale": [[UNITS_PER_METRE] * 3],
        }
        (place / "pose.json").write_text(json.dumps(pose))
    return 1 / UNITS_PER_METRE


def write_stage(folder: Path) -> float:
    """Write a Y-up stage in centimetres, one component per thing."""
    stage = new_stage(folder / "scene.usdc", "Y", 0.01)
    for thing in THINGS:
        T = thing.T_world_object()
        place = UsdGeom.Xform.Define(stage, f"/World/{name_of(thing)}")
        Usd.ModelAPI(place).SetKind("component")
        rows = np.eye(4)
        rows[:3, :3], rows[3, :3] = (Y_UP @ T[:3, :3]).T, 100 * (Y_UP @ T[:3, 3])
        place.AddTransformOp().Set(Gf.Matrix4d(rows.tolist()))
        path = f"/World/{name_of(thing)}/Shape"
        add_mesh(stage, path, 100 * np.asarray(thing.mesh.vertices), np.asarray(thing.mesh.faces).tolist())
    stage.Save()
    return 0.01


def write_folder(folder: Path) -> float:
    """Write STL files in millimetres with poses in metres."""
    folder.mkdir()
    for thing in THINGS:
        mesh = trimesh.Trimesh(1000 * np.asarray(thing.mesh.vertices), thing.mesh.faces, process=False)
        mesh.export(folder / f"{name_of(thing)}.stl")
    poses = {name_of(thing): {"transform": scaled(thing.T_world_object()).tolist()} for thing in THINGS}
    (folder / "poses.json").write_text(json.dumps({"up_axis": "Z", "metres_per_unit": 1, "objects": poses}))
    return 1.0


def scaled(T: Points) -> Points:
    return T @ np.diag([0.001, 0.001, 0.001, 1])


@pytest.mark.parametrize(
    ("name", "write"), [("sam3d", write_dump), ("usd_scene", write_stage), ("plain_folder", write_folder)]
)
def test_things_come_back_metric_upright_and_in_place(
    tmp_path: Path, name: str, write: Callable[[Path], float]
) -> None:
    metres_per_unit = write(tmp_path / "scan")
    record, _ = run_ingest(tmp_path / "scan", tmp_path / "store", metres_per_unit=metres_per_unit)
    scan = record.scan
    assert (scan.format, scan.left_out) == (name, ())
    by_id = {prop.id: prop for prop in scan.props}
    assert set(by_id) == {name_of(thing) for thing in THINGS}
    for thing in THINGS:
        prop = by_id[name_of(thing)]
        assert prop.label == thing.label
        np.testing.assert_allclose(prop.T_world_prop.position_m, thing.at_m, atol=2e-5)
        assert prop.T_world_prop.yaw_rad() == pytest.approx(thing.yaw_rad, abs=1e-4)
        np.testing.assert_allclose(prop.size_m, np.array(thing.size_m)[[0, 2, 1]], atol=2e-5)
        mesh = load_mesh([record.folder], prop.bodies[0].visuals[0].mesh)
        volume = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=True).volume
        assert volume == pytest.approx(thing.mesh.volume, rel=1e-4)
