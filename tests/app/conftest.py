"""A finished small run, made once and only read, with pictures that are quick to draw."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.small_run import SmallRun

from blueprint.pipeline.app.report import joints, objects, scene_pictures
from blueprint.pipeline.app.report.page import write_report


@pytest.fixture(scope="session", autouse=True)
def tiny_pictures() -> Iterator[None]:
    """Draw with few rays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scene_pictures, "_WIDTH_PX", 64)
        patch.setattr(objects, "_PICTURE_PX", 24)
        patch.setattr(joints, "_PICTURE_PX", 24)
        yield


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory, tiny_pictures: None) -> SmallRun:
    """A run through all stages, with its report."""
    run = SmallRun(tmp_path_factory.mktemp("small"))
    write_report(run.folder)
    return run


@pytest.fixture(scope="session")
def report_text(small_run: SmallRun) -> str:
    """The report of the small run."""
    return small_run.folder.report.read_text(encoding="utf-8")


@pytest.fixture
def other_run(tmp_path: Path) -> SmallRun:
    """A run that a test may change."""
    return SmallRun(tmp_path / "run", attempts=1)
