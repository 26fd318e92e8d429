"""The section that says what to look at: the worst object with its pictures, the rest, and what was corrected."""

from tests.app.small_run import MUG, SmallRun

from blueprint.pipeline.app.corrections import CorrectionBook
from blueprint.pipeline.app.report.attention import describe_attention, figures_of
from blueprint.pipeline.app.report.page import write_report
from blueprint.pipeline.app.report.pictures import PictureShelf
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.scene_facts import SceneFacts
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE, Correction


def test_the_worst_object_is_shown_with_its_place_and_the_rest_by_object(small_run: SmallRun) -> None:
    records = RunRecords(small_run.folder)
    section = describe_attention(records, SceneFacts(records), PictureShelf(small_run.folder.root))
    assert section is not None
    assert section.worst is not None
    assert section.worst.place.fault or section.worst.place.uri
    assert section.worst.anchor.startswith("object-")
    shown = [group.id for group in section.others]
    assert section.worst.id not in shown
    assert len(shown) == len(set(shown))


def test_figures_say_size_mass_and_how_sure(small_run: SmallRun) -> None:
    (mug,) = [each for each in SceneFacts(RunRecords(small_run.folder)).props if each.prop.id == MUG]
    assert figures_of(mug).startswith("taken for mug · ")
    assert "310 g (" in figures_of(mug)


def test_a_correction_is_told_and_makes_the_page_anew(other_run: SmallRun) -> None:
    write_report(other_run.folder)
    assert "Corrected by a person" not in other_run.folder.report.read_text(encoding="utf-8")
    correction = Correction(object=MUG, mass_kg=0.25, why="weighed")
    CorrectionBook(other_run.folder.root / CORRECTIONS_FILE).add(correction)
    write_report(other_run.folder)
    text = other_run.folder.report.read_text(encoding="utf-8")
    assert f"<li>{MUG}: mass 250 g (weighed)</li>" in text
