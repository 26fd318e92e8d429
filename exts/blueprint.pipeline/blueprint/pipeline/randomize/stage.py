"""The stage `randomize`: seeded variants by a policy, each its own USD root over the scene."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.scene.records import Assembled, Variants

SCENE_FROM_VARIANT = "../scene.usda"
TOOLS = ("usd-core", "numpy", "scipy", "mujoco", "newton")


class RandomizeSettings(Settings, frozen=True):
    """Variants of the scene."""

    count: int = Field(default=5, ge=1, le=10000, description="Number of variants.")
    seed: int = Field(default=1, ge=0, description="Seed from which every draw of every variant follows.")
    original_first: bool = Field(default=True, description="Whether variant 0 is the scene as it came to rest.")
    policy: Path = Field(
        default=Path("mild"),
        json_schema_extra=NOT_IN_KEY,
        description="What varies and how far: `off`, `mild`, `strong`, or a file of your own that ends in .yaml.",
    )


def policy_file(settings: RandomizeSettings) -> Mapping[str, Any]:
    """Return the files that decide the result: the policy, and what it may set up beside the scene's own.

    Raises UnknownName for a level that is not there.
    """
    from blueprint.pipeline.scene.sample_assets import assets_folder

    from .policy import policy_path

    return {"policy": policy_path(settings.policy), "sample_assets": assets_folder()}


@stage(version=4, tools=TOOLS, deadline_s=3600, foreign=policy_file)
def randomize(work: Work, assembled: Assembled, settings: RandomizeSettings) -> Steps[Variants]:
    """Draw variants of the scene."""
    from .record import write_variants

    for share, message in write_variants(work, assembled, settings):
        yield Progress(share, message)
    return Variants(work.folder)
