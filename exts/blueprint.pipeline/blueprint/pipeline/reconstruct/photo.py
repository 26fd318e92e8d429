"""Hand a photo to the reconstructor and keep what came of it, with who made it, from what, under which licence."""

from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE, ScanProvenance
from blueprint.pipeline.scene.records import Reconstructed
from blueprint.pipeline.services.models import ModelReport, produce

from .stage import ReconstructSettings

LOG_FILE = "log.txt"
_MOST_PIXELS = 100_000_000


def require_photo(path: Path, max_mb: float) -> None:
    """Raise ScanError unless a file is a picture that can be decoded and is not too large to send."""
    if not path.is_file():
        raise ScanError(path.name, "does not exist.", expected="a photo as JPEG, PNG or WebP")
    size = path.stat().st_size
    if not 0 < size <= max_mb * 1e6:
        raise ScanError(
            path.name, f"has {size} bytes.", expected=f"at most {max_mb:g} MB (reconstruct.model.max_input_mb)"
        )
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), dtype=np.uint8), cv2.IMREAD_REDUCED_COLOR_8)
    if pixels is None:
        raise ScanError(path.name, "is no picture that can be decoded.", expected="a photo as JPEG, PNG or WebP")
    if pixels.shape[0] * pixels.shape[1] * 64 > _MOST_PIXELS:
        raise ScanError(path.name, "has more than 100 million pixels.", expected="a smaller photo")


def reconstruct_photo(
    settings: ReconstructSettings, photo: Path, record: Path
) -> Generator[Progress | Warned, None, ModelReport]:
    """Fill `run/` in a record and write its report; the licence of what was made is declared beside the scan."""
    run = record / "run"
    yield Progress(0.0, f"asking {settings.model.label()}")
    report = yield from produce(settings.model, photo, run, record / LOG_FILE, settings.prompts)
    if not (run / PROVENANCE_FILE).exists():
        note = f"made from a photo by {settings.model.label()}"
        save(run / PROVENANCE_FILE, ScanProvenance(licence=settings.model.licence, note=note))
    save(record / Reconstructed.REPORT_FILE, report)
    return report
