"""Draw whole variants: numbers for all of them at once, then places and edits one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.edits import AddDistractor, Edit, MoveProp
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.policies import DistractorFactor, Policy, PoseFactor, Targets, TextureFactor
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.sample_assets import sample_assets
from blueprint.pipeline.scene.shapes import Array
from blueprint.pipeline.scene.variants import Variant

from .cameras import camera_edits
from .distractors import Model, Spare, choose_pool, draw_distractors, models_of, surfaces_below
from .drawn import DrawnFactor, NothingToVary, check_policy, draw_numbers, row_of
from .ground import Ground, read_ground
from .light import light_edit
from .looks import draw_wearers, look_edit, textured
from .physics import Hows, physics_edits
from .policy import PolicyError
from .poses import Mover, Outline, Placed, Ring, draw_poses
from .quantiles import quantile
from .servos import servo_edits, start_edit
from .targets import NoSuchTarget, select_props
from .unit_draws import unit_draws

IsClear = Callable[[Sequence[Edit], Array], bool]
"""Whether the arm touches nothing at a posture, in the scene with these edits."""

PLACE_ATTEMPTS = 8
DISTRACTOR_RING = (0.35, 1.0)
"""Distractors stand where the robot works, also where it just does not reach; shares of the reach."""


@dataclass(frozen=True, eq=False)
class Stock:
    """What distractors are taken from: things by id, the spares that double them, and how many each variant has."""

    models: Mapping[str, Model]
    pool: tuple[Spare, ...]
    counts: Array


@dataclass(frozen=True, eq=False)
class Chances:
    """A policy in a scene: everything that is the same for all variants, with the numbers of all of them."""

    policy: Policy
    manifest: SceneManifest
    robot: Robot
    seed: int
    ground: Ground
    numbers: tuple[DrawnFactor, ...]
    hows: Hows
    movers: tuple[Mover, ...]
    wearers: tuple[str, ...]
    stock: Stock

    @property
    def pool(self) -> tuple[Spare, ...]:
        """The spares of all variants."""
        return self.stock.pool

    def named(self, variant: int, factor: str, target: str = "") -> np.random.Generator:
        """Return the stream of one factor and target in one variant."""
        return stream(self.seed, variant, f"randomize/{factor}/{target}")


def weigh_chances(
    policy: Policy,
    manifest: SceneManifest,
    robot: Robot,
    record_folders: Sequence[Path],
    *,
    seed: int,
    count: int,
    source: str,
) -> Chances:
    """Draw the numbers of `count` variants; raises PolicyError, and NothingToVary where the scene has no target."""
    targets = check_policy(policy, manifest, robot, source)
    ground = read_ground(manifest, robot, record_folders)
    numbers = draw_numbers(policy, targets, seed, count)
    movers = _movers(policy.the_one(PoseFactor), manifest, ground, source)
    wearers = _wearers(policy.the_one(TextureFactor), manifest, source)
    stock = _stock(policy.the_one(DistractorFactor), manifest, ground, seed, count, source)
    if policy.factors and not (numbers or movers or len(wearers) > 1 or stock.pool):
        raise NothingToVary(policy.name, manifest.id, sorted({factor.vary for factor in policy.factors.values()}))
    hows: Hows = {(drawn.factor.vary, target.id): drawn.factor.manner for drawn in numbers for target in drawn.targets}
    return Chances(policy, manifest, robot, seed, ground, tuple(numbers), hows, movers, wearers, stock)


def targets_by_factor(chances: Chances) -> dict[str, tuple[str, ...]]:
    """Return the ids that each factor is drawn for in this scene."""
    found = {drawn.name: tuple(target.id for target in drawn.targets) for drawn in chances.numbers}
    singles = ((PoseFactor, tuple(mover.prop for mover in chances.movers)), (TextureFactor, chances.wearers))
    for kind, ids in singles:
        if (factor := chances.policy.the_one(kind)) is not None:
            found[factor[0]] = ids
    return {name: found.get(name, ()) for name in chances.policy.factors}


def draw_variant(chances: Chances, index: int, is_clear: IsClear) -> Variant:
    """Return one variant: the edits over the scene's values."""
    manifest, row = chances.manifest, row_of(list(chances.numbers), index)
    edits: list[Edit] = _standing(chances, index, is_clear)
    worn = _worn(chances, index)
    for entry in manifest.props:
        edits += physics_edits(entry, row, chances.hows)
        edits += [] if (look := look_edit(entry, row, worn)) is None else [look]
    lamps = (light_edit(light, row, chances.hows) for light in manifest.lights)
    edits += [lamp for lamp in lamps if lamp is not None]
    for camera in manifest.cameras:
        noise_seed = int(chances.named(index, "noise", camera.name).integers(2**31))
        edits += camera_edits(camera, row, chances.hows, noise_seed)
    edits += servo_edits(chances.robot, row)
    start = start_edit(chances.robot, row, partial(is_clear, tuple(edits)))
    return Variant(index, chances.seed, (*edits, *([] if start is None else [start])))


