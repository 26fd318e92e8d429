"""The stage on assets: the validator's word where it spoke, our own checks beside it, and a check for each."""

from pathlib import Path

import pytest
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.prove import assets
from blueprint.pipeline.prove.assets import asset_checks, judge_props
from blueprint.pipeline.scene.proofs import AssetState
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.usd.asset_files import asset_files, sidecar_of


def _state(verdict: str, *own: str) -> AssetState:
    return AssetState("mug", "Robotics-Prop", "4.0.0", verdict, own_findings=own)


def test_every_prop_has_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_kitchenette(tmp_path)
    asked: dict[str, Path] = {}

    def judge(found: dict[str, Path], python: Path | None, deadline_s: float) -> tuple[AssetState, ...]:
        asked.update(found)
        return tuple(AssetState(name, "Robotics-Prop", "4.0.0", "passes", "it 1.0") for name in found)

    monkeypatch.setattr(assets, "judge_assets", judge)
    states = judge_props(Assembled(tmp_path))
    assert [state.prop for state in states] == list(asked)
    assert sorted(asked.values()) == list(asset_files(tmp_path / "scene"))
    # Nobody has drawn the kitchenette's thumbnails, and a record is never dated.
    can = next(state for state in states if state.prop == "can")
    assert can.verdict == "passes"
    assert can.own_findings == ("SR.002: there is no picture .thumbs/256x256/can.usda.png",)
    assert not any(sidecar_of(path).exists() for path in asked.values())


def test_a_validator_that_judged_nothing_is_no_check() -> None:
    (own,) = asset_checks([_state("not checked")])
    assert (own.name, own.value, own.passed, own.blocking) == (
        "props that break a rule of our own checks of assets",
        0.0,
        True,
        False,
    )


def test_failing_props_are_counted() -> None:
    states = [_state("passes"), _state("fails", "SR.002: no picture"), _state("not checked", "SR.002: no picture")]
    own, judged = asset_checks(states)
    assert (own.value, own.passed) == (2.0, False)
    assert (judged.name, judged.value, judged.passed) == (
        "props that fail Robotics-Prop 4.0.0, of 2 judged",
        1.0,
        False,
    )
