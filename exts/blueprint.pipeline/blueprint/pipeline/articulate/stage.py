"""The stage that finds parts and joints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from blueprint.pipeline.engine.digests import digest_path
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Item, Settings, Steps, Work, mapped_stage
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.codec import from_plain, save, to_plain
from blueprint.pipeline.scene.corrections import JOINT_FIELDS, Correction, load_corrections
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.scene.records import EDITS_FILE, Articulated, ArticulatedProp, Ingested
from blueprint.pipeline.services.model_settings import ModelSettings


class ArticulateSettings(Settings, frozen=True):
    """How parts and joints are found and turned into links."""

    enabled: bool = Field(
        default=True, description="Whether parts and joints are looked for; otherwise all stays rigid but corrections."
    )
    by_shape: bool = Field(
        default=True,
        description="Whether doors, drawers, lids and knobs are found by shape where nothing predicts them.",
    )
    insides: bool = Field(
        default=True, description="Whether furniture gets cavities behind its doors and boxes for its drawers."
    )
    max_turn_rad: float = Field(default=3.15, gt=0, le=6.3, description="Largest swing of a hinge to one side, in rad.")
    max_slide_ratio: float = Field(
        default=1.0, gt=0, le=2, description="Largest travel of a slide, as a share of the object's largest side."
    )
    min_part_faces: int = Field(
        default=4, ge=1, description="Parts with fewer triangles stay with the part that carries them."
    )
    model: ModelSettings = Field(
        default=ModelSettings(),
        description="Part predictor that is asked about things that open and have no prediction.",
    )
    corrections: Path | None = Field(
        default=None, json_schema_extra=NOT_IN_KEY, description="Comes from the recipe's `corrections`."
    )


def _foreign(_: ArticulateSettings) -> Mapping[str, Any]:
    return {"categories": resource_path("config", "categories.yaml")}


def _items(scan: Ingested, settings: ArticulateSettings) -> Sequence[Item]:
    corrections = load_corrections(settings.corrections)
    return [
        Item(
            prop.id,
            {
                "prop": to_plain(prop),
                "prediction": digest_path(path) if (path := _prediction(scan, prop.id)).is_file() else "",
                "correction": corrections.about(prop.id, JOINT_FIELDS),
            },
        )
        for prop in scan.scan.props
    ]


def _prediction(scan: Ingested, prop: str) -> Path:
    from blueprint.pipeline.scene.predictions import PREDICTION_FOLDER

    return scan.folder / PREDICTION_FOLDER / f"{prop}.npz"


@mapped_stage(
    output=Articulated,
    items=_items,
    version=4,
    tools=("embreex", "manifold3d", "numpy", "opencv-python-headless", "scipy"),
    deadline_s=4000,
    foreign=_foreign,
)
def articulate(work: Work, item: Item, scan: Ingested, settings: ArticulateSettings) -> Steps[ArticulatedProp]:
    """Find parts and joints."""
    from blueprint.pipeline.scene.predictions import load_prediction

    from .asked import ask_for_parts
    from .links import propose_articulation
    from .proposer import may_open

    prop = from_plain(item.values["prop"], Prop)
    correction = Correction.model_validate(item.values["correction"])
    yield Progress(0.0, prop.id)
    prediction = load_prediction(_prediction(scan, prop.id)) if item.values["prediction"] else None
    if prediction is None and settings.enabled and settings.model.kind != "none" and may_open(prop.category):
        prediction = yield from ask_for_parts(settings.model, prop, scan.folder, work.folder)
    proposal = propose_articulation(prop, prediction, correction, scan.folder, work.folder, settings)
    for text in proposal.remarks:
        yield Warned(f"{prop.id}: {text}")
    save(work.folder / EDITS_FILE, proposal.edits, tuple[Edit, ...])
    return ArticulatedProp(work.folder)
