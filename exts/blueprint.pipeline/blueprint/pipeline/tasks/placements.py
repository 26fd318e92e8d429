"""What the robot is asked to do: a free region of a support within reach, and the sentence that names it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.goals import AtRest, InRegion, Raised, Region, Released
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose, vec3

Array = NDArray[np.float64]

LIFT_M = 0.05
"""What is picked up rises by so much at least."""


@dataclass(frozen=True, slots=True)
class RegionRules:
    """How a target region is drawn, in metres."""

    margin_m: float = 0.02
    gap_m: float = 0.04
    edge_m: float = 0.01
    least_move_m: float = 0.12
    draws: int = 300


@dataclass(frozen=True, eq=False, slots=True)
class Placement:
    """A region, and the pose that sets the prop into its middle."""

    region: Region
    T_world_prop: Pose


@dataclass(frozen=True, eq=False, slots=True)
class Footprints:
    """Corners of the movable props' colliders (K, 3) in their own frames, with where they stand."""

    corners_m: Mapping[str, Array]
    T_world_props: Mapping[str, Pose]

    def box(self, prop: str, T_world_prop: Pose | None = None, turn: Array | None = None) -> tuple[Array, Array]:
        """Return the lower and upper corner of a prop's shadow, in axes turned by a (2, 2) rotation."""
        pose = T_world_prop or self.T_world_props[prop]
        flat = pose.apply(self.corners_m[prop])[:, :2]
        flat = flat if turn is None else flat @ turn
        return flat.min(axis=0), flat.max(axis=0)


def support_of(manifest: SceneManifest, T_world_prop: Pose) -> tuple[SceneProp, SupportSurface] | None:
    """Return the support surface that a prop stands on: the nearest one below it that reaches under its origin."""
    best: tuple[float, SceneProp, SupportSurface] | None = None
    for owner in manifest.props:
        for surface in owner.supports:
            local = (owner.prop.T_world_prop @ surface.T_prop_surface).inverse().apply(T_world_prop.position_m)
            inside = (np.abs(local[:2]) <= np.asarray(surface.half_size_m) + 0.02).all()
            if inside and abs(local[2]) < 0.05 and (best is None or abs(local[2]) < best[0]):
                best = (abs(float(local[2])), owner, surface)
    return None if best is None else best[1:]


def draw_placements(
    prop: str,
    support: SceneProp,
    surface: SupportSurface,
    footprints: Footprints,
    base_m: Array,
    reach_m: float,
    rng: np.random.Generator,
    rules: RegionRules | None = None,
) -> Iterator[Placement]:
    """Draw free regions on a surface, in random order; each is as large as the prop's shadow and a margin.

    `base_m` (3,) is the robot's base; regions lie within `reach_m` of it, level distance.
    """
    rules = rules or RegionRules()
    T_world_surface = support.prop.T_world_prop @ surface.T_prop_surface
    turn = T_world_surface.rotation()[:2, :2]
    middle = np.asarray(T_world_surface.position_m)
    here = footprints.T_world_props[prop]
    height_m = here.position_m[2]
    others = [footprints.box(name, turn=turn) for name in footprints.corners_m if name != prop]
    for _ in range(rules.draws):
        yaw = float(rng.choice([0.0, 0.0, np.pi / 2, -np.pi / 2, np.pi / 4, -np.pi / 4]))
        at = rng.uniform(-1.0, 1.0, 2) * np.asarray(surface.half_size_m)
        center = middle[:2] + turn @ at
        turned = Pose.from_yaw((0, 0, 0), yaw) @ Pose((0.0, 0.0, 0.0), here.quat_wxyz)
        low, high = footprints.box(prop, turned, turn)
        shift = center - turn @ ((low + high) / 2)
        half = (high - low) / 2 + rules.margin_m
        inside = (np.abs(at) + half + rules.edge_m <= np.asarray(surface.half_size_m)).all()
        moved_m = np.linalg.norm(shift - np.asarray(here.position_m[:2]))
        if not inside or moved_m < rules.least_move_m or np.linalg.norm(center - base_m[:2]) > reach_m:
            continue
        flat = turn.T @ center
        if any(_overlap(flat - half - rules.gap_m, flat + half + rules.gap_m, *box) for box in others):
            continue
        x, y = half.tolist()
        yaw_rad = float(np.arctan2(turn[1, 0], turn[0, 0]))
        region = Region("target", support.prop.id, vec3([*center, middle[2]]), (x, y), yaw_rad)
        yield Placement(region, Pose(vec3([*shift, height_m]), turned.quat_wxyz))


def _overlap(low: Array, high: Array, other_low: Array, other_high: Array) -> bool:
    return bool((low < other_high).all() and (other_low < high).all())


def pick_place_task(
    episode: str, manifest: SceneManifest, prop: str, region: Region, T_world_props: Mapping[str, Pose]
) -> Task:
    """Name a task in words, as seen from behind the robot."""
    T_base_world = manifest.robot.T_world_base.inverse()
    seen = {name: T_base_world.apply(pose.position_m) for name, pose in T_world_props.items()}
    label = manifest.prop(prop).prop.label
    rivals = [name for name in seen if manifest.prop(name).prop.label == label]
    thing = f"{_among(rivals, seen, prop)}{label}".strip()
    support = manifest.prop(region.support)
    start, goal = seen[prop], T_base_world.apply(region.center_m)
    instruction = f"Pick up the {thing} and place it {_where(start, goal)} on the {support.prop.label}."
    return Task(
        episode,
        "pick_place",
        "pick_place",
        prop,
        {"object": prop, "support": region.support},
        (Step("grasp", {"object": prop}), Step("lift"), Step("place", {"object": prop, "region": region.name})),
        (Raised(prop, LIFT_M), InRegion(prop, region), Released(prop), AtRest(prop)),
        (),
        instruction,
        (instruction,),
    )


def _among(rivals: Sequence[str], seen: Mapping[str, Array], prop: str) -> str:
    """Tell one of several things of the same name by its place from left to right."""
    order = sorted(rivals, key=lambda name: -seen[name][1])
    at, count = order.index(prop), len(order)
    if count == 1:
        return ""
    names = {2: ("left ", "right "), 3: ("left ", "middle ", "right ")}.get(count)
    return names[at] if names else f"{_ORDINALS[min(at, len(_ORDINALS) - 1)]} "


_ORDINALS = ("leftmost", "second", "third", "fourth", "fifth", "last")


def _where(start: Array, goal: Array) -> str:
    """Say where the goal lies seen from the start, by its larger level component in the robot's frame."""
    forward, left = (goal - start)[:2]
    if abs(forward) >= abs(left):
        return "further back" if forward > 0 else "nearer to the robot"
    return "further to the left" if left > 0 else "further to the right"
