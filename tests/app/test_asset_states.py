"""States of assets: what was proven comes first, own checks never stand for a pass, and what is unknown says so."""

import json
from pathlib import Path

import pytest
from pxr import Sdf
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.app import asset_states
from blueprint.pipeline.app.asset_states import AssetReport, own_findings
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.show import show
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.proofs import AssetState, FeatureState, Proof

VALIDATOR = "simready-validate 9.1.0"
HAS, LACKS = FeatureState("FET_001", "1.0", True, False), FeatureState("FET_033", "0.4", False, True)
NEED_NOT = FeatureState("FET_004", "0.2", False, False)


def _state(prop: str, verdict: str, *findings: str) -> AssetState:
    features = {"passes": (HAS, NEED_NOT), "fails": (HAS, LACKS)}.get(verdict, ())
    validator = "" if verdict == "not checked" else VALIDATOR
    return AssetState(prop, "Robotics-Prop", "4.0.0", verdict, validator, findings, features)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that has proven its scene."""
    write_kitchenette(tmp_path)
    states = (
        _state("can", "passes"),
        _state("cabinet", "fails", "SR.002: no picture", "SR.004: no date"),
        _state("table", "not checked", "it is not installed"),
    )
    proof = tmp_path / "store" / "records" / "proven"
    proof.mkdir(parents=True)
    save(proof / "proof.json", Proof("kitchenette", (), (), (), states))
    RunFolder(tmp_path).save({"stages": {"prove": {"key": "proven"}}})
    return tmp_path


def test_a_scene_tells_the_state_of_each_asset(run: Path) -> None:
    text = show(run / "scene").text()
    assert "can: passes Robotics-Prop 4.0.0 (by simready-validate 9.1.0; store/records/proven/proof.json)" in text
    assert "cabinet: fails Robotics-Prop 4.0.0" in text
    assert "1 of 2 features: SR.002: no picture; SR.004: no date" in text
    assert "table: not judged by the validator of Robotics-Prop 4.0.0 (it is not installed); own checks find " in text
    assert "ell: not judged by the validator of Robotics-Prop 4.0.0; own checks find " in text


def test_without_a_proof_only_own_checks_speak(run: Path) -> None:
    (run / "run.json").unlink()
    states = show(run / "scene").data["assets"]
    assert set(states) >= {"can", "cabinet", "table"}
    assert all(state.startswith("not judged by the validator") for state in states.values())
    assert "SR.002: there is no picture" in states["can"]


@pytest.mark.parametrize("below", ["", "simready_usd", "simready_usd/cabinet.usda"])
def test_an_asset_is_known_by_its_folder_and_its_file(run: Path, below: str) -> None:
    summary = show(run / "scene" / "assets" / "cabinet" / below)
    assert summary.kind == "asset"
    text = summary.text()
    assert "finding      SR.004: no date" in text
    assert "feature      FET_001 1.0: has it" in text
    assert "feature      FET_033 0.4: LACKS IT" in text
    assert summary.data["proven"]["verdict"] == "fails"
    assert summary.data["proof"] == "store/records/proven/proof.json"
    json.dumps(summary.data, allow_nan=False)


def test_a_feature_that_is_optional_says_so(run: Path) -> None:
    assert "FET_004 0.2: does not have it, and need not" in show(run / "scene" / "assets" / "can").text()


def test_where_usd_is_not_installed_nothing_was_checked(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset_states, "find_spec", lambda _: None)
    assert own_findings(run / "scene" / "assets" / "can" / "simready_usd" / "can.usda") is None
    assert AssetReport("can", None, "", None).verdict.endswith(
        "own checks need pip install 'blueprint-pipeline[scene]'"
    )


def test_an_asset_that_leads_outside_is_not_opened(run: Path) -> None:
    asset = run / "scene" / "assets" / "can" / "simready_usd" / "can.usda"
    layer = Sdf.Layer.FindOrOpen(str(asset))
    layer.subLayerPaths.append("../../../../../outside.usda")
    layer.Save()
    findings = own_findings(asset)
    assert findings is not None
    assert findings[0].endswith("leads outside the folder")


def test_an_asset_that_is_not_there_is_named(run: Path) -> None:
    asset = run / "scene" / "assets" / "can" / "simready_usd" / "can.usda"
    asset.unlink()
    assert own_findings(asset) == ("NP.008: can.usda does not exist",)
    assert own_findings(run / "scene" / "assets" / "ell" / "simready_usd" / "ell.usda")
