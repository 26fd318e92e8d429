"""Read what the giver of a scan declares about its licence and origin."""

from pathlib import Path

from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE, ScanProvenance


def read_provenance(folder: Path) -> ScanProvenance:
    """Return a scan's declaration, or that nobody has made one; raises ScanError for one that cannot be read."""
    path = folder / PROVENANCE_FILE
    return load(path, ScanProvenance) if path.is_file() else ScanProvenance()
