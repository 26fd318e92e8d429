"""`blueprint verify DATASET`: every promise checked against the bytes."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tyro

from blueprint.pipeline.certify.verify import Verification, verify_dataset


@dataclass(frozen=True)
class VerifyCommand:
    """Check every promise of a dataset against its bytes; exit code 1 names what is wrong, 2 means no dataset."""

    dataset: tyro.conf.Positional[Path]
    """Root folder of the dataset."""
    bytes: bool = False
    """Compare digests only."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Verify and say one line per verdict, and one per finding."""
    command = tyro.cli(VerifyCommand, args=list(argv), prog="blueprint verify")
    result = verify_dataset(command.dataset, digests_only=command.bytes)
    sys.stdout.write(
        (json.dumps(_data(result), indent=1, ensure_ascii=False) if command.json else _text(result)) + "\n"
    )
    return 0 if result.passed else 1


def _data(result: Verification) -> dict[str, Any]:
    return {
        "passed": result.passed,
        "grade": result.grade,
        "verdicts": [{**asdict(verdict), "passed": verdict.passed} for verdict in result.verdicts],
        "gates": [asdict(gate) for gate in result.gates],
    }


def _text(result: Verification) -> str:
    width = max(len(verdict.check) for verdict in result.verdicts)
    lines: list[str] = []
    for verdict in result.verdicts:
        lines.append(f"{'ok   ' if verdict.passed else 'WRONG'}  {verdict.check.ljust(width)}  {verdict.looked_at}")
        lines += [f"         {finding.sentence()}" for finding in verdict.findings]
    lines += [f"gate   {gate.sentence()}" for gate in result.gates]
    count = len(result.findings)
    lines.append(f"grade claimed: {result.grade}; {'every promise holds' if not count else f'{count} findings'}")
    return "\n".join(lines)
