"""What a thing is follows a person first, then the detector; what it is for follows its category, or its size."""

import pytest

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.ingest.category import decide_category, decide_role, is_room_part, set_on_floor
from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.props import Role

TABLE = load_categories()
NOTHING = Correction(object="x")


def test_a_person_overrules_the_detector() -> None:
    decision = decide_category("mug", Correction(object="x", category="bowl", why="it is wide"), TABLE)
    assert (decision.category, decision.review) == ("bowl", "")
    assert decision.why == "corrected by a person: it is wide"
    with pytest.raises(UnknownName, match="did you mean 'bowl'"):
        decide_category("mug", Correction(object="x", category="bowll"), TABLE)


def test_unknown_labels_are_reviewed_and_judged_by_size() -> None:
    decision = decide_category("gizmo", NOTHING, TABLE)
    assert decision.category == "unknown"
    assert "'gizmo'" in decision.review
    assert decide_role("unknown", (0.1, 0.2, 0.3), NOTHING, TABLE)[0] is Role.MANIPULABLE
    assert decide_role("unknown", (0.1, 0.2, 1.3), NOTHING, TABLE)[0] is Role.FURNITURE


def test_roles_follow_categories_unless_corrected() -> None:
    assert decide_role("table", (1, 1, 1), NOTHING, TABLE)[0] is Role.FURNITURE
    assert decide_role("table", (1, 1, 1), Correction(object="x", role="manipulable"), TABLE)[0] is Role.MANIPULABLE


def test_parts_of_the_room_and_things_on_the_floor() -> None:
    assert [is_room_part(label, TABLE) for label in ("floor", "white wall", "floor lamp", "mug")] == [
        True,
        True,
        False,
        False,
    ]
    assert [set_on_floor(label) for label in ("coffee table", "Armchair", "mug")] == [True, True, False]
