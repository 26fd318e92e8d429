"""One version, one licence, one Python, wherever they are written."""

import re
import tomllib
from pathlib import Path

import pytest


@pytest.fixture
def version(repository: Path) -> str:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.mark.parametrize("name", ["CHANGELOG.md", "exts/blueprint.pipeline/docs/CHANGELOG.md"])
def test_the_newest_entry_is_this_version(repository: Path, version: str, name: str) -> None:
    entries = re.findall(
        r"^## \[(\S+)\] - (?:\d{4}-\d\d-\d\d|Unreleased)$", (repository / name).read_text("utf-8"), re.M
    )
    assert entries[:1] == [version]


@pytest.mark.parametrize(
    "name", ["exts/blueprint.pipeline/config/extension.toml", "apps/blueprint.kit", "apps/blueprint.headless.kit"]
)
def test_kit_sees_this_version(repository: Path, version: str, name: str) -> None:
    assert tomllib.loads((repository / name).read_text(encoding="utf-8"))["package"]["version"] == version


def test_one_python(repository: Path) -> None:
    wanted = (repository / ".python-version").read_text(encoding="utf-8").strip()
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    assert wanted == "3.12"
    assert project["project"]["requires-python"] == f">={wanted},<3.13"
    assert project["tool"]["pyright"]["pythonVersion"] == wanted
    assert project["tool"]["ruff"]["target-version"] == "py" + wanted.replace(".", "")
    assert f'python: ["{wanted}"]' in (repository / ".github/workflows/ci.yaml").read_text(encoding="utf-8")


def test_the_licence_is_whole(repository: Path) -> None:
    text = (repository / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "APPENDIX: How to apply the Apache License to your work." in text
