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
    kept: int = Field(default=32, ge=1, le=400, description="Largest number of grasps per object that are tried.")
    kept_per_handle: int = Field(
        default=16, ge=1, le=400, description="Largest number of grasps per moving part of furniture that are tried."
    )
    trials: int = Field(default=3, ge=1, le=100, description="Number of lifts and shakes per grasp.")
    friction_factor: tuple[float, float] = Field(
        default=(0.7, 1.1), description="Range of the factor on friction, in all trials but the first."
    )
    mass_factor: tuple[float, float] = Field(
        default=(0.8, 1.3), description="Range of the factor on mass, in all trials but the first."
    )
    off_m: float = Field(
        default=0.002, ge=0, le=0.05, description="Standard deviation of the hand's place per axis, in metres."
    )
    off_rad: float = Field(
        default=0.03, ge=0, le=0.5, description="Standard deviation of the hand's turn per axis, in radians."
    )


def list_props(assembled: Assembled, settings: GraspTableSettings) -> Sequence[Item]:
    """List what can be picked up, and furniture with parts that move."""
    props = [entry.prop.id for entry in assembled.manifest.props if entry.movable or entry.prop.joints]
    return [Item(id=prop, values={"prop": prop}, inputs=(assembled.digest,)) for prop in props]


@mapped_stage(version=3, tools=TOOLS, deadline_s=600, output=Grasps, items=list_props)
def grasp(work: Work, item: Item, assembled: Assembled, settings: GraspTableSettings) -> Steps[GraspTrials]:
    """Try grasps in simulation."""
    from .table import make_table

    yield from (Progress(share, message) for share, message in make_table(work.folder, assembled, item.id, settings))
    return GraspTrials(work.folder)
