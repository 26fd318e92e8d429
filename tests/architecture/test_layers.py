"""The layer contract holds, and would notice if it did not."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


def _lint_imports(config: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", str(config)]
    return subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False, timeout=120)


def _layers(repository: Path) -> list[str]:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in project["tool"]["importlinter"]["contracts"] if c["id"] == "layers")
    return contract["layers"]


def _names(layer: str) -> list[str]:
    return [name.strip(" ()") for name in layer.split("|")]


def test_contracts_hold(repository: Path) -> None:
    result = _lint_imports(repository / "pyproject.toml")
    assert result.returncode == 0, result.stdout


@pytest.fixture
def hollow_package(tmp_path: Path, repository: Path) -> Path:
    """A package with the same rooms and nothing in them, under the same contract."""
    root = tmp_path / "blueprint" / "pipeline"
    root.mkdir(parents=True)
    (root / "__init__.py").touch()
    for layer in _layers(repository):
        for name in _names(layer):
            (root / name).mkdir()
            (root / name / "__init__.py").touch()
            (root / name / "part.py").touch()
    shutil.copy(repository / "pyproject.toml", tmp_path)
    return root


def _check_hollow(package: Path, monkeypatch: pytest.MonkeyPatch) -> subprocess.CompletedProcess[str]:
    monkeypatch.setenv("PYTHONPATH", str(package.parents[1]))
    return _lint_imports(package.parents[1] / "pyproject.toml")


def test_a_hollow_package_keeps_the_contract(hollow_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = _check_hollow(hollow_package, monkeypatch)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("scene/part.py", "import blueprint.pipeline.usd.part"),
        ("simready/part.py", "from blueprint.pipeline.ingest import part"),
        ("engine/part.py", "from blueprint.pipeline.scene import part"),
        ("usd/part.py", "def later():\n    import blueprint.pipeline.sims.part"),
        ("simready/part.py", "import omni.usd"),
        ("sims/mujoco.py", "import isaacsim"),
        ("cli/part.py", "from PySide6 import QtCore"),
        ("export/part.py", "import torch"),
        ("ingest/part.py", "import pxr.Usd"),
        ("engine/part.py", "import pickle"),
    ],
)
def test_a_wrong_import_is_caught(
    hollow_package: Path, monkeypatch: pytest.MonkeyPatch, module: str, statement: str
) -> None:
    (hollow_package / module).write_text(statement + "\n", encoding="utf-8")
    result = _check_hollow(hollow_package, monkeypatch)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout, result.stdout


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("sims/isaac.py", "import isaacsim\nimport omni.timeline"),
        ("app/boot.py", "import omni.kit.app"),
        ("usd/part.py", "import pxr.Usd"),
        ("generate/part.py", "import blueprint.pipeline.sims.part\nimport blueprint.pipeline.scene.part"),
    ],
)
def test_a_right_import_is_kept(
    hollow_package: Path, monkeypatch: pytest.MonkeyPatch, module: str, statement: str
) -> None:
    (hollow_package / module).write_text(statement + "\n", encoding="utf-8")
    result = _check_hollow(hollow_package, monkeypatch)
    assert result.returncode == 0, result.stdout


def test_the_page_shows_the_contract(repository: Path) -> None:
    page = (repository / "docs" / "layers.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    assert block is not None
    shown = [_names(re.sub(r" \(.*\)$", "", line)) for line in block[1].splitlines()]
    assert shown == [_names(layer) for layer in _layers(repository)]
