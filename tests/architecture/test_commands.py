"""The documentation shows the commands that exist, no more and no fewer."""

import re
from pathlib import Path

import pytest

from blueprint.pipeline.cli import COMMANDS

PAGES = ["README.md", "CONTRIBUTING.md", "docs/getting-started.md", "docs/concepts.md", "Makefile"]


def test_the_page_lists_every_command(repository: Path) -> None:
    page = (repository / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^blueprint ([a-z]+)", page, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_a_command_that_does_not_exist(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    shown = set(re.findall(r"(?:^|[`/])blueprint ([a-z]+)\b", text, re.MULTILINE))
    assert shown <= set(COMMANDS)
