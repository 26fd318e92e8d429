"""Verify a dataset: every promise checked against the bytes, with nothing but the dataset."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.digests import check_digests, read_certificate
from blueprint.pipeline.certify.episodes import check_episodes
from blueprint.pipeline.certify.findings import UNREADABLE, Finding, Verdict, cannot_be_read
from blueprint.pipeline.certify.gates import GateResult
from blueprint.pipeline.certify.images import check_depth_and_ids, check_videos
from blueprint.pipeline.certify.kinematics import check_kinematics
from blueprint.pipeline.certify.statistics import check_statistics
from blueprint.pipeline.certify.tables import check_counts, check_finite, check_indices

CHECKS: tuple[Callable[[DatasetFiles], Verdict], ...] = (
    check_counts,
    check_indices,
    check_finite,
    check_statistics,
    check_videos,
    check_depth_and_ids,
    check_kinematics,
    check_episodes,
)


@dataclass(frozen=True)
class Verification:
    """What verifying a dataset gave; `gates` and `grade` are what its certificate claims."""

    verdicts: tuple[Verdict, ...]
    gates: tuple[GateResult, ...]
    grade: str

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong."""
        return [finding for verdict in self.verdicts for finding in verdict.findings]

    @property
    def passed(self) -> bool:
        """Whether every promise holds."""
        return not self.findings


def measure_dataset(dataset: DatasetFiles) -> tuple[Verdict, ...]:
    """Run every check of content; a file that cannot be read is a finding, not an error."""
    return tuple(_run(check, dataset) for check in CHECKS)


def verify_dataset(root: Path, *, digests_only: bool = False) -> Verification:
    """Check a certified dataset; raises ScanError when the folder is no dataset of ours at all."""
    dataset = DatasetFiles(root)
    _ = dataset.info
    digests = check_digests(root)
    contents = () if digests_only else measure_dataset(dataset)
    certificate = read_certificate(root)
    if certificate is None:
        return Verification((digests, *contents), (), "no certificate")
    gates = tuple(GateResult(**gate) for gate in certificate["gates"])
    claims = () if digests_only else (_check_claims(certificate["figures"], contents),)
    return Verification((digests, *contents, *claims), gates, certificate["grade"])


def figures_of(verdicts: tuple[Verdict, ...]) -> dict[str, float]:
    """Gather what the checks have measured."""
    return {name: value for verdict in verdicts for name, value in verdict.measures.items()}


def _run(check: Callable[[DatasetFiles], Verdict], dataset: DatasetFiles) -> Verdict:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return check(dataset)
    except UNREADABLE as error:
        return Verdict(name, "not completed", (cannot_be_read(name, error, "dataset"),), {})


def _check_claims(claimed: dict[str, float], verdicts: tuple[Verdict, ...]) -> Verdict:
    """Compare the figures that the certificate names with those measured now, on another machine perhaps."""
    measured = figures_of(verdicts)
    findings = [
        Finding("claims", "certificate/certificate.json", f"{name} is {value:.9g}, measured {measured.get(name)}")
        for name, value in sorted(claimed.items())
        if not _agrees(value, measured.get(name))
    ]
    return Verdict("claims", f"{len(claimed)} figures", tuple(findings), {})


def _agrees(claimed: float, measured: float | None) -> bool:
    return measured is not None and abs(claimed - measured) <= 1e-6 + 1e-6 * abs(claimed)
