"""The extension's folder, copied as a Kit build leaves it, finds its resources without the checkout."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def copied(repository: Path, tmp_path: Path) -> Path:
    """What premake5.lua asks for, with copies in place of links."""
    target = tmp_path / "extscache" / "blueprint.pipeline-0.1.0"
    ignored = shutil.ignore_patterns("__pycache__", "pip_prebundle")
    shutil.copytree(repository / "exts" / "blueprint.pipeline", target, ignore=ignored)
    for kind in ("config", "data"):
        shutil.copytree(repository / kind, target / "resources" / kind)
    return target


def test_resources_are_found_in_the_copy(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(copied))
    code = "from blueprint.pipeline.resources import resource_path as r; print(r('config', 'README.md'), r('data'))"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [
        str(copied / "resources" / "config" / "README.md"),
        str(copied / "resources" / "data"),
    ]
