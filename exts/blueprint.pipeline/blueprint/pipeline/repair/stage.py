"""The stage that mends meshes."""

from collections.abc import Sequence

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import Item, Settings, Steps, Work, mapped_stage
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.codec import from_plain, save, to_plain
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.scene.records import EDITS_FILE, Articulated, Ingested, Repaired, RepairedProp


class RepairSettings(Settings, frozen=True):
    """How meshes are mended."""


def _items(scan: Ingested, articulated: Articulated, settings: RepairSettings) -> Sequence[Item]:
    props, records = {prop.id: prop for prop in scan.scan.props}, articulated.props()
    return [Item(name, {"prop": to_plain(edited_prop(props[name], records[name].edits))}) for name in records]


@mapped_stage(output=Repaired, items=_items, version=1, tools=("numpy", "trimesh"), deadline_s=600)
def repair(
    work: Work, item: Item, scan: Ingested, articulated: Articulated, settings: RepairSettings
) -> Steps[RepairedProp]:
    """Mend meshes."""
    from .proposal import propose_repairs

    prop = from_plain(item.values["prop"], Prop)
    yield Progress(0.0, prop.id)
    folders = (articulated.props()[prop.id].folder, scan.folder)
    edits = propose_repairs(prop, folders, work.folder, settings)
    save(work.folder / EDITS_FILE, edits, tuple[Edit, ...])
    return RepairedProp(work.folder)
