"""The README's figures are those of results.json, no others."""

import json
from pathlib import Path
from typing import Any

import pytest

from readme_numbers import BEGIN, END, MarkersMissing, main, table, with_table

MACHINE = {
    "cpu": "Example 9000",
    "architecture": "x86_64",
    "cores": 2,
    "memory_gb": 16.0,
    "kernel": "Linux 6.1",
    "python": "3.12.1",
}


def _entry(name: str, value: float | None, goal: str | None, met: bool | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": "s",
        "goal": goal,
        "met": met,
        "machine": MACHINE,
        "commit": "0123456789ab",
    }


FIGURES = [
    _entry("demo", 198.46, "<= 240 s", True),
    _entry("again", None, "<= 5 s", False),
    _entry("free", 2.0, None, None),
]


def test_a_row_says_value_goal_and_whether_it_is_met() -> None:
    assert "| demo | 198 s | <= 240 s | met |\n" in table(FIGURES)
    assert "| free | 2 s |  |  |\n" in table(FIGURES)


def test_what_was_not_measured_says_so_and_is_not_met() -> None:
    assert "| again | not measured | <= 5 s | **not met** |\n" in table(FIGURES)


def test_the_machine_is_described_once() -> None:
    text = table(FIGURES)
    assert text.count("Example 9000") == 1
    assert "2 cores, 16 GB, Linux 6.1, Python 3.12.1" in text
    assert "0123456789ab" in text


def test_only_what_stands_between_the_markers_changes() -> None:
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nRest\n"
    changed = with_table(page, "new\n")
    assert changed == f"# Title\n\n{BEGIN}\nnew\n{END}\n\nRest\n"
    assert with_table(changed, "new\n") == changed


@pytest.mark.parametrize("page", ["# Title\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n"])
def test_a_page_without_markers_is_refused(page: str) -> None:
    with pytest.raises(MarkersMissing, match="numbers: begin"):
        with_table(page, "new\n")


def test_the_readme_has_its_markers(repository: Path, tmp_path: Path) -> None:
    page, results = tmp_path / "README.md", tmp_path / "results.json"
    page.write_text((repository / "README.md").read_text(encoding="utf-8"))
    results.write_text(json.dumps({"figures": FIGURES}))
    assert main(page, results) == 0
    assert "| demo | 198 s | <= 240 s | met |" in page.read_text()
