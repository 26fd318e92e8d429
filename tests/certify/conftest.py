"""One sound dataset for all tests of certification, and copies to do harm to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.datasets import make_dataset, writable_copy


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified dataset; nobody writes into it."""
    root, _ = make_dataset(tmp_path_factory.mktemp("sound"))
    return root


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """A dataset of one's own, whose files can be written."""
    return writable_copy(sound, tmp_path / "dataset")


Harm = Callable[[Path], None]
