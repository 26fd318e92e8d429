"""Ingest as a whole: tiny scans come back metric, upright and in place; bad input is refused or left out by name."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from tests.formats.tiny_scans import (
    CAMERA_HEIGHT_M,
    CAN,
    MUG,
    TABLE,
    UNITS_PER_METRE,
    Thing,
    to_camera,
    write_glb,
    write_run,
    write_simple,
)
from tests.ingest.run_ingest import run_ingest

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.keys import describe, key_of
from blueprint.pipeline.errors import NothingUsable, RecipeError, ScanError, UnknownName
from blueprint.pipeline.ingest.stage import IngestSettings, ingest
from blueprint.pipeline.ingest.units import UnitsMistake
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.records import Ingested

IDS = {"table_500_600": TABLE, "mug_520_300": MUG, "soup_can_480_310": CAN}
TRUE_SCALE = 1 / UNITS_PER_METRE


def world_vertices(record: Ingested, prop: Prop) -> np.ndarray:
    mesh = load_mesh([record.folder], prop.bodies[0].visuals[0].mesh)
    return prop.T_world_prop.apply(mesh.vertices_m)


def correct(folder: Path, *corrections: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "corrections.yaml").write_text(yaml.safe_dump({"corrections": list(corrections)}))
    return folder / "corrections.yaml"


def test_a_run_comes_back_metric_upright_and_in_place(tmp_path: Path) -> None:
    record, warnings = run_ingest(write_run(tmp_path / "run"), tmp_path / "store", metres_per_unit=TRUE_SCALE)
    scan = record.scan
    assert {prop.id for prop in scan.props} == set(IDS)
    assert (scan.id, scan.format, scan.left_out, warnings) == ("run", "regen3d", (), [])
    for prop in scan.props:
        thing = IDS[prop.id]
        np.testing.assert_allclose(world_vertices(record, prop), thing.world_vertices(), atol=2e-5)
        np.testing.assert_allclose(prop.T_world_prop.position_m, thing.at_m, atol=2e-5)
        assert prop.T_world_prop.yaw_rad() == pytest.approx(thing.yaw_rad, abs=1e-4)
        np.testing.assert_allclose(prop.size_m, np.array(thing.size_m)[[0, 2, 1]], atol=2e-5)
        low, high = load_mesh([record.folder], prop.bodies[0].visuals[0].mesh).bounds_m()
        np.testing.assert_allclose([*(low + high)[:2], low[2]], 0, atol=1e-9)
    assert scan.prop("table_500_600").role is Role.FURNITURE
    assert scan.prop("mug_520_300").category == "mug"
    assert scan.camera is not None
    np.testing.assert_allclose(scan.camera.T_world_camera.position_m, (0, 0, CAMERA_HEIGHT_M), atol=1e-5)
    view = -scan.camera.T_world_camera.rotation()[:, 2]
    assert view[0] == pytest.approx(0, abs=1e-9)
    assert view[1] > 0
    assert view[2] == pytest.approx(-np.sin(np.radians(25)), abs=1e-4)
    assert (record.folder / "photo.png").is_file()


def test_scale_comes_from_usual_sizes_and_a_measurement_dominates(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    usual, _ = run_ingest(run, tmp_path / "store")
    assert usual.scan.scale.method == "usual sizes"
    assert usual.scan.scale.metres_per_unit == pytest.approx(TRUE_SCALE, rel=0.15)
    told, _ = run_ingest(run, tmp_path / "store", measurements=("table_500_600.height=0.74",))
    assert told.scan.scale.method == "measurement"
    assert told.scan.scale.metres_per_unit == pytest.approx(TRUE_SCALE, rel=1e-3)
    above, _ = run_ingest(run, tmp_path / "store", camera_height_m=CAMERA_HEIGHT_M)
    assert above.scan.scale.metres_per_unit == pytest.approx(TRUE_SCALE, rel=1e-3)


def test_the_simple_layout_gives_the_same_world(tmp_path: Path) -> None:
    record, _ = run_ingest(write_simple(tmp_path / "tiny"), tmp_path / "store")
    by_label = {prop.label: prop for prop in record.scan.props}
    assert record.scan.scale.method == "declared"
    for thing in (TABLE, MUG):
        moved = world_vertices(record, by_label[thing.label]) - world_vertices(record, by_label["table"]).mean(axis=0)
        wanted = thing.world_vertices() - TABLE.world_vertices().mean(axis=0)
        np.testing.assert_allclose(moved, wanted, atol=1e-6)
    assert by_label["table"].T_world_prop.position_m[2] == pytest.approx(0.0, abs=1e-7)


def test_the_same_scan_gives_the_same_bytes_wherever_it_lies(tmp_path: Path) -> None:
    here = write_run(tmp_path / "here/run")
    shutil.copytree(here, tmp_path / "there/run")
    first, _ = run_ingest(here, tmp_path / "store1")
    second, _ = run_ingest(tmp_path / "there/run/output", tmp_path / "store2")
    assert first.digest == second.digest
    assert first.key == second.key
    written = b"".join(path.read_bytes() for path in first.folder.rglob("*.json"))
    assert str(tmp_path).encode() not in written
    assert set(digest_files(first.folder)) >= {"scan.json", "photo.png"}


def test_content_and_corrections_enter_the_key_and_places_do_not(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    settings = IngestSettings(source=run)
    before = key_of(describe(ingest, settings, {}))
    corrected = IngestSettings(source=run, corrections=correct(tmp_path, {"object": "mug_520_300", "delete": True}))
    assert key_of(describe(ingest, corrected, {})) != before
    weighed = IngestSettings(source=run, corrections=correct(tmp_path, {"object": "mug_520_300", "mass_kg": 0.3}))
    assert key_of(describe(ingest, weighed, {})) == before, "a mass is nothing that a scan is read by"
    (run / "output/notes.txt").write_text("not read")
    assert key_of(describe(ingest, settings, {})) == before
    (run / f"output/glb/{MUG.key}.glb").write_bytes(b"")
    assert key_of(describe(ingest, settings, {})) != before


def test_corrections_replace_what_follows_from_them(tmp_path: Path) -> None:
    path = correct(
        tmp_path,
        {"object": "mug_520_300", "category": "bowl", "why": "wide"},
        {"object": "soup_can_480_310", "delete": True, "why": "ghost"},
        {"object": "table_500_600", "height_m": 1.48, "role": "manipulable"},
    )
    record, _ = run_ingest(write_run(tmp_path / "run"), tmp_path / "store", corrections=path)
    scan = record.scan
    assert [(entry.id, entry.reason) for entry in scan.left_out] == [("soup_can_480_310", "deleted by a person: ghost")]
    assert scan.prop("mug_520_300").category == "bowl"
    assert scan.prop("table_500_600").role is Role.MANIPULABLE
    assert scan.prop("table_500_600").size_m[2] == pytest.approx(1.48)
    assert scan.scale.metres_per_unit == pytest.approx(2 * TRUE_SCALE, rel=1e-3)
    with pytest.raises(UnknownName, match=r"corrections\.yaml: unknown object 'mug'"):
        run_ingest(tmp_path / "run", tmp_path / "store", corrections=correct(tmp_path, {"object": "mug"}))


def test_one_bad_object_is_left_out_or_fatal_as_the_recipe_says(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / f"output/glb/{MUG.key}.glb").write_bytes(b"")
    record, warnings = run_ingest(run, tmp_path / "store")
    assert {prop.id for prop in record.scan.props} == set(IDS) - {"mug_520_300"}
    (left_out,) = record.scan.left_out
    assert left_out.id == "mug_520_300"
    assert f"output/glb/{MUG.key}.glb: is empty (0 bytes)" in left_out.reason
    assert any("mug_520_300 left out" in text for text in warnings)
    assert [check.name for check in record.checks if not check.passed] == ["objects left out"]
    with pytest.raises(ScanError, match=r"run: has objects that cannot be used:\n  mug__"):
        run_ingest(run, tmp_path / "store", on_bad_object="fail")
    assert not list((tmp_path / "store/records").glob("*/left_out"))


def test_a_scan_without_a_usable_object_is_refused_naming_each(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [MUG, CAN])
    for thing in (MUG, CAN):
        (run / f"output/glb/{thing.key}.glb").write_bytes(b"")
    with pytest.raises(NothingUsable, match=r"(?s)no usable object is left.*mug_520_300: .*soup_can_480_310: "):
        run_ingest(run, tmp_path / "store")
    assert not list((tmp_path / "store/records").glob("*/scan.json"))


def test_parts_of_the_room_become_no_props(tmp_path: Path) -> None:
    floor = Thing("floor", (4, 0.02, 4), (0, 0, 0))
    record, _ = run_ingest(write_run(tmp_path / "run", [floor, TABLE, MUG]), tmp_path / "store")
    assert {prop.label for prop in record.scan.props} == {"table", "mug"}
    assert record.scan.left_out == ()


def test_a_units_mistake_refuses_the_scan(tmp_path: Path) -> None:
    with pytest.raises(UnitsMistake, match=r"100 times larger.*declares.*About 1 metres"):
        run_ingest(write_simple(tmp_path / "big", metres_per_unit=100.0), tmp_path / "store")


def test_things_that_lean_with_the_camera_are_set_upright(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [TABLE, MUG])
    path = run / f"output/glb/{MUG.key}.glb"
    leaning = Thing("mug", MUG.size_m, MUG.at_m)
    tilt = np.radians(25.0)
    c, s = np.cos(tilt), np.sin(tilt)
    vertices = np.asarray(leaning.mesh.vertices) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    write_posed(path, leaning, vertices)
    settings = {"metres_per_unit": TRUE_SCALE}
    upright, _ = run_ingest(run, tmp_path / "store", **settings)
    leant, _ = run_ingest(run, tmp_path / "store", straighten=False, **settings)
    assert upright.scan.prop("mug_520_300").size_m == pytest.approx((0.12, 0.08, 0.095), abs=1e-4)
    assert "was set upright" in upright.scan.prop("mug_520_300").review[0]
    assert leant.scan.prop("mug_520_300").size_m[2] > 0.105


def write_posed(path: Path, thing: Thing, y_up_vertices: np.ndarray) -> None:
    """Write a posed mesh whose vertices, Y up, stand at the thing's place."""
    T = thing.T_world_object()
    world = y_up_vertices @ T[:3, :3].T + T[:3, 3]
    write_glb(path, trimesh.Trimesh(to_camera(world), thing.mesh.faces, process=False))


