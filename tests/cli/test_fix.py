"""`blueprint fix`: what can be corrected, one correction more, one less."""

import json
import math
from pathlib import Path

import pytest
from tests.app.small_run import CABINET, MUG, SmallRun

from blueprint.pipeline.app.corrections import CorrectionBook
from blueprint.pipeline.cli import main
from blueprint.pipeline.scene.corrections import Correction, load_corrections

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return SmallRun(tmp_path).folder.root


def test_without_flags_it_lists_objects_joints_and_corrections(run: Path, capsys: Capture) -> None:
    assert main(["fix", str(run)]) == 0
    said = capsys.readouterr().out
    assert f"{MUG}: mug, manipulable, 310 g" in said
    assert "joints door" in said
    assert "0 corrections" in said


def test_an_object_alone_is_described_with_the_reasons(run: Path, capsys: Capture) -> None:
    assert main(["fix", str(run), CABINET]) == 0
    said = capsys.readouterr().out
    assert "joint door: revolute, leaf on base, axis 0.000 0.000 1.000" in said
    assert "0.0 deg to 85.9 deg" in said


def test_a_mass_and_an_axis_are_corrected_listed_and_undone(run: Path, capsys: Capture) -> None:
    assert main(["fix", str(run), MUG, "--mass-kg", "0.25", "--why", "weighed"]) == 0
    assert main(["fix", str(run), CABINET, "--joint", "door", "--axis", "0", "0", "-1", "--limits-deg", "0", "90"]) == 0
    assert "run the recipe into this folder again" in capsys.readouterr().err
    (joint,) = load_corrections(run / "corrections.yaml").of(CABINET).joints
    assert (joint.axis, joint.upper) == ((0.0, 0.0, -1.0), pytest.approx(math.pi / 2))
    assert main(["fix", str(run), "--undo"]) == 0
    assert main(["fix", str(run)]) == 0
    said = capsys.readouterr().out
    assert f"undone: {CABINET}: joint door: axis 0 0 -1" in said
    assert f"1. {MUG}: mass 250 g (weighed)" in said
    assert main(["fix", str(run), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [entry["object"] for entry in data["corrections"]] == [MUG]
    assert [entry["object"] for entry in data["undone"]] == [CABINET]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--mass-kg", "1"], "name the object"),
        ([CABINET, "--axis", "0", "0", "1"], "name the joint with --joint"),
        ([CABINET, "--joint", "door", "--axis", "0", "0", "0"], "axis has no length"),
        ([CABINET, "--joint", "door", "--limits-deg", "90", "0"], "do not rise"),
        ([CABINET, "--joint", "door", "--limits-m", "0", "1"], "door turns, so its limits are angles"),
        ([CABINET, "--joint", "lid", "--type", "prismatic", "--limits-deg", "0", "9"], "lid slides"),
        ([CABINET, "--joint", "lid", "--axis", "0", "0", "1"], "needs --type, --child, --limits-deg or --limits-m too"),
        ([CABINET, "--part", "door"], "a part needs --part NAME, --low"),
        ([MUG, "--mass-kg", "-1"], "--mass-kg: input should be greater than 0"),
        (["spoon", "--delete"], "unknown object 'spoon'"),
    ],
)
def test_what_cannot_be_corrected_is_refused_in_words(
    run: Path, capsys: Capture, flags: list[str], message: str
) -> None:
    assert main(["fix", str(run), *flags]) == 2
    assert message in capsys.readouterr().err
    assert not (run / "corrections.yaml").exists()


def test_a_run_that_stopped_at_a_correction_says_how_to_go_on(tmp_path: Path, capsys: Capture) -> None:
    run = SmallRun(tmp_path, until="ingest").folder
    CorrectionBook(run.root / "corrections.yaml").add(Correction(object=MUG, split="components"))
    run.save({**run.load(), "stages": {}, "succeeded": False, "message": "mug: its mesh is one connected piece"})
    assert main(["fix", str(run.root), MUG, "--mass-kg", "1"]) == 2
    said = capsys.readouterr().err
    assert "stopped: mug: its mesh is one connected piece" in said
    assert "--undo takes the last one back" in said
    assert main(["fix", str(run.root)]) == 0
    assert "the last run did not succeed: mug" in capsys.readouterr().out
