"""What the robot reaches from a place: grasps by inverse kinematics, free of collision, with a way back from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.shapes import Array, PropShape
from blueprint.pipeline.sims.antipodal import GraspCandidate, GraspSearch, propose_grasps
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.sims.solids import convex_solid

GRASPS_LOOKED_AT, GRASPS_PER_PROP = 96, 24
SEEDS = 3
EVERY_AT_A_GLANCE = 3
"""Of the grasps, those that are tried, each from one seed, where places are only compared."""
BACK_M = 0.08
"""How far the open gripper draws back along its approach; a grasp without this way is of no use."""
BACK_SHARE = 0.1
"""No robot has to draw back farther than by this share of its reach."""
TOUCH_MARGIN_M = 0.001
_SEED = 0


@dataclass(frozen=True, slots=True)
class OpeningTask:
    """A door or drawer that is opened (or shut): a moving part of furniture, and the kind of its joint."""

    prop: str
    joint: str
    kind: Literal["revolute", "prismatic"]
    opens: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """The props that are reached from a place; comfort is 1 in the middle of all joint ranges and 0 at a limit.

    `openings` are what can be done with doors and drawers, as far as that was looked at.
    """

    reached: tuple[str, ...]
    comfort: float
    home_clearance_m: float
    openings: tuple[OpeningTask, ...] = ()


def grasps_of(prop: SceneProp, shape: PropShape, robot: Robot) -> list[Pose]:
    """Return T_prop_tcp of grasps of a prop as it stands, the more upright and better held ones first."""
    center = np.average(
        [link.mass.center_of_mass_m for link in prop.physics],
        axis=0,
        weights=[link.mass.mass_kg for link in prop.physics],
    )
    up_prop = prop.prop.T_world_prop.rotation().T[:, 2]
    solids = [convex_solid(piece) for piece in shape.pieces_m]
    rng = stream(_SEED, 0, f"reach/{prop.prop.id}")
    found = propose_grasps(solids, center, up_prop, robot, rng, GraspSearch(samples=300))
    best = sorted(found, key=_badness)[:GRASPS_LOOKED_AT]
    return [grasp.T_prop_tcp for grasp in best]


def _badness(grasp: GraspCandidate) -> float:
    return grasp.tilt_rad / 2 + grasp.slant_rad + 10 * grasp.lever_m + (1 - grasp.contact_share)


def open_world(model_folder: Path, robot: Robot, poses: Mapping[str, Pose]) -> MujocoPlanningWorld:
    """Return the geometry of a compiled scene with the gripper open; `poses` are T_world_prop of what is movable."""
    world = MujocoPlanningWorld(model_folder, robot)
    world.set_gripper(robot.gripper.max_width_m)
    for prop, T_world_prop in poses.items():
        world.move_prop(prop, T_world_prop)
    return world


def free_grasps(
    world: MujocoPlanningWorld, grasps: Mapping[str, Sequence[Pose]], margin_m: float
) -> dict[str, list[Pose]]:
    """Return a spread of the grasps at which the open gripper by itself touches nothing else, there and drawn back.

    No place of the robot makes the others possible, and trying them from every place takes most of a search.
    """
    home = np.array(world.robot.arm.home_rad)

    def is_free(T_world_tcp: Pose, links: Sequence[str]) -> bool:
        back = T_world_tcp @ Pose((0.0, 0.0, -back_m(world.robot)))
        touches = world.gripper_clearance_m(T_world_tcp, home, links) < TOUCH_MARGIN_M
        return not touches and world.gripper_clearance_m(back, home) >= margin_m

    free = {prop: [T for T in found if is_free(T, world.links_of(prop))] for prop, found in grasps.items()}
    return {prop: found[:: max(1, len(found) // GRASPS_PER_PROP)][:GRASPS_PER_PROP] for prop, found in free.items()}


def measure_reach(
    world: MujocoPlanningWorld,
    kinematics: ArmKinematics,
    grasps: Mapping[str, Sequence[Pose]],
    margin_m: float,
    *,
    at_a_glance: bool = False,
) -> Reach:
    """Try the grasps of every prop from where the robot stands in a world.

    At a glance, which takes a tenth of the time, a prop may be missed that is reached.
    """
    seeds, home = 1 if at_a_glance else SEEDS, world.clearance_m(np.array(kinematics.robot.arm.home_rad))
    comforts: dict[str, float] = {}
    for prop, candidates in grasps.items():
        tried = candidates[::EVERY_AT_A_GLANCE] if at_a_glance else candidates
        comfort = _reach_one(prop, tried, seeds, world, kinematics, margin_m)
        if comfort is not None:
            comforts[prop] = comfort
    mean = float(np.mean(list(comforts.values()))) if comforts else 0.0
    return Reach(tuple(comforts), mean, home)


def _reach_one(
    prop: str,
    grasps: Sequence[Pose],
    seeds: int,
    world: MujocoPlanningWorld,
    kinematics: ArmKinematics,
    margin_m: float,
) -> float | None:
    """Return the comfort of the first grasp that works, or None."""
    links = world.links_of(prop)
    T_base_world = world.T_world_base.inverse()
    for T_world_tcp in grasps:
        T_base_tcp = T_base_world @ T_world_tcp
        T_base_back = T_base_tcp @ Pose((0.0, 0.0, -back_m(kinematics.robot)))
        for seed in _seeds(T_base_tcp, kinematics, prop)[:seeds]:
            grasp = kinematics.solve(T_base_tcp, seed)
            back = kinematics.solve(T_base_back, grasp.arm_rad) if grasp else None
            if grasp is None or back is None:
                continue
            # In the grasp the fingers are meant to be about the object; what holds it is judged by the grasp itself.
            world.allow(links, world.gripper_links)
            clear = world.clearance_m(grasp.arm_rad) >= TOUCH_MARGIN_M
            world.allow(links, world.gripper_links, allowed=False)
            if clear and world.clearance_m(back.arm_rad) >= margin_m:
                return joint_comfort(grasp.arm_rad, kinematics.robot)
    return None


def joint_comfort(arm_rad: Array, robot: Robot) -> float:
    """Return the smallest distance of a joint from its limits, as a share of half its range."""
    lower, upper = np.array(robot.arm.lower_rad), np.array(robot.arm.upper_rad)
    return float((np.minimum(arm_rad - lower, upper - arm_rad) / ((upper - lower) / 2)).min())


def back_m(robot: Robot) -> float:
    """Return how far a robot draws back from a grasp before it counts: a small arm has less room for it."""
    return min(BACK_M, BACK_SHARE * robot.reach_m)


def _seeds(T_base_tcp: Pose, kinematics: ArmKinematics, prop: str) -> list[Array]:
    """Return home turned towards the target, also higher and lower where the arm is on a lift, then draws around it."""
    arm, home = kinematics.robot.arm, kinematics.facing(T_base_tcp)
    lifts = sum(axis.kind == "prismatic" for axis in arm.axes)
    lower, upper = np.array(arm.lower_rad), np.array(arm.upper_rad)
    rng = stream(_SEED, 0, f"reach seeds/{prop}")
    draws = [np.clip(home + rng.normal(0.0, 0.5, len(home)), lower, upper) for _ in range(SEEDS - 1)]
    return [*kinematics.seeds_toward(T_base_tcp)[: 1 + 2 * lifts], *draws]
