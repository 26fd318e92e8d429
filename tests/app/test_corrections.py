"""Corrections are checked against the run, written in order, undone and redone, and heeded by the next run."""

from pathlib import Path

import pytest
import yaml
from tests.app.small_run import CABINET, MUG, SmallRun

from blueprint.pipeline.app.corrections import (
    CorrectableRun,
    CorrectionBook,
    CorrectionRefused,
    describe,
    heed_corrections,
)
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.recipe import Recipe
from blueprint.pipeline.scene.corrections import Correction, JointCorrection


@pytest.fixture
def run(small_run: SmallRun, tmp_path: Path) -> CorrectableRun:
    return CorrectableRun(RunFolder(small_run.folder.root), tmp_path / "corrections.yaml")


def mass(mass_kg: float, object_id: str = MUG) -> Correction:
    return Correction(object=object_id, mass_kg=mass_kg, why="weighed")


def test_what_is_added_can_be_undone_and_redone(run: CorrectableRun) -> None:
    run.correct(mass(0.2))
    run.correct(mass(0.3))
    assert run.book.load().of(MUG).mass_kg == 0.3
    assert run.book.undo().mass_kg == 0.3
    assert run.book.load().of(MUG).mass_kg == 0.2
    assert run.book.redo().mass_kg == 0.3
    assert run.book.load().of(MUG).mass_kg == 0.3
    run.book.undo()
    run.correct(mass(0.4))
    with pytest.raises(CorrectionRefused, match="nothing was undone"):
        run.book.redo()


def test_nothing_is_left_to_undo(tmp_path: Path) -> None:
    with pytest.raises(CorrectionRefused, match=r"corrections\.yaml: there is nothing to undo"):
        CorrectionBook(tmp_path / "corrections.yaml").undo()


def test_only_the_last_correction_is_undone_and_not_behind_a_name(run: CorrectableRun) -> None:
    run.correct(mass(0.2))
    with pytest.raises(CorrectionRefused, match=f"the last correction is of {MUG}, not of {CABINET}"):
        run.book.undo(CABINET)
    assert run.book.undo(MUG).mass_kg == 0.2


def test_unknown_names_are_refused_with_those_that_exist(run: CorrectableRun) -> None:
    with pytest.raises(UnknownName, match=rf"unknown object 'spoon'.*{MUG}"):
        run.correct(mass(1.0, "spoon"))
    with pytest.raises(UnknownName, match="unknown material 'cheese'"):
        run.correct(Correction(object=MUG, material="cheese"))
    with pytest.raises(UnknownName, match="unknown category 'thingy'"):
        run.correct(Correction(object=MUG, category="thingy"))
    with pytest.raises(CorrectionRefused, match="into itself"):
        run.correct(Correction(object=MUG, merge_into=MUG))
    assert not run.book.path.exists()


def test_a_joint_that_is_new_must_be_told_whole(run: CorrectableRun) -> None:
    with pytest.raises(
        CorrectionRefused,
        match=rf"{CABINET} has no joint 'lid' \(it has door\).*needs --type, --child, --axis, --l",
    ):
        run.correct(Correction(object=CABINET, joints=(JointCorrection(joint="lid", upper=1.0),)))
    written = run.correct(Correction(object=CABINET, joints=(JointCorrection(joint="door", axis=(0, 0, 1)),)))
    assert written.size_m == run.facts.props[1].prop.size_m
    assert describe(written) == "joint door: axis 0 0 1"


def test_the_file_is_plain_yaml_that_says_what_it_is(run: CorrectableRun) -> None:
    run.correct(mass(0.2))
    text = run.book.path.read_text()
    assert text.startswith("# What a person has corrected")
    assert yaml.safe_load(text) == {
        "format": "blueprint.corrections",
        "version": 2,
        "corrections": [{"object": MUG, "mass_kg": 0.2, "why": "weighed"}],
    }


def test_a_run_heeds_its_folders_corrections_and_no_second_file(tmp_path: Path) -> None:
    assert heed_corrections(Recipe(), tmp_path) == Recipe()
    book = CorrectionBook(tmp_path / "corrections.yaml")
    book.add(mass(0.2))
    heeded = heed_corrections(Recipe(), tmp_path)
    assert heeded.corrections == book.path
    assert {name for name, section in heeded.sections().items() if getattr(section, "corrections", None)} == {
        "ingest",
        "articulate",
        "simready",
    }
    with pytest.raises(RecipeError, match=r"holds corrections\.yaml too"):
        heed_corrections(Recipe(corrections=tmp_path / "other.yaml"), tmp_path)
