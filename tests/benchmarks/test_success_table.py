"""The table of success: what is measured again replaces what was, and a page that says what was not offered."""

import json
from pathlib import Path

import pytest
from benchmarks.success_table import Cell, Scene, load_scenes, page, save_scenes

FAMILIES = {"pick and place": (("pick_place",), 95.0), "door": (("open_door", "close_door"), 95.0)}
PICK = Cell("pick_place", 20, 18, (("slipped", 2),))
OPEN = Cell("open_door", 20, 20, ())


def scene(robot: str, scan: str, *cells: Cell, message: str = "") -> Scene:
    """Return a scene in which 5 of 8 pairs are offered."""
    return Scene(robot, scan, "0123abcd", cells, 8, 5, 0, message)


def test_what_is_measured_again_replaces_what_was(tmp_path: Path) -> None:
    table = tmp_path / "success.json"
    save_scenes(table, [scene("arm", "kitchen", PICK), scene("arm", "table", PICK)])
    again = scene("arm", "kitchen", Cell("pick_place", 100, 99, (("no_plan", 1),)))
    assert save_scenes(table, [again]) == [again, scene("arm", "table", PICK)]
    assert load_scenes(table) == [again, scene("arm", "table", PICK)]
    assert json.loads(table.read_text())["format"] == "blueprint.success"


def test_there_is_nothing_before_the_first(tmp_path: Path) -> None:
    assert load_scenes(tmp_path / "success.json") == []


def test_the_page_counts_families_over_all_scans() -> None:
    written = page([scene("arm", "kitchen", PICK, OPEN), scene("arm", "table", PICK)], FAMILIES)
    assert "| pick and place | 36 of 40, 90 % | 95 % |" in written
    assert "| door | 20 of 20, 100 % | 95 % |" in written
    assert "| kitchen | pick_place | 18 of 20 | 70 to 97 % | 2 x slipped |" in written
    assert "- table: 5 of 8 pairs of a graspable object and a task are offered (commit 0123abcd)." in written


@pytest.mark.parametrize("message", ["nothing is offered", "arm --until offer ended with 1"])
def test_a_robot_without_a_task_says_so_and_has_no_share(message: str) -> None:
    written = page([scene("arm", "kitchen", PICK), scene("small", "kitchen", message=message)], FAMILIES)
    assert "| pick and place | 18 of 20, 90 % | no attempts | 95 % |" in written
    assert message in written.partition("## small")[2]
