"""Bad input through the whole program: one bad object is left out and named, and fatal where the recipe says so."""

import json
import os
from pathlib import Path

import numpy as np
import trimesh
from tests.formats.tiny_scans import CAN, MUG, TABLE, Thing, write_glb, write_prediction, write_run
from tests.workplaces import RECIPE, Done, blueprint

from blueprint.pipeline.engine.lock import locked

MUG_ID, MUG_MESH = "mug_520_300", f"output/glb/{MUG.key}.glb"
JUG = Thing("jug", (0.12, 0.2, 0.1), (0.4, 1.5, 0.74), centre_px=(600, 300))
CUP = Thing("cup", (0.08, 0.09, 0.07), (-0.3, 1.5, 0.74), centre_px=(400, 300))
BOWL = Thing("bowl", (0.16, 0.07, 0.14), (0.3, 1.8, 0.74), centre_px=(560, 280))


def run(scan: Path, out: Path, *flags: str) -> Done:
    return blueprint(
        "run", RECIPE, "--ingest.source", scan, "--out", out, "--until", "articulate", "--face", "plain", *flags
    )


def not_a_number(thing: Thing) -> trimesh.Trimesh:
    vertices = np.array(thing.mesh.vertices)
    vertices[3, 1] = np.nan
    return trimesh.Trimesh(vertices, thing.mesh.faces, process=False)


def test_bad_objects_are_left_out_and_named_everywhere(tmp_path: Path) -> None:
    scan, out = write_run(tmp_path / "scan", [TABLE, CAN, MUG, JUG, CUP, BOWL]), tmp_path / "run"
    meshes = {thing.label: scan / f"output/glb/{thing.key}.glb" for thing in (MUG, JUG, CUP, BOWL)}
    meshes["mug"].write_bytes(b"")
    meshes["jug"].write_bytes(meshes["jug"].read_bytes()[:-40])
    write_glb(meshes["cup"], not_a_number(CUP))
    meshes["bowl"].unlink()
    done = run(scan, out)
    assert done.code == 0, done.errors
    shown = json.loads(blueprint("show", out, "--json").output)
    assert {entry["id"] for entry in shown["objects"]} == {"table_500_600", "soup_can_480_310"}
    reasons = {entry["id"]: entry["reason"] for entry in shown["left_out"]}
    assert reasons.keys() == {MUG_ID, "jug_600_300", "cup_400_300", "bowl_560_280"}
    assert f"{MUG_MESH}: is empty (0 bytes)" in reasons[MUG_ID]
    assert f"output/glb/{JUG.key}.glb" in reasons["jug_600_300"]
    assert "NaN or infinite" in reasons["cup_400_300"]
    assert f"output/glb/{BOWL.key}.glb" in reasons["bowl_560_280"]
    report = (out / "report.html").read_text()
    for name, reason in reasons.items():
        assert f"{name} left out: {reason}" in done.errors
        assert name in report
    assert "0 bytes" in report


def test_a_bad_object_is_fatal_where_the_recipe_says_so(tmp_path: Path) -> None:
    scan, out = write_run(tmp_path / "scan"), tmp_path / "run"
    (scan / MUG_MESH).write_bytes(b"")
    done = run(scan, out, "--ingest.on-bad-object", "fail")
    assert done.code == 2
    assert "scan: has objects that cannot be used:" in done.errors
    assert f"{MUG_MESH}: is empty (0 bytes)" in done.errors
    assert not list((out / "store" / "records").glob("*/scan.json"))
    assert json.loads((out / "failure.json").read_bytes())["is_input_error"] is True
    mended = run(write_run(tmp_path / "again" / "scan"), out, "--ingest.on-bad-object", "fail")
    assert mended.code == 0
    assert not (out / "failure.json").exists()


def test_a_pickled_prediction_is_never_loaded(tmp_path: Path) -> None:
    scan, out = write_run(tmp_path / "scan", [TABLE, CAN]), tmp_path / "run"
    mark = tmp_path / "executed"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return (Path.write_text, (mark, "executed"))  # type: ignore[return-value]

    place = scan / "particulate" / TABLE.key / "eval"
    parts = np.zeros(len(TABLE.mesh.faces), dtype=np.int32)
    write_prediction(place, TABLE.mesh, parts, {"face_part_ids": np.array([Trap()], dtype=object)})
    assert b"write_text" in (place / "pred.npz").read_bytes(), "the trap is set"
    done = run(scan, out)
    assert not mark.exists()
    assert done.code == 0, done.errors
    assert "pred.npz" in done.errors
    assert "plain arrays" in done.errors


def test_a_second_run_in_the_same_folder_is_refused_naming_the_first(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with locked(out):
        done = run(write_run(tmp_path / "scan"), out)
    assert done.code == 2
    assert f"run is in use by process {os.getpid()}; wait for it, or choose another --out folder" in done.errors
    assert {path.name for path in out.iterdir()} == {".lock"}
