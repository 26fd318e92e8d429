"""The certify stage."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from blueprint.pipeline.certify.gates import GateResult, load_gates
from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.episode.records import Certified, Dataset
from blueprint.pipeline.resources import resource_path


class CertifySettings(Settings, frozen=True):
    """What a dataset has to show."""

    gates: Path | None = Field(
        default=None,
        description="File with the gates' thresholds; the shipped gates.yaml when absent.",
        json_schema_extra=NOT_IN_KEY,
    )
    fail_below_gates: bool = Field(
        default=True, description="Whether a failing gate fails the run; if not, the certificate reads `not certified`."
    )
    production: bool = Field(default=False, description="Set from the recipe's strict switch of the same name.")

    @field_validator("gates")
    @classmethod
    def _gates_can_be_read(cls, path: Path | None) -> Path | None:
        # Certification comes last, so a fault in this file would show only after everything else was done.
        if path is not None:
            load_gates(path)
        return path


def gates_path(settings: CertifySettings) -> Path:
    """Return the file that holds the thresholds."""
    return settings.gates or resource_path("config", "gates.yaml")


def _foreign(settings: CertifySettings) -> Mapping[str, Path]:
    return {"gates": gates_path(settings)}


@stage(version=5, tools=("h5py", "numpy", "opencv-python-headless", "pyarrow"), deadline_s=1800, foreign=_foreign)
def certify(work: Work, dataset: Dataset, settings: CertifySettings) -> Steps[Certified]:
    """Check every promise and write the certificate."""
    from blueprint.pipeline.certify.certificate import CERTIFIED, compose
    from blueprint.pipeline.certify.dataset_files import DatasetFiles
    from blueprint.pipeline.certify.digests import CERTIFICATE_FILE, MANIFEST_FILE, manifest_lines
    from blueprint.pipeline.certify.gates import judge
    from blueprint.pipeline.certify.reused import verify_ancestors
    from blueprint.pipeline.certify.verify import figures_of, measure_dataset
    from blueprint.pipeline.engine.digests import canonical_json, digest_files
    from blueprint.pipeline.engine.lineage import lineage

    yield Progress(0.05, "digesting the records it was made from")
    verify_ancestors(dataset)
    yield Progress(0.2, "measuring")
    files = DatasetFiles(dataset.root)
    verdicts = measure_dataset(files)
    gates = judge(load_gates(gates_path(settings)), figures_of(verdicts))
    yield Progress(0.8, "digesting")
    certificate = compose(
        files,
        digests=digest_files(dataset.root),
        verdicts=verdicts,
        gates=gates,
        lineage=lineage(dataset),
        production=settings.production,
    )
    result = Certified(work.folder)
    (work.folder / CERTIFICATE_FILE).parent.mkdir()
    (work.folder / CERTIFICATE_FILE).write_bytes(canonical_json(certificate))
    (work.folder / MANIFEST_FILE).write_text(manifest_lines(certificate["files"]))
    for sentence in certificate["findings"]:
        yield Warned(sentence)
    _note_checks(work, certificate, gates, blocking=settings.fail_below_gates)
    if settings.production:
        work.check(_must_be_real(certificate["grade"], CERTIFIED, certificate["reasons_for_test_data"]))
    return result


def _note_checks(work: Work, certificate: dict[str, Any], gates: tuple[GateResult, ...], *, blocking: bool) -> None:
    """Store every gate and the number of findings with the record, so that a failing one stops the run."""
    for gate in gates:
        work.check(Check(gate.figure, gate.value, "", gate.limit, gate.passed, blocking, gate.meaning))
    work.check(check_at_most("findings", len(certificate["findings"]), 0, unit="", blocking=blocking))


def _must_be_real(grade: str, wanted: str, reasons: list[str]) -> Check:
    why = "; ".join(reasons) or f"the grade is {grade!r}"
    return Check("production", float(grade == wanted), "", f"grade {wanted!r}", grade == wanted, True, why)
