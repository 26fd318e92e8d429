"""The stage `grasp`: how each object is held, tried in simulation before any episode."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import Item, Settings, Steps, Work, mapped_stage
from blueprint.pipeline.episode.records import Grasps, GraspTrials
from blueprint.pipeline.scene.records import Assembled

TOOLS = ("mujoco", "numpy", "scipy")


class GraspTableSettings(Settings, frozen=True):
    """Grasps, tried before any episode."""

    seed: int = Field(default=0, ge=0, description="Seed of everything that is drawn.")
    engine: Literal["mujoco", "null"] = Field(default="mujoco", description="Simulator in which grasps are tried.")
    kept: int = Field(default=24, ge=1, le=400, description="Largest number of grasps per object that are tried.")


def list_props(assembled: Assembled, settings: GraspTableSettings) -> Sequence[Item]:
    """List what can be picked up."""
    props = [entry.prop.id for entry in assembled.manifest.props if entry.movable]
    return [Item(id=prop, values={"prop": prop}, inputs=(assembled.digest,)) for prop in props]


@mapped_stage(version=1, tools=TOOLS, deadline_s=600, output=Grasps, items=list_props)
def grasp(work: Work, item: Item, assembled: Assembled, settings: GraspTableSettings) -> Steps[GraspTrials]:
    """Try grasps in simulation."""
    from .table import make_table

    yield from (Progress(share, message) for share, message in make_table(work.folder, assembled, item.id, settings))
    return GraspTrials(work.folder)
