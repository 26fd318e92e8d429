"""`blueprint doctor`: what works on this machine and what to install."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import tyro
from rich.console import Console

from blueprint.pipeline.app.doctor import Finding, examine, works

_COLORS = {"works": "green", "lacking": "red", "broken": "red", "not installed": "red"}


@dataclass(frozen=True)
class DoctorCommand:
    """Try what the demo needs and what is optional, and say what to type where something is lacking."""

    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Examine the machine; exit code 1 when something that the demo needs does not work."""
    command = tyro.cli(DoctorCommand, args=list(argv), prog="blueprint doctor")
    findings = examine()
    good = works(findings)
    if command.json:
        content = {"works": good, "findings": [asdict(finding) for finding in findings]}
        sys.stdout.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    else:
        _print(findings)
        sys.stdout.write("\nThe demo works here.\n" if good else "\nThe demo does not work here yet; see above.\n")
    return 0 if good else 1


def _print(findings: Sequence[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    width = max(len(finding.name) for finding in findings)
    group = ""
    for finding in findings:
        if finding.group != group:
            group = finding.group
            console.print(f"\n{group}", style="bold", markup=False)
        bad = finding.needed or finding.state in ("broken", "lacking")
        color = _COLORS[finding.state] if bad or finding.state == "works" else "dim"
        remedy = f"  -> {finding.remedy}" if finding.remedy else ""
        line = f"  {finding.name.ljust(width)}  {finding.state:13}  {finding.detail}{remedy}"
        console.print(line.rstrip(), style=color if finding.state != "works" else None, markup=False)