def _standing(chances: Chances, index: int, is_clear: IsClear) -> list[Edit]:
    """Return where things stand, drawn anew while something is in the arm's way at home; in the end all stay."""
    home = np.asarray(chances.robot.arm.home_rad)
    for attempt in range(PLACE_ATTEMPTS):
        placed = _places(chances, index, attempt)
        edits = [*(each.move for each in placed), *_distractors(chances, index, attempt, placed)]
        if not edits or is_clear(edits, home):
            return edits
    why = f"stays: {PLACE_ATTEMPTS} draws of all places left something in the arm's way"
    return [MoveProp(mover.prop, mover.T_world_prop, why) for mover in chances.movers]


def _places(chances: Chances, index: int, attempt: int) -> tuple[Placed, ...]:
    found = chances.policy.the_one(PoseFactor)
    if found is None:
        return ()
    name, factor = found
    streams = {mover.prop: chances.named(index, _again(name, attempt), mover.prop) for mover in chances.movers}
    ring = _pose_ring(chances, factor)
    return draw_poses(chances.movers, [*chances.ground.obstacles, *_still(chances)], ring, streams, factor)


def _still(chances: Chances) -> list[Outline]:
    """Return the outlines of the props that could move and that the policy leaves where they are."""
    return [mover.rest for mover in chances.ground.movers if mover not in chances.movers]


def _again(name: str, attempt: int) -> str:
    return f"{name}/{attempt}" if attempt else name


def _distractors(chances: Chances, index: int, attempt: int, placed: Sequence[Placed]) -> tuple[AddDistractor, ...]:
    found = chances.policy.the_one(DistractorFactor)
    if found is None or not chances.pool:
        return ()
    name, factor = found
    ground = chances.ground
    taken = [*ground.obstacles, *_still(chances), *(each.outline for each in placed)]
    ring, stock = _ring(chances, DISTRACTOR_RING[0], DISTRACTOR_RING[1]), chances.stock
    rng, surfaces = chances.named(index, _again(name, attempt)), surfaces_below(ground.movers)
    return draw_distractors(stock.pool, int(stock.counts[index]), stock.models, surfaces, taken, ring, rng, factor)


def _worn(chances: Chances, index: int) -> dict[str, str]:
    found = chances.policy.the_one(TextureFactor)
    if found is None:
        return {}
    name, factor = found
    streams = {prop: chances.named(index, name, prop) for prop in chances.wearers}
    return draw_wearers(chances.wearers, factor.swapped, streams)


def _pose_ring(chances: Chances, factor: PoseFactor) -> Ring:
    """Return the ring that the policy asks for, else that in which the robot works well."""
    if factor.near_share is None or factor.far_share is None:
        return Ring(chances.ground.base_xy_m, *chances.robot.comfort_m)
    return _ring(chances, factor.near_share, factor.far_share)


def _ring(chances: Chances, near_share: float, far_share: float) -> Ring:
    reach_m = chances.robot.reach_m
    return Ring(chances.ground.base_xy_m, near_share * reach_m, far_share * reach_m)


def _movers(
    found: tuple[str, PoseFactor] | None, manifest: SceneManifest, ground: Ground, source: str
) -> tuple[Mover, ...]:
    if found is None:
        return ()
    chosen = _movable(found[1].targets, manifest, found[0], source)
    return tuple(mover for mover in ground.movers if mover.prop in chosen)


def _wearers(found: tuple[str, TextureFactor] | None, manifest: SceneManifest, source: str) -> tuple[str, ...]:
    if found is None:
        return ()
    chosen = _movable(found[1].targets, manifest, found[0], source)
    return tuple(entry.prop.id for entry in manifest.props if entry.prop.id in chosen and textured(entry))


def _stock(
    found: tuple[str, DistractorFactor] | None,
    manifest: SceneManifest,
    ground: Ground,
    seed: int,
    count: int,
    source: str,
) -> Stock:
    if found is None:
        return Stock({}, (), np.zeros(count))
    name, factor = found
    chosen = _movable(factor.targets, manifest, name, source) if "scene" in factor.sources else set[str]()
    movers = [mover for mover in ground.movers if mover.prop in chosen]
    models = models_of(movers, manifest, sample_assets() if "samples" in factor.sources else ())
    most = round(factor.count.support()[1])
    counts = np.round(quantile(factor.count, unit_draws(seed, name, ["count"], count, 1))[:, 0, 0])
    return Stock(models, choose_pool(list(models), most, stream(seed, 0, f"randomize/{name}/pool")), counts)


def _movable(wanted: Targets, manifest: SceneManifest, name: str, source: str) -> set[str]:

    try:
        return {entry.prop.id for entry in select_props(wanted, manifest, lambda entry: entry.movable) if entry.movable}
    except NoSuchTarget as error:
        raise PolicyError(source, [f"factors.{name}.{error}"]) from error
