"""A photo becomes a scan through a stand-in reconstructor, with photo, prompts and model in the lineage."""

import json
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.services.stand_in import StandIn, serving, zip_of

from blueprint.pipeline.engine.digests import digest_file
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.lineage import lineage
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import RecipeError, ScanError
from blueprint.pipeline.ingest.stage import ingest
from blueprint.pipeline.recipe import Recipe, parse_recipe
from blueprint.pipeline.reconstruct.stage import ReconstructSettings, reconstruct
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.records import Ingested, Reconstructed
from blueprint.pipeline.services.failures import ServiceFailed

RECONSTRUCTOR = """
import pathlib, shutil, sys
photo, out, prompts, scan = map(pathlib.Path, sys.argv[1:5])
print("segmenting", prompts.read_text().split())
shutil.copytree(scan, out, dirs_exist_ok=True)
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "My Kitchen.jpg"
    cv2.imwrite(str(path), np.full((48, 64, 3), 90, dtype=np.uint8))
    return path


def recipe_of(photo: Path, model: dict[str, object], **fields: object) -> Recipe:
    return parse_recipe({"reconstruct": {"photo": str(photo), "model": model, **fields}}, "test")


def run(recipe: Recipe, store: Path) -> RunState:
    state, stages = RunState(), {"reconstruct": reconstruct, "ingest": ingest}
    run_pipeline((reconstruct, ingest), recipe.sections(), Store(store), InlineExecutor(stages), Tape(), state)
    return state


def kitchen_without_provenance(folder: Path) -> Path:
    scan = folder / "scan"
    shutil.copytree(resource_path("data", "scans/kitchen"), scan)
    (scan / "provenance.json").unlink()
    return scan


def program(scan: Path) -> dict[str, object]:
    command = [sys.executable, "-c", RECONSTRUCTOR, "{input}", "{output}", "{prompts}", str(scan)]
    return {"kind": "command", "name": "stand-in", "version": "0.1", "licence": "CC0-1.0", "command": command}


def test_a_photo_becomes_a_scene_that_says_where_it_comes_from(tmp_path: Path, photo: Path) -> None:
    recipe = recipe_of(photo, program(kitchen_without_provenance(tmp_path)), prompts=["mug", "bowl"])
    state = run(recipe, tmp_path / "store")
    made, ingested = state.records["reconstruct"], state.records["ingest"]
    assert isinstance(made, Reconstructed)
    assert isinstance(ingested, Ingested)
    assert ingested.scan.id == "My_Kitchen"
    assert len(ingested.scan.props) == 11
    assert {prop.provenance.licence for prop in ingested.scan.props} == {"CC0-1.0"}
    report = json.loads((made.folder / Reconstructed.REPORT_FILE).read_bytes())
    assert report["input_digest"] == digest_file(photo)
    assert (report["name"], report["version"], report["prompts"]) == ("stand-in", "0.1", ["mug", "bowl"])
    assert (made.folder / "log.txt").read_text().startswith("segmenting ['mug', 'bowl']")
    first = lineage(ingested)[0]
    assert first["foreign"] == {"photo": digest_file(photo)}
    assert first["settings"]["prompts"] == ["mug", "bowl"]
    assert first["settings"]["model"]["name"] == "stand-in"


def test_a_service_on_this_machine_does_the_same(tmp_path: Path, photo: Path) -> None:
    scan = resource_path("data", "scans/kitchen")
    files = {path.relative_to(scan).as_posix(): path.read_bytes() for path in scan.rglob("*") if path.is_file()}
    with serving(StandIn(result=zip_of(files), polls_until_done=0)) as stand_in:
        state = run(recipe_of(photo, {"kind": "http", "name": "stand-in", "url": stand_in.url}), tmp_path / "store")
    ingested = state.records["ingest"]
    assert isinstance(ingested, Ingested)
    assert len(ingested.scan.props) == 11


def test_another_photo_asks_again_and_the_same_one_does_not(tmp_path: Path, photo: Path) -> None:
    recipe = recipe_of(photo, program(resource_path("data", "scans/kitchen")))
    first = run(recipe, tmp_path / "store").records["reconstruct"].key
    assert run(recipe, tmp_path / "store").records["reconstruct"].key == first
    cv2.imwrite(str(photo), np.full((48, 64, 3), 91, dtype=np.uint8))
    assert run(recipe, tmp_path / "store").records["reconstruct"].key != first


def test_a_reconstructor_that_fails_leaves_no_record(tmp_path: Path, photo: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no GPU')", "{input}", "{output}"]
    recipe = recipe_of(photo, {"kind": "command", "name": "stand-in", "command": command})
    with pytest.raises(ServiceFailed, match="no GPU"):
        run(recipe, tmp_path / "store")
    assert Store(tmp_path / "store").keys() == []


def test_what_is_no_photo_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    settings = {"model": {"kind": "http", "name": "x", "url": "http://127.0.0.1:9"}}
    text, absent = tmp_path / "a.jpg", tmp_path / "b.jpg"
    text.write_text("no picture")
    for path, message in ((text, "no picture that can be decoded"), (absent, "does not exist")):
        with pytest.raises(ScanError, match=message):
            reconstruct.foreign(ReconstructSettings.model_validate({"photo": path, **settings}))


def test_contradictions_in_the_recipe_are_refused(tmp_path: Path, photo: Path) -> None:
    with pytest.raises(RecipeError, match=r"reconstruct\.photo and ingest\.source are both set"):
        parse_recipe({"reconstruct": {"photo": str(photo), "model": program(tmp_path)}, "ingest": {"source": "x"}}, "r")
    with pytest.raises(RecipeError, match="no model would reconstruct it"):
        parse_recipe({"reconstruct": {"photo": str(photo)}}, "r")
    with pytest.raises(RecipeError, match="a prompt is one line"):
        parse_recipe({"reconstruct": {"prompts": ["a\nb"]}}, "r")
