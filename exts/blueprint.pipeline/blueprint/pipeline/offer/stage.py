"""The stage `offer`: which tasks the robot can do in the scene, and why not the others."""

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.episode.records import Grasps, Offered
from blueprint.pipeline.scene.records import Assembled

TOOLS = ("mujoco", "mink", "daqp", "numpy", "scipy")


class OfferSettings(Settings, frozen=True):
    """Tasks that the scene and the robot allow."""

    seed: int = Field(default=0, ge=0, description="Seed of everything that is drawn.")


@stage(version=1, tools=TOOLS, deadline_s=900)
def offer(work: Work, assembled: Assembled, grasps: Grasps, settings: OfferSettings) -> Steps[Offered]:
    """Find the tasks that scene and robot allow."""
    from blueprint.pipeline.scene.codec import save

    from .feasibility import look_at_tasks

    yield Progress(0.1, "looking at tasks")
    save(work.folder / Offered.OFFERS_FILE, look_at_tasks(assembled, grasps.tables(), settings))
    return Offered(work.folder)
