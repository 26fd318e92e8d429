import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.samples import (
    ENVIRONMENTS,
    FolderNotEmpty,
    write_sample_scan,
    write_simple_sample_scan,
)

WRITERS = [write_sample_scan, write_simple_sample_scan]


@pytest.mark.parametrize("write", WRITERS)
def test_an_unknown_environment_is_refused_with_those_that_exist(write: Callable[..., None], tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="kitchen") as caught:
        write("kitchn", tmp_path / "new")
    assert caught.value.known == sorted(ENVIRONMENTS)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("write", WRITERS)
def test_a_sample_is_never_mixed_with_other_files(write: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(FolderNotEmpty, match="not empty"):
        write("kitchen", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_importing_the_samples_loads_nothing_heavy() -> None:
    code = "import sys, blueprint.pipeline.samples; print([n for n in ('numpy', 'trimesh', 'cv2') if n in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"
