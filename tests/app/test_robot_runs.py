"""One recipe for several robots: a run each, one store, and a page that compares them."""

from pathlib import Path

import pytest

from blueprint.pipeline.app.report.robots import write_robots_page
from blueprint.pipeline.app.robot_runs import RobotRuns, is_of_several, run_each
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.show import show
from blueprint.pipeline.app.workbench import collect_garbage, run
from blueprint.pipeline.errors import FolderUnusable, RecipeError
from blueprint.pipeline.recipe import Recipe, parse_recipe

BOTH = parse_recipe({"robots": ["franka_panda", "so101"]}, "recipe")


def make(recipe: Recipe, folder: Path) -> str:
    """Stand in for a run: the second robot stops."""
    robot = recipe.assemble.robot.name
    stopped = robot == "so101"
    RunFolder(folder).store.begin(robot)
    message = "its arm is too short" if stopped else ""
    RunFolder(folder).save({"succeeded": not stopped, "message": message, "stages": {}})
    return message


def test_each_robot_has_a_run_and_all_share_a_store(tmp_path: Path) -> None:
    faults = run_each(BOTH, tmp_path, make)
    assert faults == {"franka_panda": "", "so101": "its arm is too short"}
    assert is_of_several(tmp_path)
    assert list(RobotRuns(tmp_path).runs()) == ["franka_panda", "so101"]
    both = {RunFolder(tmp_path / name).store.unfinished.resolve() for name in BOTH.robots}
    assert both == {(tmp_path / "store").resolve() / RunFolder(tmp_path).store.unfinished.name}


def test_the_folder_can_be_moved(tmp_path: Path) -> None:
    (first := tmp_path / "first").mkdir()
    run_each(BOTH, first, make)
    moved = first.rename(tmp_path / "second")
    assert (moved / "so101" / "store").resolve() == (moved / "store").resolve()


def test_words_and_page_say_who_stopped_and_why(tmp_path: Path) -> None:
    run_each(BOTH, tmp_path, make)
    summary = show(tmp_path)
    assert dict(summary.rows)["so101"] == "stopped: its arm is too short"
    assert summary.data["robots"]["franka_panda"]["succeeded"] is True
    write_robots_page(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "its arm is too short" in page
    assert "franka_panda" in page


def test_records_are_shared_so_garbage_is_collected_above(tmp_path: Path) -> None:
    """Unfinished work of both robots goes, from whichever folder it is asked for."""
    run_each(BOTH, tmp_path, make)
    assert any((tmp_path / "store").rglob("*"))
    collect_garbage(tmp_path / "so101")
    assert not list(RunFolder(tmp_path).store.unfinished.glob("*"))


def test_the_two_kinds_of_folder_do_not_mix(tmp_path: Path) -> None:
    (several := tmp_path / "several").mkdir()
    run_each(BOTH, several, make)
    with pytest.raises(FolderUnusable, match="several robots"):
        run(Recipe(), several)
    (alone := tmp_path / "alone").mkdir()
    RunFolder(alone).save({"succeeded": True, "message": "", "stages": {}})
    with pytest.raises(FolderUnusable, match="one robot"):
        run_each(BOTH, alone, make)


def test_unknown_and_repeated_robots_are_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="franka_panda"):
        parse_recipe({"robots": ["frank"]}, "recipe")
    with pytest.raises(RecipeError, match="more than once"):
        parse_recipe({"robots": ["fetch", "fetch"]}, "recipe")
