"""A person's corrections are read strictly and merged per object."""

from pathlib import Path

import pytest

from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.scene.corrections import (
    JOINT_FIELDS,
    MATTER_FIELDS,
    OBJECT_FIELDS,
    Correction,
    Corrections,
    load_corrections,
)


def test_without_a_file_nothing_is_corrected() -> None:
    correction = load_corrections(None).of("mug")
    assert correction.mass_kg is None
    assert not correction.delete


def test_later_entries_replace_only_the_fields_they_name(tmp_path: Path) -> None:
    path = tmp_path / "corrections.yaml"
    path.write_text(
        "corrections:\n"
        "- {object: mug, mass_kg: 0.3, material: ceramic}\n"
        "- {object: mug, mass_kg: 0.35, why: weighed}\n"
        "- {object: can, delete: true}\n"
    )
    corrections = load_corrections(path)
    assert corrections.of("mug").mass_kg == 0.35
    assert corrections.of("mug").material == "ceramic"
    assert corrections.of("can").delete
    assert not corrections.of("mug").delete


@pytest.mark.parametrize("text", ["corrections: [{object: mug, mas_kg: 1}]", "corrections: [{mass_kg: -1}]", "a: ["])
def test_faults_name_file_and_field(tmp_path: Path, text: str) -> None:
    path = tmp_path / "corrections.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=r"corrections\.yaml: "):
        load_corrections(path)


def test_later_words_about_a_joint_replace_only_what_they_name(tmp_path: Path) -> None:
    path = tmp_path / "corrections.yaml"
    path.write_text(
        "corrections:\n"
        "- {object: cabinet, joints: [{joint: hinge, upper: 1.2}, {joint: rail, delete: true}]}\n"
        "- {object: cabinet, joints: [{joint: hinge, axis: [0, 0, -1], upper: 1.6}]}\n"
    )
    hinge, rail = load_corrections(path).of("cabinet").joints
    assert (hinge.joint, hinge.axis, hinge.upper) == ("hinge", (0, 0, -1), 1.6)
    assert (rail.joint, rail.delete) == ("rail", True)
    path.write_text(path.read_text() + "- {object: cabinet, joints: [{joint: hinge, lower: 0.1}]}\n")
    (hinge, _) = load_corrections(path).of("cabinet").joints
    assert (hinge.axis, hinge.lower, hinge.upper) == ((0, 0, -1), 0.1, 1.6)


def test_each_stage_is_told_only_what_it_decides_from() -> None:
    entry = Correction(object="mug", mass_kg=0.3, height_m=0.1, why="measured")
    book = Corrections(corrections=(entry, Correction(object="can", mass_kg=0.4)))
    assert book.about("mug", MATTER_FIELDS) == {"object": "mug", "mass_kg": 0.3, "why": "measured"}
    assert book.about("mug", JOINT_FIELDS) == {"object": "mug"}
    assert book.objects(OBJECT_FIELDS) == {"mug": {"object": "mug", "height_m": 0.1, "why": "measured"}}
