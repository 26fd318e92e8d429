"""The stage that has a scan made from a photo."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.scene.records import Reconstructed
from blueprint.pipeline.services.model_settings import ModelSettings


class ReconstructSettings(Settings, frozen=True):
    """Which photo is reconstructed, and by what."""

    photo: Path | None = Field(
        default=None, json_schema_extra=NOT_IN_KEY, description="Photo of a room; left empty, ingest.source is read."
    )
    prompts: tuple[str, ...] = Field(
        default=(), description="What the reconstructor is told to look for, such as `mug`; left empty, it decides."
    )
    model: ModelSettings = Field(default=ModelSettings(), description="The reconstructor.")

    @model_validator(mode="after")
    def _photo_and_model_go_together(self) -> Self:
        if self.photo is not None and self.model.kind == "none":
            raise ValueError("photo is set and no model would reconstruct it; set model.kind and model.name")
        if any(not prompt.strip() or not prompt.isprintable() or len(prompt) > 200 for prompt in self.prompts):
            raise ValueError("a prompt is one line of 1 to 200 printable characters")
        return self


def _foreign(settings: ReconstructSettings) -> Mapping[str, Any]:
    from .photo import require_photo

    if settings.photo is None:
        return {}
    require_photo(settings.photo, settings.model.max_input_mb)
    return {"photo": settings.photo}


@stage(version=1, deadline_s=90_000, foreign=_foreign)
def reconstruct(work: Work, settings: ReconstructSettings) -> Steps[Reconstructed]:
    """Have a scan made from the photo."""
    if settings.photo is None:
        yield Progress(1.0, "no photo is given; the scan is read as it is")
        return Reconstructed(work.folder)
    from .photo import reconstruct_photo

    yield from reconstruct_photo(settings, settings.photo, work.folder)
    return Reconstructed(work.folder)
