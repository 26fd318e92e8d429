"""Offers counted per task, with the reasons."""

import json
from pathlib import Path

from blueprint.pipeline.app.offered_tasks import offered_tasks, offers_as_json
from blueprint.pipeline.app.report.tasks import describe_tasks
from blueprint.pipeline.episode.offers import Offer, Offers
from blueprint.pipeline.episode.records import Offered
from blueprint.pipeline.scene.codec import save

TEMPLATES = {
    "press": {"summary": "Press a button.", "difficulty": 0.2},
    "stack": {"summary": "Stack two things.", "difficulty": 0.5},
}


def offer(object_: str, base: str, reason: str = "", grasps: float = 3.0) -> Offer:
    """Return an offer to stack."""
    roles = {"object": object_, "base": base}
    return Offer(f"stack/{object_}/{base}", "stack", roles, not reason, reason, {"grasps": grasps}, object=object_)


def offered(folder: Path) -> Offered:
    """Return a record: of three things one can be stacked, one cannot, and one nothing can hold."""
    offers = (
        offer("a", "b", "too far"),
        offer("a", "c"),
        offer("b", "a", "too high"),
        offer("c", "a", "too wide", 0.0),
    )
    save(folder / Offered.OFFERS_FILE, Offers("scene", "panda", offers))
    (folder / Offered.TEMPLATES_FILE).write_text(json.dumps(TEMPLATES), encoding="utf-8")
    return Offered(folder)


def test_pairs_count_what_can_be_held(tmp_path: Path) -> None:
    press, stack = offered_tasks(offered(tmp_path))
    assert press.offers == ()
    assert (stack.feasible, len(stack.offers)) == (1, 4)
    assert stack.pairs == {"a": True, "b": False}


def test_every_offer_is_in_the_json(tmp_path: Path) -> None:
    press, stack = json.loads(offers_as_json(offered(tmp_path)))
    assert press["offers"] == []
    assert [row["reason"] for row in stack["offers"]] == ["too far", "", "too high", "too wide"]


def test_the_report_says_what_speaks_against_the_rest(tmp_path: Path) -> None:
    section = describe_tasks(offered(tmp_path))
    assert section.lead == "1 of 2 pairs of a task and a thing can be done by panda."
    assert section.absent == ("press",)
    (row,) = section.rows
    assert row.figure == "1 of 4"
    assert [(entry.what, entry.why) for entry in row.refused] == [
        ("a/b", "too far"),
        ("b/a", "too high"),
        ("c/a", "too wide"),
    ]
