"""The manifest and its schema."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.usd.kitchenette import articulated, kitchenette
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.assemble.manifest import SCHEMA_FILE, scene_prop, scene_schema
from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.scene.codec import encode, from_plain, to_plain
from blueprint.pipeline.scene.edits import SetMass, SetSemantics
from blueprint.pipeline.scene.manifests import SceneManifest


def test_the_committed_schema_is_current(repository: Path) -> None:
    remedy = f"python tools/scene_schema.py {SCHEMA_FILE}"
    assert (repository / SCHEMA_FILE).read_bytes() == canonical_json(scene_schema()), remedy


def test_a_scene_fits_the_schema_and_comes_back(tmp_path: Path) -> None:
    manifest = write_kitchenette(tmp_path)
    data = json.loads(encode(manifest))
    jsonschema.validate(data, scene_schema())
    assert from_plain(data, SceneManifest) == manifest
    broken = {**data, "robot": {**data["robot"], "T_world_base": "here"}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, scene_schema())
    assert to_plain(manifest)["version"] == 2


def test_the_last_decision_counts(tmp_path: Path) -> None:
    made = kitchenette(tmp_path)["can"]
    heavier = next(replace(edit, mass_kg=9.0) for edit in made.physics if isinstance(edit, SetMass))
    entry = scene_prop(made.prop, (*made.physics, heavier), prim_path="/World/props/can", asset_path="a.usda")
    assert entry.mass_kg() == 9.0


def test_a_missing_decision_is_named(tmp_path: Path) -> None:
    made = kitchenette(tmp_path)["cabinet"]
    without_mass = [edit for edit in made.physics if not (isinstance(edit, SetMass) and edit.body == "door")]
    with pytest.raises(ValueError, match="cabinet/door: no SetMass among its edits"):
        scene_prop(articulated(made), without_mass, prim_path="", asset_path="")
    without_role = [edit for edit in made.physics if not isinstance(edit, SetSemantics)]
    with pytest.raises(ValueError, match="cabinet: nobody has decided its role"):
        scene_prop(articulated(made), without_role, prim_path="", asset_path="")
