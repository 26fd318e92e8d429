"""A person's word replaces the evidence field by field, and what does not exist is refused with what does."""

from typing import Any

import numpy as np
import pytest

from blueprint.pipeline.articulate.corrected_joints import corrected_parts, length_scale
from blueprint.pipeline.articulate.moving_parts import MovingPart
from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Joint, Prop, Provenance, Role

PROP = Prop("cab", "cabinet", "cabinet", Role.FURNITURE, (), (), (0.6, 0.6, 0.9), Pose(), Provenance("x.glb"))
DOOR = MovingPart(
    "door",
    Joint("door_1_joint", "revolute", "base", "door_1", (0, 0, 1), (0.3, -0.2, 0.4), 0.0, 1.75),
    None,
    0.6,
    "seen",
)
KNOB = MovingPart(
    "knob",
    Joint("knob_1_joint", "revolute", "door_1", "knob_1", (0, -1, 0), (0.1, -0.2, 0.4), -1.0, 1.0),
    None,
    0.6,
    "s",
)
NEW = {
    "joint": "flap_joint",
    "kind": "revolute",
    "child": "flap",
    "axis": [2, 0, 0],
    "origin_m": [0, 0, 1],
    "lower": 0,
    "upper": 1,
}


def corrected(*joints: dict[str, Any], parts: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, MovingPart]:
    correction = Correction.model_validate({"object": "cab", "joints": joints, "parts": parts, **more})
    made = corrected_parts(PROP, (DOOR, KNOB), correction, "base")
    return {part.joint.child: part for part in made.parts}


def test_without_corrections_the_evidence_stands() -> None:
    assert corrected() == {"door_1": DOOR, "knob_1": KNOB}


def test_a_word_replaces_one_field_and_is_certain() -> None:
    door = corrected({"joint": "door_1_joint", "axis": [0, 0, -2]}, why="it opens to the left")["door_1"]
    assert door.joint.axis == (0.0, 0.0, -1.0)
    assert (door.joint.origin_m, door.joint.upper) == (DOOR.joint.origin_m, 1.75)
    assert door.confidence == 1.0
    assert door.why == "corrected by a person (axis): it opens to the left; before: seen"


def test_lengths_follow_a_new_scale_and_angles_do_not() -> None:
    size_m = [0.3, 0.3, 0.45]
    door = corrected({"joint": "door_1_joint", "origin_m": [0.1, 0, 0.2], "upper": 1.2}, size_m=size_m)["door_1"]
    np.testing.assert_allclose(door.joint.origin_m, (0.2, 0, 0.4))
    assert door.joint.upper == 1.2
    slide = {"joint": "door_1_joint", "kind": "prismatic", "lower": 0, "upper": 0.2}
    assert corrected(slide, size_m=size_m)["door_1"].joint.upper == pytest.approx(0.4)
    assert length_scale(PROP, Correction(object="cab")) == 1.0


def test_a_changed_type_needs_limits_and_changes_what_the_part_is() -> None:
    with pytest.raises(RecipeError, match="give lower and upper as well, in m"):
        corrected({"joint": "door_1_joint", "kind": "prismatic"})
    made = corrected({"joint": "door_1_joint", "kind": "prismatic", "lower": 0, "upper": 0.3})
    assert made["door_1"].kind == "drawer"


def test_a_deleted_joint_leaves_what_it_carried_to_its_carrier() -> None:
    made = corrected({"joint": "door_1_joint", "delete": True})
    assert list(made) == ["knob_1"]
    assert made["knob_1"].joint.parent == "base"


def test_a_complete_new_joint_is_added() -> None:
    flap = corrected(NEW, parts=({"part": "flap", "low_m": [0, 0, 0], "high_m": [1, 1, 1]},))["flap"]
    assert flap.joint == Joint("flap_joint", "revolute", "base", "flap", (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), 0.0, 1.0)
    assert flap.confidence == 1.0


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(UnknownName, match="did you mean 'door_1_joint'"):
        corrected({"joint": "door_joint", "axis": [0, 0, 1]})
    with pytest.raises(UnknownName, match="Known: door_1_joint, knob_1_joint"):
        corrected({"joint": "lid_joint", "delete": True})
    with pytest.raises(RecipeError, match="lacks origin_m; known: door_1_joint"):
        corrected({**NEW, "origin_m": None})
    with pytest.raises(UnknownName, match="unknown link 'bas'"):
        corrected({"joint": "door_1_joint", "parent": "bas"})


def test_limits_that_fall_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"from 2 to 1\.75 rad; limits must rise"):
        corrected({"joint": "door_1_joint", "lower": 2.0})
