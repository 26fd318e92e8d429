"""Write the record of the variants: their edits, their USD roots, the policy, what was covered, and the spares."""

from collections.abc import Iterator

from blueprint.pipeline.engine.checks import check_at_most
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.policies import Policy
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.usd.scene_looks import read_looks
from blueprint.pipeline.usd.variant_layer import write_variant

from .coverage import measure_coverage
from .policy import load_policy
from .stage import SCENE_FROM_VARIANT, RandomizeSettings
from .start_check import StartCheck
from .stock import write_stocked
from .variants import Chances, draw_variant, weigh_chances


def chances_of(assembled: Assembled, settings: RandomizeSettings, policy: Policy | None = None) -> Chances:
    """Draw the numbers of a scene's variants, by the settings' policy unless another is given."""
    manifest = assembled.manifest
    return weigh_chances(
        policy or load_policy(settings.policy),
        manifest,
        load_robot(manifest.robot.name),
        (assembled.folder,),
        seed=settings.seed,
        count=settings.count,
        source=settings.policy.name if policy is None else policy.name,
    )


def draw_variants(chances: Chances, model: Assembled, settings: RandomizeSettings) -> Iterator[Variant]:
    """Yield the variants of a scene; `model` holds the compiled model in which an arm's start is checked."""
    check = StartCheck(model.model_folder, chances.robot)
    for index in range(settings.count):
        if index == 0 and settings.original_first:
            yield Variant(0, settings.seed, ())
        else:
            yield draw_variant(chances, index, check.is_clear)


def write_variants(work: Work, assembled: Assembled, settings: RandomizeSettings) -> Iterator[tuple[float, str]]:
    """Draw and write everything; yields progress."""
    manifest, chances = assembled.manifest, chances_of(assembled, settings)
    scene = assembled
    if chances.pool:
        yield 0.0, f"compiling the scene with {len(chances.pool)} spares"
        scene = write_stocked(work.folder / Variants.STOCKED, assembled, chances.pool)
    variants: list[Variant] = []
    looks = read_looks(assembled.usd_path, manifest)
    for variant in draw_variants(chances, scene, settings):
        target = work.folder / "variants" / f"{variant.name}.usda"
        write_variant(target, SCENE_FROM_VARIANT, scene.manifest, chances.robot, variant, looks)
        variants.append(variant)
        yield len(variants) / settings.count, f"variant {variant.name}"
    save(work.folder / Variants.VARIANTS_FILE, tuple(variants), tuple[Variant, ...])
    save(work.folder / Variants.POLICY_FILE, chances.policy)
    coverage = measure_coverage(chances, variants, first=int(settings.original_first))
    save(work.folder / Variants.COVERAGE_FILE, coverage)
    work.check(
        check_at_most("props_that_found_no_room", _stayed(variants, manifest), 0.5, unit="of all draws", blocking=False)
    )


def _stayed(variants: list[Variant], manifest: SceneManifest) -> float:
    moves = [edit for variant in variants for edit in variant.edits if isinstance(edit, MoveProp)]
    stayed = sum(edit.T_world_prop == manifest.prop(edit.prop).prop.T_world_prop for edit in moves)
    return stayed / len(moves) if moves else 0.0
