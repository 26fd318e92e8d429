"""One sound dataset for all tests of certification, and copies to do harm to."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.datasets import make_dataset


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified dataset; nobody writes into it."""
    root, _ = make_dataset(tmp_path_factory.mktemp("sound"))
    return root


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """A dataset of one's own, whose files can be written."""
    root = shutil.copytree(sound, tmp_path / "dataset")
    for path in root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return root


Harm = Callable[[Path], None]
