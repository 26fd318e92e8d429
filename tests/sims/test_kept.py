"""Models are read once per process and file, and what a sim changes is its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.pipeline.sims import kept as module
from blueprint.pipeline.sims.kept import MOST_KEPT, kept
from blueprint.pipeline.sims.newton_mujoco.load import load_mujoco
from blueprint.pipeline.sims.protocols import SceneFiles


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    module._kept.clear()
    yield
    module._kept.clear()


def counted(reads: list[Path], path: Path) -> str:
    reads.append(path)
    return path.read_text()


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path, reads = tmp_path / "model", list[Path]()
    path.write_text("one")
    assert [kept("text", path, lambda each: counted(reads, each)) for _ in range(3)] == ["one"] * 3
    path.write_text("three")
    assert kept("text", path, lambda each: counted(reads, each)) == "three"
    assert len(reads) == 2


def test_what_is_made_of_a_file_is_kept_by_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_text("one")
    assert kept("text", path, Path.read_text) == "one"
    assert kept("size", path, lambda each: each.stat().st_size) == 3


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    reads: list[Path] = []
    for number in range(3 * MOST_KEPT):
        path = tmp_path / str(number)
        path.write_text("x")
        kept("text", path, lambda each: counted(reads, each))
    assert len(module._kept) == MOST_KEPT
    kept("text", tmp_path / "0", lambda each: counted(reads, each))
    assert len(reads) == 3 * MOST_KEPT + 1


def test_a_model_is_its_sims_own(scene_files: SceneFiles) -> None:
    first_maps, first = load_mujoco(scene_files.model_folder)
    pristine = first.body_mass.copy()
    first.body_mass[:] = 7.0
    maps, second = load_mujoco(scene_files.model_folder)
    assert (second.body_mass == pristine).all()
    assert maps is first_maps
