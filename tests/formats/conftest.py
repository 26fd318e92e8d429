"""Scans are read without a child process, except where that is what a test is about."""

import pytest
from tests.formats.tiny_scans import read_in_this_process

from blueprint.pipeline.formats import mesh_reader


@pytest.fixture
def meshes_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read foreign meshes in this process."""
    monkeypatch.setattr(mesh_reader, "_run_child", read_in_this_process)
