"""The certificate's gates and every check of every stage: goal and figure side by side."""

from dataclasses import dataclass
from typing import Any

from blueprint.pipeline.app.figures import NOT_MEASURED, number_text, split_unit
from blueprint.pipeline.app.run_records import RunRecords, StageCheck

MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class GateRow:
    """One threshold: `state` is passed, failed, or not measured."""

    stage: str
    name: str
    meaning: str
    goal: str
    figure: str
    state: str
    blocking: bool


@dataclass(frozen=True, slots=True)
class CertificateSection:
    """What the certificate says of a dataset."""

    grade: str
    reasons: tuple[str, ...]
    replayable: bool
    gates: tuple[GateRow, ...]
    findings: tuple[str, ...]
    findings_not_shown: int
    file_count: int


@dataclass(frozen=True, slots=True)
class ChecksSection:
    """Every check that the stages have measured, failing ones first."""

    failing: tuple[GateRow, ...]
    passing: tuple[GateRow, ...]
    not_shown: int
    passed_count: int
    total: int


def describe_certificate(certificate: dict[str, Any]) -> CertificateSection:
    """Return the certificate in words."""
    findings = certificate["findings"]
    return CertificateSection(
        grade=certificate["grade"],
        reasons=tuple(certificate["reasons_for_test_data"]),
        replayable=certificate["replayable"],
        gates=tuple(_gate_row(gate) for gate in certificate["gates"]),
        findings=tuple(findings[:MOST_ROWS]),
        findings_not_shown=max(0, len(findings) - MOST_ROWS),
        file_count=len(certificate["files"]),
    )


def describe_checks(records: RunRecords) -> ChecksSection:
    """Return the checks of all stages; those of certification are the gates and are shown with the certificate."""
    found = [entry for entry in records.checks() if entry.stage != "certify"]
    failing = [entry for entry in found if not entry.check.passed]
    passing = [entry for entry in found if entry.check.passed]
    shown = (tuple(map(_check_row, failing[:MOST_ROWS])), tuple(map(_check_row, passing[:MOST_ROWS])))
    return ChecksSection(*shown, len(found) - sum(map(len, shown)), len(passing), len(found))


def _gate_row(gate: dict[str, Any]) -> GateRow:
    name, unit = split_unit(gate["figure"])
    goal, figure = f"{gate['limit']} {unit}".rstrip(), number_text(gate["value"], unit)
    return GateRow("", name, gate["meaning"], goal, figure, _state(gate["value"], gate["passed"]), True)


def _check_row(entry: StageCheck) -> GateRow:
    check = entry.check
    stage = f"{entry.stage} · {entry.item}" if entry.item else entry.stage
    # The unit 1 of a ratio is not said.
    goal, figure = check.limit.removesuffix(" 1"), number_text(check.value, check.unit)
    return GateRow(stage, check.name, check.why, goal, figure, _state(check.value, check.passed), check.blocking)


def _state(value: float | None, passed: bool) -> str:
    if value is None:
        return NOT_MEASURED
    return "passed" if passed else "failed"
