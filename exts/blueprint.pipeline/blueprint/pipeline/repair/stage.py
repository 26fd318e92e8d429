"""The stage that mends meshes."""

from collections.abc import Sequence

from pydantic import Field

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import Item, Settings, Steps, Work, mapped_stage
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.codec import from_plain, save, to_plain
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.scene.records import EDITS_FILE, Articulated, Ingested, Repaired, RepairedProp


class RepairSettings(Settings, frozen=True):
    """How meshes are mended."""

    face_budget: int = Field(
        default=20_000,
        ge=100,
        description="Faces that a link's visible meshes may have together; above, some are saved.",
    )
    largest_deviation_m: float = Field(
        default=0.0005, gt=0, le=0.1, description="Distance in metres by which saving faces may move the surface."
    )
    largest_texture_shift_px: float = Field(
        default=2.0,
        gt=0,
        description="Pixels by which saving faces may move the texture, on 95 % of the surface.",
    )
    hole_share: float = Field(
        default=0.01,
        ge=0,
        lt=1,
        description="Share of its shell's area up to which a hole is closed.",
    )
    crumb_share: float = Field(
        default=0.0005, ge=0, lt=0.1, description="Share of the mesh's area below which a loose small piece is removed."
    )


def _items(scan: Ingested, articulated: Articulated, settings: RepairSettings) -> Sequence[Item]:
    props, records = {prop.id: prop for prop in scan.scan.props}, articulated.props()
    return [Item(name, {"prop": to_plain(edited_prop(props[name], records[name].edits))}) for name in records]


# The work on one mesh is bounded by its faces; the deadline is far off, since a busy machine must not fail a run.
@mapped_stage(output=Repaired, items=_items, version=3, tools=("numpy", "scipy", "trimesh", "embreex"), deadline_s=1800)
def repair(
    work: Work, item: Item, scan: Ingested, articulated: Articulated, settings: RepairSettings
) -> Steps[RepairedProp]:
    """Mend meshes."""
    from .proposal import care_for

    prop = from_plain(item.values["prop"], Prop)
    yield Progress(0.0, prop.id)
    folders = (articulated.props()[prop.id].folder, scan.folder)
    care = care_for(prop, folders, work.folder, settings)
    for remark in care.remarks:
        yield Warned(f"{prop.id}: {remark}")
    save(work.folder / EDITS_FILE, care.edits, tuple[Edit, ...])
    return RepairedProp(work.folder)
