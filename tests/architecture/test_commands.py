"""The documentation shows the commands that exist, no more and no fewer."""

import re
from pathlib import Path

import pytest

from blueprint.pipeline.cli import COMMANDS

PAGES = ["README.md", "CONTRIBUTING.md", "Makefile", "docs/*.md"]


def test_the_page_lists_every_command(repository: Path) -> None:
    page = (repository / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^blueprint ([a-z]+)", page, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("pattern", PAGES)
def test_no_page_shows_a_command_that_does_not_exist(repository: Path, pattern: str) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in repository.glob(pattern))
    shown = set(re.findall(r"(?:^|[`/])blueprint ([a-z]+)\b", text, re.MULTILINE))
    assert shown <= set(COMMANDS)
