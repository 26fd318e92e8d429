"""Nouns survive the way to JSON and back, byte for byte the same each time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.codec import encode, from_plain, load, save, to_plain
from blueprint.pipeline.scene.edits import Edit, MoveProp, SetMass, SetSemantics
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Role

EDITS: tuple[Edit, ...] = (
    MoveProp("mug", Pose((0.1, 0.2, 0.3), (0.0, 1.0, 0.0, 0.0)), "settled"),
    SetSemantics("mug", Role.MANIPULABLE, ("graspable",), {"class": "mug"}, "category"),
    SetMass("mug", "body", 0.3, (0, 0, 0.05), (1e-4, 1e-4, 1e-4), (1, 0, 0, 0), "ceramic"),
)


def test_a_union_of_edits_comes_back_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "deep" / "edits.json", EDITS, tuple[Edit, ...])
    assert load(tmp_path / "deep" / "edits.json", tuple[Edit, ...]) == EDITS


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_floats_are_kept_to_the_last_bit(value: float) -> None:
    pose = Pose((value, 0.0, 0.0))
    assert from_plain(to_plain(pose), Pose).position_m[0] == value
    assert encode(pose) == encode(from_plain(to_plain(pose), Pose))


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        encode(Pose((float("nan"), 0.0, 0.0)))


def test_every_faulty_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pose.json"
    path.write_text('{"position_m": [0, 0], "quat_wxyz": "none"}')
    with pytest.raises(ScanError, match=r"position_m.*quat_wxyz"):
        load(path, Pose)
