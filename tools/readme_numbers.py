"""Write the README's table of figures from benchmarks/results.json, between its two markers.

python tools/readme_numbers.py README.md benchmarks/results.json
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BEGIN = "<!-- numbers: begin (from benchmarks/results.json) -->"
END = "<!-- numbers: end -->"
HEADING = "| figure | measured | goal | |\n| --- | ---: | ---: | --- |\n"

Entry = Mapping[str, Any]


class MarkersMissing(Exception):
    """The page lacks the two lines between which the table stands."""


def table(figures: Iterable[Entry]) -> str:
    """Return the figures as a Markdown table, each machine named once below it."""
    figures = list(figures)
    machines = list(dict.fromkeys(_machine(entry["machine"]) for entry in figures))
    commits = list(dict.fromkeys(entry["commit"] for entry in figures))
    measured = f"\nMeasured by `make bench` at commit {', '.join(commits)} on: {'; '.join(machines)}.\n"
    return HEADING + "".join(map(_row, figures)) + measured


def with_table(page: str, content: str) -> str:
    """Return a page with its table replaced; raises MarkersMissing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise MarkersMissing(f"the page lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{content}{END}{after}"


def _row(entry: Entry) -> str:
    value = "not measured" if entry["value"] is None else f"{entry['value']:.3g} {entry['unit']}".strip()
    met = {True: "met", False: "**not met**", None: ""}[entry["met"]]
    return f"| {entry['name']} | {value} | {entry['goal'] or ''} | {met} |\n"


def _machine(machine: Mapping[str, Any]) -> str:
    return (
        f"{machine['cpu']} ({machine['architecture']}), {machine['cores']} cores, {machine['memory_gb']:g} GB, "
        f"{machine['kernel']}, Python {machine['python']}, no GPU used"
    )


def main(page: Path, results: Path) -> int:
    """Rewrite the page."""
    figures = json.loads(results.read_text())["figures"]
    page.write_text(with_table(page.read_text(), table(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
