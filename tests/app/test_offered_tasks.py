"""Offers counted per task, with the reasons."""

import json
from pathlib import Path

from blueprint.pipeline.app.offered_tasks import not_graspable, offered_tasks, offers_as_json, pairs_words
from blueprint.pipeline.app.report.tasks import describe_tasks
from blueprint.pipeline.episode.offers import HandRoom, Offer, Offers
from blueprint.pipeline.episode.records import Offered
from blueprint.pipeline.scene.codec import save

TEMPLATES = {
    "press": {"summary": "Press a button.", "difficulty": 0.2},
    "stack": {"summary": "Stack two things.", "difficulty": 0.5},
}


def offer(object_: str, base: str, reason: str = "", pair: str | None = None) -> Offer:
    """Return an offer to stack, which counts with what is stacked unless told otherwise."""
    roles, counted = {"object": object_, "base": base}, object_ if pair is None else pair
    return Offer(f"stack/{object_}/{base}", "stack", roles, not reason, reason, object=object_, pair=counted)


def offered(folder: Path) -> Offered:
    """Return a record: of three things one can be stacked, one cannot, and one nothing can hold."""
    offers = (
        offer("a", "b", "too far"),
        offer("a", "c"),
        offer("b", "a", "too high"),
        offer("c", "a", "too wide", pair=""),
    )
    things = (HandRoom("a", 8, 8, 5), HandRoom("b", 8, 8, 1), HandRoom("c", 8, 6, 0), HandRoom("d", 4, 0, 0))
    absent = {"press": "no button anywhere"}
    save(folder / Offered.OFFERS_FILE, Offers("scene", "panda", offers, (*things, HandRoom("e", 0, 0, 0)), absent))
    (folder / Offered.TEMPLATES_FILE).write_text(json.dumps(TEMPLATES), encoding="utf-8")
    return Offered(folder)


def test_pairs_count_what_can_be_held(tmp_path: Path) -> None:
    press, stack = offered_tasks(offered(tmp_path))
    assert press.offers == ()
    assert press.absent == "no button anywhere"
    assert (stack.feasible, len(stack.offers)) == (1, 4)
    found = [(pair.object, pair.template, pair.feasible, pair.reason) for pair in offered(tmp_path).offers.pairs()]
    assert found == [("a", "stack", True, ""), ("b", "stack", False, "too high")]


def test_the_share_of_pairs_is_said_and_what_counts_in_none(tmp_path: Path) -> None:
    offers = offered(tmp_path).offers
    assert pairs_words(offers) == "1 of 2 pairs of a graspable object and a task (50 %) can be done by panda"
    assert pairs_words(Offers("scene", "panda", ())).startswith("nothing that the gripper of panda can hold")
    assert not_graspable(offers) == [
        "c: 6 of 8 grasps held when tried, at none of these has the hand room where it stands",
        "d: none of its 4 grasps held when tried",
        "e: no grasp of it fits the gripper",
    ]


def test_every_offer_is_in_the_json(tmp_path: Path) -> None:
    press, stack = json.loads(offers_as_json(offered(tmp_path)))
    assert press["offers"] == []
    assert press["absent"] == "no button anywhere"
    assert [row["pair"] for row in stack["offers"]] == ["a", "a", "b", ""]
    assert [row["reason"] for row in stack["offers"]] == ["too far", "", "too high", "too wide"]


def test_the_report_says_what_speaks_against_the_rest(tmp_path: Path) -> None:
    section = describe_tasks(offered(tmp_path))
    assert section.lead.startswith("1 of 2 pairs of a graspable object and a task (50 %) can be done by panda. Not")
    assert section.absent == ("press",)
    (row,) = section.rows
    assert row.figure == "1 of 4"
    assert [(entry.what, entry.why) for entry in row.refused] == [
        ("a/b", "too far"),
        ("b/a", "too high"),
        ("c/a", "too wide"),
    ]
