"""The stage that finds parts and joints."""

from pydantic import Field

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.records import EDITS_FILE, Articulated, Ingested


class ArticulateSettings(Settings, frozen=True):
    """How a prediction of parts and joints is turned into links."""

    enabled: bool = Field(
        default=True, description="Whether predictions beside the scan are used; otherwise all stays rigid."
    )
    max_turn_rad: float = Field(default=3.15, gt=0, le=6.3, description="Largest swing of a hinge to one side, in rad.")
    max_slide_ratio: float = Field(
        default=1.0, gt=0, le=2, description="Largest travel of a slide, as a share of the object's largest side."
    )
    min_part_faces: int = Field(
        default=4, ge=1, description="Parts with fewer triangles stay with the part that carries them."
    )


@stage(version=1, tools=("numpy", "scipy"), deadline_s=600)
def articulate(work: Work, scan: Ingested, settings: ArticulateSettings) -> Steps[Articulated]:
    """Turn predicted parts and joints into links."""
    from blueprint.pipeline.scene.codec import save
    from blueprint.pipeline.scene.predictions import PREDICTION_FOLDER, load_prediction

    from .links import propose_articulation

    edits: list[Edit] = []
    for number, prop in enumerate(scan.scan.props):
        path = scan.folder / PREDICTION_FOLDER / f"{prop.id}.npz"
        if settings.enabled and path.is_file():
            yield Progress(number / len(scan.scan.props), prop.id)
            proposal = propose_articulation(prop, load_prediction(path), scan.folder, work.folder, settings)
            edits += proposal.edits
            for text in proposal.remarks:
                yield Warned(f"{prop.id}: {text}")
    save(work.folder / EDITS_FILE, tuple(edits), tuple[Edit, ...])
    return Articulated(work.folder)
