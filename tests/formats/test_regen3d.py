"""3D-RE-GEN runs: names, poses baked into vertices, and the traps that real runs hold."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.formats.tiny_scans import CAN, MUG, TABLE, Thing, to_camera, write_glb, write_run

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats import regen3d
from blueprint.pipeline.formats.table import recognise

pytestmark = pytest.mark.usefixtures("meshes_read_here")


def test_objects_come_with_both_meshes_and_the_detectors_words(tmp_path: Path) -> None:
    scan = regen3d.read(write_run(tmp_path / "run"))
    assert [entry.label for entry in scan.objects] == ["mug", "soup can", "table"]
    mug = scan.objects[0]
    assert mug.canonical is not None
    np.testing.assert_allclose(mug.posed.vertices(), to_camera(MUG.world_vertices()), atol=1e-5)
    np.testing.assert_allclose(mug.canonical.vertices(), np.asarray(MUG.mesh.vertices) * MUG.canonical_scale, atol=1e-5)
    assert mug.posed.file == f"output/glb/{MUG.key}.glb"
    assert scan.camera is not None
    assert (scan.camera.focal_px, scan.camera.width_px, scan.camera.height_px) == (700.0, 1000, 750)
    assert scan.floor_points is not None
    assert scan.photo is not None
    assert scan.failures == ()


def test_a_damaged_object_is_a_failure_and_a_damaged_canonical_mesh_is_not(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / f"output/glb/{MUG.key}.glb").write_bytes(b"")
    (run / f"output/3D/{CAN.key}/{CAN.key}.glb").write_bytes(b"")
    scan = regen3d.read(run)
    assert [(entry.key, entry.reason) for entry in scan.failures] == [
        (MUG.key, f"output/glb/{MUG.key}.glb: is empty (0 bytes). Expected: a mesh with at least one triangle")
    ]
    can = next(entry for entry in scan.objects if entry.key == CAN.key)
    assert can.canonical is None
    assert "The posed mesh is used instead" in can.remarks[0]


def test_objects_that_were_seen_and_never_posed_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "output/findings/fullSize").mkdir(parents=True)
    for key in ("plant__(1, 2)", MUG.key, "not an object"):
        (run / f"output/findings/fullSize/{key}.png").touch()
    (run / f"output/glb/{CAN.key}.glb").unlink()
    reasons = {entry.key: entry.reason for entry in regen3d.read(run).failures}
    assert set(reasons) == {"plant__(1, 2)", CAN.key}
    assert reasons["plant__(1, 2)"].startswith("no posed mesh: output/glb/plant__(1, 2).glb is missing")


def dense(thing: Thing) -> Thing:
    for _ in range(6):
        thing.mesh = trimesh.Trimesh(*trimesh.remesh.subdivide(thing.mesh.vertices, thing.mesh.faces), process=False)
    return thing


def test_wrapped_indices_cost_nothing_where_the_canonical_mesh_is_sound(tmp_path: Path) -> None:
    mug = dense(Thing("mug", (0.12, 0.095, 0.08), (0.2, 1.5, 0.74)))
    assert len(mug.mesh.vertices) > 65_536
    run = write_run(tmp_path / "run", [mug])
    wrapped = trimesh.Trimesh(to_camera(mug.world_vertices()), np.asarray(mug.mesh.faces) % 65_536, process=False)
    write_glb(run / f"output/glb/{mug.key}.glb", wrapped)
    (entry,) = regen3d.read(run).objects
    assert entry.canonical is not None
    assert entry.canonical.faces().max() == len(mug.mesh.vertices) - 1
    shutil.rmtree(run / "output/3D")
    scan = regen3d.read(run)
    assert scan.objects == ()
    assert "16-bit indices have wrapped" in scan.failures[0].reason


def test_a_combined_scene_alone_is_read_by_its_node_names(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    for thing in (TABLE, MUG):
        posed = trimesh.Trimesh(to_camera(thing.world_vertices()), thing.mesh.faces, process=False)
        scene.add_geometry(posed, node_name=f"{thing.key}_geometry_0", geom_name=thing.key)
    path = tmp_path / "output/glb/scene/combined_scene.glb"
    path.parent.mkdir(parents=True)
    path.write_bytes(scene.export(file_type="glb"))
    assert regen3d.score(tmp_path) > 0
    scan = regen3d.read(tmp_path)
    assert [(entry.key, entry.label, entry.canonical) for entry in scan.objects] == [
        (MUG.key, "mug", None),
        (TABLE.key, "table", None),
    ]
    np.testing.assert_allclose(scan.objects[0].posed.vertices(), to_camera(MUG.world_vertices()), atol=1e-5)
    path.write_bytes(b"")
    with pytest.raises(ScanError, match=r"combined_scene\.glb: is empty"):
        regen3d.read(tmp_path)


def test_what_the_combined_scene_holds_is_not_missing_elsewhere(tmp_path: Path) -> None:
    """The first stage of a run leaves a picture of every object, also where no object gets a file of its own."""
    scene = trimesh.Scene()
    for key, thing in (("table__(1, 2)", TABLE), ("geometry_7", MUG)):
        posed = trimesh.Trimesh(to_camera(thing.world_vertices()), thing.mesh.faces, process=False)
        scene.add_geometry(posed, node_name=key, geom_name=key)
    path = tmp_path / "output/glb/scene/combined_scene.glb"
    path.parent.mkdir(parents=True)
    path.write_bytes(scene.export(file_type="glb"))
    (tmp_path / "output/findings/fullSize").mkdir(parents=True)
    for key in ("table__(1, 2)", "plant__(3, 4)"):
        (tmp_path / f"output/findings/fullSize/{key}.png").touch()
    assert recognise(tmp_path).name == recognise(tmp_path / "output").name == "regen3d"
    scan = regen3d.read(tmp_path)
    assert [entry.key for entry in scan.objects] == ["geometry_7", "table__(1, 2)"]
    assert [entry.key for entry in scan.failures] == ["plant__(3, 4)"]
    assert "geometry_7 carry no key of a run" in scan.remarks[0]


def test_a_damaged_camera_or_plane_is_said_and_done_without(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    np.savez(run / "output/pre_3D/camera.npz", focal=np.float32(-1), image_size=np.array([10, 10]))
    (run / "output/pointclouds/PLANE_SAMPLED.ply").write_bytes(b"")
    scan = regen3d.read(run)
    assert (scan.camera, scan.floor_points) == (None, None)
    assert any("is no camera" in text for text in scan.remarks)
    assert any(text.startswith("output/pointclouds/PLANE_SAMPLED.ply: ") for text in scan.remarks)


@pytest.mark.parametrize(
    ("key", "label"), [("cracker_box__(7, 8)", "cracker box"), ("a__b__(1, 2)", "a  b"), ("odd", "odd")]
)
def test_labels_are_in_the_keys(key: str, label: str) -> None:
    assert regen3d.label_of(key) == label
