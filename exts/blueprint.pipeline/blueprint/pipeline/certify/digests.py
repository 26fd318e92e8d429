"""Check that every file has the bytes that the certificate names, and that none has come or gone."""

import json
from pathlib import Path
from typing import Any

from blueprint.pipeline.certify.dataset_files import CERTIFICATE_FOLDER
from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.engine.digests import digest_file, files_below
from blueprint.pipeline.errors import ScanError

CERTIFICATE_FILE = f"{CERTIFICATE_FOLDER}/certificate.json"
FORMAT_VERSION = 1
_FIELDS = {"version", "grade", "figures", "gates", "files"}
MANIFEST_FILE = f"{CERTIFICATE_FOLDER}/manifest-sha256.txt"


def manifest_lines(digests: dict[str, str]) -> str:
    """Return digests in the form that `sha256sum --check` reads from the dataset's root."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def read_certificate(root: Path) -> dict[str, Any] | None:
    """Return the certificate, or None when the dataset has none that can be read.

    Raises ScanError for one that was written by a newer program.
    """
    try:
        certificate = json.loads((root / CERTIFICATE_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(certificate, dict) or not _FIELDS <= certificate.keys():
        return None
    if certificate["version"] > FORMAT_VERSION:
        raise ScanError(
            CERTIFICATE_FILE,
            f"version {certificate['version']} is newer than {FORMAT_VERSION}, which this program reads.",
            expected="pip install --upgrade blueprint-pipeline",
        )
    return certificate


def check_digests(root: Path) -> Verdict:
    """Digest every file of a dataset and compare with its certificate."""
    certificate = read_certificate(root)
    if certificate is None:
        missing = Finding("digests", CERTIFICATE_FILE, "is missing or unreadable, so no byte can be checked")
        return Verdict("digests", "nothing", (missing,), {})
    expected: dict[str, str] = certificate["files"]
    present = {path.relative_to(root).as_posix(): path for path in files_below(root)}
    findings = [Finding("digests", name, "is missing") for name in sorted(expected.keys() - present.keys())]
    for name in sorted(present.keys() - expected.keys()):
        if not name.startswith(f"{CERTIFICATE_FOLDER}/"):
            findings.append(Finding("digests", name, "is not in the certificate"))
    for name in sorted(expected.keys() & present.keys()):
        if present[name].is_symlink():
            findings.append(Finding("digests", name, "is a link, not the certified file"))
        elif digest_file(present[name]) != expected[name]:
            findings.append(Finding("digests", name, "has other bytes than were certified"))
    manifest = root / MANIFEST_FILE
    if not manifest.is_file() or manifest.read_bytes() != manifest_lines(expected).encode():
        findings.append(Finding("digests", MANIFEST_FILE, "does not list what the certificate lists"))
    return Verdict("digests", f"{len(expected)} files", tuple(findings), {"files": float(len(expected))})
