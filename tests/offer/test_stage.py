"""The tasks of a small scene, and the reasons against those that cannot be done."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from blueprint.pipeline.episode.records import Offered
from blueprint.pipeline.errors import RecipeError, ScanError, UnknownName
from blueprint.pipeline.offer.stage import OfferSettings, task_files, task_paths
from blueprint.pipeline.recipe import load_recipe, parse_recipe
from blueprint.pipeline.tasks.library import shipped_tasks

RECIPE = "format: blueprint.recipe\nversion: 1\ngenerate: {{tasks: [{tasks}]}}\n"


def test_each_refusal_has_its_reason(offered: Offered) -> None:
    """The box can be picked, the crate is too wide, and that is said in numbers."""
    offers = {offer.id: offer for offer in offered.offers.offers}
    assert offers["pick_place/box"].feasible
    assert offers["pick_place/box"].object == "box"
    assert offers["pick_place/box"].roles == {"object": "box", "support": "table/top"}
    refused = offers["pick_place/crate"]
    assert not refused.feasible
    assert "crate" in refused.reason
    assert "the gripper opens 80 mm" in refused.reason


def test_what_was_asked_is_kept_with_the_answers(offered: Offered) -> None:
    assert set(offered.templates) == set(shipped_tasks())
    assert {offer.template for offer in offered.offers.offers} <= set(offered.templates)


def test_offers_are_in_the_tasks_order(offered: Offered) -> None:
    names = [offer.template for offer in offered.offers.offers]
    assert names == sorted(names)


def own_task(folder: Path, name: str = "mine", was: str = "pick_place", change: tuple[str, str] = ("", "")) -> Path:
    """Write a task of one's own."""
    text = shipped_tasks()[was].read_text(encoding="utf-8").replace(f"name: {was}", f"name: {name}")
    path = folder / f"{name}.yaml"
    path.write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
    return path


def test_only_wanted_tasks_are_looked_at(tmp_path: Path) -> None:
    path = own_task(tmp_path)
    settings = OfferSettings(tasks=("mine", "stack"), tasks_folder=tmp_path)
    assert task_paths(settings) == {"mine": path, "stack": shipped_tasks()["stack"]}
    assert task_files(settings)["mine"] == path


def test_missing_folders_files_and_names_are_said(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="is no folder"):
        task_paths(OfferSettings(tasks_folder=tmp_path / "none"))
    with pytest.raises(ScanError, match="is no file"):
        task_paths(OfferSettings(task_files=(tmp_path / "none.yaml",)))
    with pytest.raises(UnknownName, match="did you mean 'stack'"):
        task_paths(OfferSettings(tasks=("stak",)))
    with pytest.raises(ValidationError):
        OfferSettings(places=0)


def test_a_folder_of_tasks_beside_the_recipe_is_read(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    own_task(tmp_path / "tasks")
    (tmp_path / "r.yaml").write_text(RECIPE.format(tasks="mine, stack"), encoding="utf-8")
    sections = load_recipe(tmp_path / "r.yaml").sections()
    assert sections["generate"].model_dump()["tasks"] == ("mine", "stack")
    assert sections["offer"].model_dump()["tasks_folder"] == tmp_path / "tasks"


def test_a_task_can_be_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    path = own_task(tmp_path / "more", "other")
    (tmp_path / "r.yaml").write_text(RECIPE.format(tasks="more/other.yaml"), encoding="utf-8")
    sections = load_recipe(tmp_path / "r.yaml").sections()
    assert sections["generate"].model_dump()["tasks"] == ("other",)
    assert sections["offer"].model_dump()["task_files"] == (path,)


@pytest.mark.parametrize(
    ("tasks", "said"), [("stak", "did you mean 'stack'"), ("none.yaml", "none.yaml, which is no file")]
)
def test_a_task_that_is_not_there_is_refused_with_the_recipe(tmp_path: Path, tasks: str, said: str) -> None:
    (tmp_path / "r.yaml").write_text(RECIPE.format(tasks=tasks), encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        load_recipe(tmp_path / "r.yaml")


def test_a_faulty_task_of_ones_own_is_refused_with_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    own_task(tmp_path / "tasks", change=("surface: support", "surface: suport"))
    (tmp_path / "r.yaml").write_text(RECIPE.format(tasks="stack"), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"mine.yaml: places.target.surface: unknown role 'suport'"):
        load_recipe(tmp_path / "r.yaml")


def test_all_stands_for_every_task() -> None:
    assert parse_recipe({"generate": {"tasks": ["all"]}}, "r").sections()["generate"].model_dump()["tasks"] == ("all",)
