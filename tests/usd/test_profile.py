"""The door to the validator, against stand-ins of it: its verdicts, its absence, its death, its silence."""

import os
import stat
import sys
import textwrap
from pathlib import Path

import pytest

from blueprint.pipeline.scene.proofs import FeatureState
from blueprint.pipeline.usd.profile import PROFILE, PROFILE_VERSION, Validator, find_validator, judge_assets

VALIDATE = """
import json, os, time
from dataclasses import dataclass, field
from pathlib import Path

@dataclass
class AssetValidationConfig:
    asset_path: str
    profile_id: str
    profile_version: str
    write_metadata: bool

class Thing:
    def __init__(self, **fields):
        self.__dict__.update(fields)

def initialize(*_): pass
def destroy(): pass
def features_summary_passed(summary): return all(entry["passed"] for entry in summary.values())
def is_blocking_failure(entry): return not entry["passed"]

def validate_asset(config):
    assert (config.profile_id, config.profile_version) == ("Robotics-Prop", "4.0.0")
    asset = Path(config.asset_path)
    text = asset.read_text()
    if "die" in text:
        os.abort()
    if "hang" in text:
        time.sleep(60)
    if "raise" in text:
        raise RuntimeError("the rule broke")
    dated = "usd_date_generated" in json.loads(asset.with_suffix(".json").read_text())
    good = dated and "good" in text
    at = Thing(prim_id=Thing(path="/mug/body"))
    issue = Thing(requirement=Thing(code="com.nvidia.simready.SR.002"), message=f"No thumbnail at  {asset}.png", at=at)
    summary = {"FET_033": {"version": "0.4.0", "passed": good}, "FET_000": {"version": "0.2.0", "passed": True}}
    return Thing(issues=[] if good else [issue, issue], soft_issues=[], features_summary=summary)
"""


@pytest.fixture
def validator(tmp_path: Path) -> Path:
    """An interpreter that has a stand-in of the validator."""
    packages = tmp_path / "packages"
    for folder in ("simready/validate", "simready/foundation/tier_core"):
        (packages / folder).mkdir(parents=True)
        (packages / folder / "__init__.py").write_text("")
    (packages / "simready/validate/__init__.py").write_text(VALIDATE)
    for name in ("simready_validate", "simready_foundation_tier_core"):
        (packages / f"{name}-9.1.0.dist-info").mkdir()
        (packages / f"{name}-9.1.0.dist-info/METADATA").write_text(f"Name: {name}\nVersion: 9.1.0\n")
    return _interpreter(tmp_path / "python", f"import sys; sys.path.insert(0, {str(packages)!r})")


def _interpreter(path: Path, prelude: str) -> Path:
    """Write a program that takes an interpreter's flags and runs a script after a prelude."""
    path.write_text(
        textwrap.dedent(f"""\
        #!{sys.executable} -I
        {prelude}
        import runpy
        sys.argv = [word for word in sys.argv[1:] if word not in ("-I", "-B")]
        runpy.run_path(sys.argv[0], run_name="__main__")
        """)
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def _asset(folder: Path, name: str, text: str) -> Path:
    path = folder / "assets" / name / "simready_usd" / f"{name}.usda"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_each_asset_gets_its_verdict(validator: Path, tmp_path: Path) -> None:
    assets = {name: _asset(tmp_path, name, text) for name, text in (("mug", "good"), ("can", "bad"))}
    mug, can = judge_assets(assets, validator)
    assert (mug.prop, mug.profile, mug.profile_version) == ("mug", PROFILE, PROFILE_VERSION)
    assert (mug.verdict, mug.findings) == ("passes", ())
    assert mug.validator == "simready-validate 9.1.0, simready-foundation-tier-core 9.1.0"
    assert mug.features == (
        FeatureState("FET_000", "0.2.0", True, False),
        FeatureState("FET_033", "0.4.0", True, False),
    )
    assert can.verdict == "fails"
    assert can.findings == ("SR.002: No thumbnail at 1/can/simready_usd/can.usda.png (at /mug/body)",)
    assert can.features[1] == FeatureState("FET_033", "0.4.0", False, True)


def test_the_asset_itself_is_not_touched(validator: Path, tmp_path: Path) -> None:
    asset = _asset(tmp_path, "mug", "good")
    before = sorted(tmp_path.rglob("*"))
    judge_assets({"mug": asset}, validator)
    assert [path for path in sorted(tmp_path.rglob("*")) if "packages" not in path.parts] == [
        path for path in before if "packages" not in path.parts
    ]


def test_where_there_is_no_validator_nothing_passes(tmp_path: Path) -> None:
    asset = _asset(tmp_path, "mug", "good")
    bare = _interpreter(tmp_path / "python", "import sys; sys.modules['simready'] = None")
    for python in (bare, tmp_path / "absent" / "python"):
        (state,) = judge_assets({"mug": asset}, python)
        assert (state.verdict, state.validator, state.features) == ("not checked", "", ())
        assert "blueprint-pipeline[simready]" in state.findings[0]
        assert find_validator(python).state == "not installed"


def test_an_interpreter_that_may_not_be_run_counts_as_none(tmp_path: Path) -> None:
    plain = tmp_path / "python"
    plain.write_text("no program")
    assert not os.access(plain, os.X_OK)
    assert find_validator(plain).state == "not installed"


def test_it_is_there(validator: Path) -> None:
    found = find_validator(validator)
    assert found == Validator("works", "simready-validate 9.1.0, simready-foundation-tier-core 9.1.0")


def test_an_interpreter_may_be_named_from_here(validator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(validator.parent.parent)
    assert find_validator(Path(validator.parent.name) / validator.name).state == "works"


def test_one_that_does_not_come_up_is_broken(tmp_path: Path) -> None:
    python = _interpreter(tmp_path / "python", "raise SystemExit('a library is missing')")
    found = find_validator(python)
    assert (found.state, found.why_not) == ("broken", "the validator ended with code 1: a library is missing")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("die", "the validator died of signal 6"),
        ("raise", "the validator ended with code 1: RuntimeError: the rule broke"),
        ("hang", "the validator was not done within 3 s"),
    ],
)
def test_what_was_judged_before_it_ended_stays(validator: Path, tmp_path: Path, text: str, why: str) -> None:
    assets = {"mug": _asset(tmp_path, "mug", "good"), "can": _asset(tmp_path, "can", text)}
    mug, can = judge_assets(assets, validator, deadline_s=3)
    assert mug.verdict == "passes"
    assert (can.verdict, can.findings) == ("not checked", (why,))
