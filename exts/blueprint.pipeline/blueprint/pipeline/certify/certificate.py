"""The certificate: digests of every file, lineage, gates with the numbers behind them, and the grade."""

from typing import Any

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.digests import FORMAT_VERSION
from blueprint.pipeline.certify.findings import Verdict
from blueprint.pipeline.certify.gates import GateResult
from blueprint.pipeline.certify.verify import figures_of
from blueprint.pipeline.scene.codec import to_plain

FORMAT = "blueprint.certificate"

CERTIFIED, TEST_DATA, NOT_CERTIFIED = "certified", "test data", "not certified"


def grade_of(gates: tuple[GateResult, ...], verdicts: tuple[Verdict, ...], reasons_for_test: list[str]) -> str:
    """Return the grade: a failing gate or finding certifies nothing; a sample or the null engine only test data."""
    if not all(gate.passed for gate in gates) or not all(verdict.passed for verdict in verdicts):
        return NOT_CERTIFIED
    return TEST_DATA if reasons_for_test else CERTIFIED


def reasons_for_test_data(dataset: DatasetFiles) -> list[str]:
    """List what keeps a dataset from being more than test data."""
    engines = sorted({summary.engine for summary in dataset.attempts if summary.engine == "null"})
    reasons = [f"engine {engine!r} computes no physics" for engine in engines]
    if dataset.scene.sample:
        reasons.append("the scan is a generated sample")
    return reasons


def compose(
    dataset: DatasetFiles,
    *,
    digests: dict[str, str],
    verdicts: tuple[Verdict, ...],
    gates: tuple[GateResult, ...],
    lineage: list[dict[str, Any]],
    production: bool,
) -> dict[str, Any]:
    """Return the certificate as plain JSON data."""
    reasons = reasons_for_test_data(dataset)
    scene = dataset.scene
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "grade": grade_of(gates, verdicts, reasons),
        "reasons_for_test_data": reasons,
        "production": production,
        "replayable": (dataset.root / "sources" / "model").is_dir(),
        "figures": figures_of(verdicts),
        "gates": [to_plain(gate) for gate in gates],
        "findings": [finding.sentence() for verdict in verdicts for finding in verdict.findings],
        "checks": [{"check": verdict.check, "looked_at": verdict.looked_at} for verdict in verdicts],
        "scene": {"id": scene.id, "scale": to_plain(scene.scale), "gravity": to_plain(scene.gravity)},
        "physics": [
            {
                "prop": entry.prop.id,
                "licence": entry.prop.provenance.licence,
                "mass_kg": entry.mass_kg(),
                "bodies": [
                    {"material": to_plain(body.material), "mass": to_plain(body.mass)} for body in entry.physics
                ],
            }
            for entry in scene.props
        ],
        "left_out": [to_plain(entry) for entry in scene.left_out],
        "lineage": lineage,
        "files": digests,
    }
