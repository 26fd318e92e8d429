"""The stage simready: one record of physical decisions for each prop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Item, Settings, Steps, Work, mapped_stage
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.codec import from_plain, save, to_plain
from blueprint.pipeline.scene.corrections import MATTER_FIELDS, Correction, load_corrections
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.scene.records import (
    EDITS_FILE,
    THUMBNAIL_FILE,
    Articulated,
    Ingested,
    Repaired,
    SimReady,
    SimReadyProp,
)


class SimreadySettings(Settings, frozen=True):
    """Mass, material, colliders."""

    max_hulls: int = Field(
        default=16, ge=1, le=64, description="Pieces that a link may have at most, unless it is a vessel."
    )
    max_hulls_hollow: int = Field(
        default=32, ge=1, le=64, description="Convex hulls that an open vessel may have, whose cavity fewer would fill."
    )
    max_hull_vertices: int = Field(
        default=64, ge=8, le=64, description="Vertices of one hull at most; GPU engines take no more than 64."
    )
    concavity: float = Field(
        default=0.07,
        gt=0,
        le=1,
        description="Concavity that stays uncut at first, as a share of half the largest side; "
        "it is halved, twice at most, while the surface lies more than 4.5 mm from the pieces.",
    )
    decomposition_faces: int = Field(
        default=6000, ge=200, description="Faces above which a mesh is coarsened before it is decomposed."
    )
    # It is part of the key: an object that was left out for hanging gets another try when the deadline is raised.
    decomposition_deadline_s: int = Field(
        default=120, ge=1, description="Seconds after which a decomposition that hangs costs its object."
    )
    gripper_opening_m: float = Field(
        default=0.078, gt=0, description="Widest thickness in metres that the gripper takes between its fingers."
    )
    materials: Path | None = Field(
        default=None,
        json_schema_extra=NOT_IN_KEY,
        description="File of the form of config/materials.yaml; its rows go over those of the same name.",
    )
    corrections: Path | None = Field(
        default=None, json_schema_extra=NOT_IN_KEY, description="Comes from the recipe's `corrections`."
    )


def _foreign(settings: SimreadySettings) -> Mapping[str, Any]:
    files = {name: resource_path("config", name) for name in ("categories.yaml", "materials.yaml")}
    return files if settings.materials is None else {**files, "materials": settings.materials}


def _items(scan: Ingested, articulated: Articulated, repaired: Repaired, settings: SimreadySettings) -> Sequence[Item]:
    corrections = load_corrections(settings.corrections)
    props, parts = {prop.id: prop for prop in scan.scan.props}, articulated.props()
    return [
        Item(
            name,
            {
                "prop": to_plain(edited_prop(props[name], (*parts[name].edits, *record.edits))),
                "correction": corrections.about(name, MATTER_FIELDS),
            },
        )
        for name, record in repaired.props().items()
    ]


@mapped_stage(
    output=SimReady,
    items=_items,
    version=3,
    tools=("coacd", "vhacdx", "numpy", "scipy", "trimesh", "embreex", "opencv-python-headless"),
    # A mesh of millions of faces takes minutes, and more on a busy machine, which must not fail the run.
    deadline_s=1800,
    foreign=_foreign,
)
def simready(
    work: Work,
    item: Item,
    scan: Ingested,
    articulated: Articulated,
    repaired: Repaired,
    settings: SimreadySettings,
) -> Steps[SimReadyProp]:
    """Decide mass, material and colliders."""
    from blueprint.pipeline.sims.portrait import portrait_png

    from .physics import propose_physics

    prop = from_plain(item.values["prop"], Prop)
    correction = Correction.model_validate(item.values["correction"])
    yield Progress(0.0, prop.id)
    folders = (repaired.props()[prop.id].folder, articulated.props()[prop.id].folder, scan.folder)
    edits = propose_physics(work, prop, correction, folders, settings)
    save(work.folder / EDITS_FILE, edits, tuple[Edit, ...])
    yield Progress(0.9, f"portrait of {prop.id}")
    (work.folder / THUMBNAIL_FILE).write_bytes(portrait_png(prop, folders))
    return SimReadyProp(work.folder)
