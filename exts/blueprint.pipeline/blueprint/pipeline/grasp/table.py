"""Fill one prop's grasp table: candidates by geometry, tried in simulation, best first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp
from blueprint.pipeline.episode.records import GraspTrials
from blueprint.pipeline.planning.grasps import cost, find_grasps, varied
from blueprint.pipeline.planning.handles import propose_handles
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.sims.antipodal import GraspCandidate
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

from .rig import HandRig, Noise, Trial
from .stage import GraspTableSettings

_FITTING_SHARE = 0.75
"""Share of an object's grasps that are possible where it stands in the scene, if there are so many."""
_ROOM_M = 0.002
Try = Callable[[TriedGrasp, Noise], Trial]


def make_table(
    folder: Path, assembled: Assembled, prop: str, settings: GraspTableSettings
) -> Iterator[tuple[float, str]]:
    """Write `grasps.json` of one prop; yields progress."""
    robot = load_robot(assembled.manifest.robot.name)
    entry, world = assembled.manifest.prop(prop), MujocoPlanningWorld(assembled.model_folder, robot)
    rng = stream(settings.seed, 0, f"grasp/{prop}")
    proposed, candidates = (_of_prop if entry.movable else _of_furniture)(world, entry, robot, settings, rng)
    yield 0.3, f"{proposed} grasps by geometry"
    tried = candidates
    if settings.engine == "mujoco" and candidates:
        rig = HandRig(assembled.model_folder, robot, prop)
        attempt = _lifting(rig, entry) if entry.movable else _pulling(rig, world)
        tried = [_tried(grasp, attempt, settings, rng) for grasp in candidates]
        yield 0.9, f"{sum(grasp.held == grasp.trials for grasp in tried)} of {len(tried)} hold in every trial"
    ranked = sorted(tried, key=lambda grasp: (-grasp.success_share, grasp.cost))
    save(folder / GraspTrials.TABLE_FILE, GraspTable(prop, robot.name, settings.engine, proposed, tuple(ranked)))


def _of_prop(
    world: MujocoPlanningWorld, entry: SceneProp, robot: Robot, settings: GraspTableSettings, rng: np.random.Generator
) -> tuple[int, list[TriedGrasp]]:
    prop = entry.prop.id
    found = find_grasps(world, prop, world.prop_pose(prop), robot, rng)
    body = world.links_of(prop)[0]
    kept = _kept(world, prop, found, settings.kept)
    return len(found), [_untried(body, each.T_prop_tcp, each.width_m, each.tilt_rad, cost(each)) for each in kept]


def _kept(world: MujocoPlanningWorld, prop: str, found: Sequence[GraspCandidate], count: int) -> list[GraspCandidate]:
    """Choose mostly grasps at which the open hand fits where the prop stands; the others are for other places."""
    home = np.array(world.robot.arm.home_rad)
    world.set_gripper(world.robot.gripper.max_width_m)
    links, T_world_prop = world.links_of(prop), world.prop_pose(prop)
    fits = [world.gripper_clearance_m(T_world_prop @ each.T_prop_tcp, home, links) >= _ROOM_M for each in found]
    free = [each for each, fit in zip(found, fits, strict=True) if fit]
    blocked = [each for each, fit in zip(found, fits, strict=True) if not fit]
    chosen = varied(free, max(int(_FITTING_SHARE * count), count - len(blocked)))
    return [*chosen, *varied(blocked, count - len(chosen))]


def _of_furniture(
    world: MujocoPlanningWorld, entry: SceneProp, robot: Robot, settings: GraspTableSettings, rng: np.random.Generator
) -> tuple[int, list[TriedGrasp]]:
    kept, proposed = list[TriedGrasp](), 0
    for joint in entry.prop.joints:
        link, handles = propose_handles(world, f"{entry.prop.id}/{joint.name}", robot, rng)
        proposed += len(handles)
        T_world_prop = world.link_pose(link) @ world.compiled.body(link).T_prop_body.inverse()
        costs = {id(handle.candidate): handle.cost for handle in handles}
        for each in varied([handle.candidate for handle in handles], settings.kept_per_handle):
            approach = (T_world_prop @ each.T_prop_tcp).rotation()[:, 2]
            tilt_rad = float(np.arccos(np.clip(-approach[2], -1.0, 1.0)))
            kept.append(_untried(link, each.T_prop_tcp, each.width_m, tilt_rad, costs[id(each)]))
    return proposed, kept


def _untried(body: str, T_prop_tcp: Pose, width_m: float, tilt_rad: float, cost: float) -> TriedGrasp:
    return TriedGrasp(body, T_prop_tcp, width_m, tilt_rad, cost, 0, 0, 0.0, 0.0)


def _lifting(rig: HandRig, entry: SceneProp) -> Try:
    up_prop = entry.prop.T_world_prop.rotation().T[:, 2]
    return lambda grasp, noise: rig.try_lift(grasp.T_prop_tcp, up_prop, noise)


def _pulling(rig: HandRig, world: MujocoPlanningWorld) -> Try:
    joints = {joint.body: joint.name for joint in world.compiled.joints}

    def attempt(grasp: TriedGrasp, noise: Noise) -> Trial:
        T_world_prop = world.link_pose(grasp.body) @ world.compiled.body(grasp.body).T_prop_body.inverse()
        return rig.try_pull(grasp.body, joints[grasp.body], T_world_prop @ grasp.T_prop_tcp, noise)

    return attempt


def _tried(grasp: TriedGrasp, attempt: Try, settings: GraspTableSettings, rng: np.random.Generator) -> TriedGrasp:
    """Try one grasp, first as it is and then with noise; what fails the first two trials is not tried again."""
    noises = [Noise(), *(_drawn(settings, rng) for _ in range(settings.trials - 1))]
    results: list[Trial] = []
    for noise in noises:
        results.append(attempt(grasp, noise))
        if len(results) == 2 and not any(result.held for result in results):
            break
    held = [result for result in results if result.held]
    return replace(
        grasp,
        trials=len(results),
        held=len(held),
        slip_m=max((result.slip_m for result in held), default=0.0),
        turn_rad=max((result.turn_rad for result in held), default=0.0),
    )


def _drawn(settings: GraspTableSettings, rng: np.random.Generator) -> Noise:
    """Draw what a trial differs in; every trial draws the same number of values."""
    friction, mass = rng.uniform(*settings.friction_factor), rng.uniform(*settings.mass_factor)
    off_m, axis = rng.normal(0.0, settings.off_m, 3), rng.normal(0.0, settings.off_rad / 2, 3)
    x, y, z = axis.tolist()
    return Noise(float(friction), float(mass), Pose(vec3(off_m), _unit((1.0, x, y, z))))


def _unit(quat: Sequence[float]) -> tuple[float, float, float, float]:
    w, x, y, z = (np.asarray(quat) / np.linalg.norm(quat)).tolist()
    return (w, x, y, z)
