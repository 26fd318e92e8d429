"""The stage `randomize`: seeded variants, each its own USD root over the scene."""

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.scene.records import Assembled, Variants

from .cameras import CameraJitter
from .light import LightRanges
from .physics import PhysicsSettings
from .poses import PoseSettings

SCENE_FROM_VARIANT = "../scene.usda"


class RandomizeSettings(Settings, frozen=True):
    """Variants of the scene."""

    count: int = Field(default=5, ge=1, le=10000, description="Number of variants.")
    seed: int = Field(default=1, ge=0, description="Seed from which every draw of every variant follows.")
    original_first: bool = Field(default=True, description="Whether variant 0 is the scene as it came to rest.")
    poses: PoseSettings = Field(default=PoseSettings(), description="Where movable props stand.")
    physics: PhysicsSettings = Field(
        default=PhysicsSettings(), description="What movable props weigh and how they slide."
    )
    light: LightRanges = Field(default=LightRanges(), description="How the light varies.")
    cameras: CameraJitter = Field(default=CameraJitter(), description="How far cameras are off.")


@stage(version=1, tools=("usd-core", "numpy"), deadline_s=600)
def randomize(work: Work, assembled: Assembled, settings: RandomizeSettings) -> Steps[Variants]:
    """Draw variants of the scene."""
    from blueprint.pipeline.engine.checks import check_at_most
    from blueprint.pipeline.scene.codec import save
    from blueprint.pipeline.scene.edits import MoveProp
    from blueprint.pipeline.scene.robots import load_robot
    from blueprint.pipeline.scene.variants import Variant
    from blueprint.pipeline.usd.scene_layers import write_variant

    from .variants import draw_variant, read_ground

    manifest = assembled.manifest
    ground = read_ground(manifest, load_robot(manifest.robot.name), (assembled.folder,))
    variants: list[Variant] = []
    for index in range(settings.count):
        variant = draw_variant(manifest, ground, index, settings)
        write_variant(work.folder / "variants" / f"{variant.name}.usda", SCENE_FROM_VARIANT, manifest, variant)
        variants.append(variant)
        yield Progress((index + 1) / settings.count, f"variant {variant.name}")
    save(work.folder / Variants.VARIANTS_FILE, tuple(variants), tuple[Variant, ...])
    moves = [edit for variant in variants for edit in variant.edits if isinstance(edit, MoveProp)]
    stayed = sum(edit.T_world_prop == manifest.prop(edit.prop).prop.T_world_prop for edit in moves)
    share = stayed / len(moves) if moves else 0.0
    work.check(check_at_most("props_that_found_no_room", share, 0.5, unit="of all draws", blocking=False))
    return Variants(work.folder)