def test_a_scan_without_a_floor_plane_uses_what_stands_on_the_floor(tmp_path: Path) -> None:
    record, _ = run_ingest(write_run(tmp_path / "run", plane=False), tmp_path / "store", metres_per_unit=TRUE_SCALE)
    assert record.scan.gravity.method == "floor objects"
    np.testing.assert_allclose(record.scan.prop("table_500_600").T_world_prop.position_m, TABLE.at_m, atol=1e-4)


def test_settings_are_checked_when_the_recipe_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write '<object id>"):
        IngestSettings(measurements=("table is 74 cm",))
    assert IngestSettings(source=Path("/scans/My Scan/output")).scene_id == "My_Scan"
    assert IngestSettings(source=Path("/scans/字")).scene_id == "scan"
    assert IngestSettings(source=Path("/scans/a"), scene_id="b").scene_id == "b"
    with pytest.raises(ScanError, match=r"ingest\.source: is not set.*or a photo"):
        run_ingest(None, tmp_path / "store")
    run = write_run(tmp_path / "run", [MUG])
    with pytest.raises(RecipeError, match=r"absent\.yaml does not exist"):
        ingest.foreign(IngestSettings(source=run, corrections=tmp_path / "absent.yaml"))


def test_a_photo_that_is_no_picture_is_done_without(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "tmp/converted_from_webp.png").write_bytes(b"not a picture")
    record, warnings = run_ingest(run, tmp_path / "store")
    assert not (record.folder / "photo.png").exists()
    assert any("is not a picture" in text for text in warnings)
