"""The stage that has a scan made from a photo."""

from pathlib import Path

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.scene.records import Reconstructed


class ReconstructSettings(Settings, frozen=True):
    """Which photo is reconstructed, and by what."""

    photo: Path | None = Field(
        default=None, json_schema_extra=NOT_IN_KEY, description="Photo of a room; left empty, ingest.source is read."
    )


@stage(version=1, deadline_s=7200)
def reconstruct(work: Work, settings: ReconstructSettings) -> Steps[Reconstructed]:
    """Have a scan made from the photo."""
    yield Progress(0.0, "no photo is given; the scan is read as it is")
    (work.folder / Reconstructed.REPORT_FILE).write_text("{}")
    return Reconstructed(work.folder)
