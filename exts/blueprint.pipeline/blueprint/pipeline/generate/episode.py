"""One episode from scene to files: settle, plan, act, judge, render, write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.endings import diverged
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.judgement import judged
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome, Verdict
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.errors import ItemRejected, RecipeError
from blueprint.pipeline.planning.grasps import find_grasps
from blueprint.pipeline.planning.motion import SearchBounds
from blueprint.pipeline.planning.timing import NoTiming, Pace
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.rollout.attempt import Attempt, Bounds, Choice, Paces
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.variants import Variant, start_command, with_views
from blueprint.pipeline.sims.collider_corners import link_corners_m
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles, Sim
from blueprint.pipeline.skills.reachability import Distances
from blueprint.pipeline.tasks.placements import (
    Footprints,
    Placement,
    RegionRules,
    draw_placements,
    pick_place_task,
    support_of,
)

from .measures import measure
from .recorder import Sources, write_states
from .render import render_episode
from .stage import GenerateSettings

Array = NDArray[np.float64]
Steps = Iterator[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """What one episode is about."""

    id: str
    index: int
    offer: Offer
    variant: Variant

    @property
    def object(self) -> str:
        """The prop that is handled."""
        return self.offer.roles["object"]


@dataclass(frozen=True, eq=False)
class Stagecraft:
    """Everything an episode works with."""

    assembled: Assembled
    plan: EpisodePlan
    settings: GenerateSettings
    sim: Sim
    workspace: Workspace
    recording: Recording
    driver: Driver

    def stream(self, name: str) -> np.random.Generator:
        """Return the episode's own stream of one name."""
        return stream(self.settings.seed, self.plan.index, f"generate/{name}")


@dataclass(frozen=True, eq=False)
class Acted:
    """What happened: the task, the verdict, what planning measured, and the track where the robot moved."""

    task: Task
    verdict: Verdict
    measures: Mapping[str, float]
    track: Track | None


def record_episode(folder: Path, assembled: Assembled, plan: EpisodePlan, settings: GenerateSettings) -> Steps:
    """Attempt one episode and write its record's files; yields progress."""
    craft = open_episode(assembled, plan, settings)
    try:
        yield 0.05, f"{plan.object}: planning"
        acted = act(craft)
        yield 0.3, f"{plan.object}: {acted.verdict.message}"
        digests: dict[str, NDArray[np.uint8]] = {}
        if acted.track is not None and _wants_images(acted.verdict, settings):
            for step in render_episode(craft.sim, craft.recording, assembled.manifest, settings.cameras, folder):
                if isinstance(step, dict):
                    digests = step
                elif step % 30 == 0:
                    yield 0.3 + 0.65 * step / acted.track.frame_count, "rendering"
        write_episode(folder, craft, acted, digests)
    finally:
        craft.sim.close()
    yield 1.0, "written"


def open_episode(assembled: Assembled, plan: EpisodePlan, settings: GenerateSettings) -> Stagecraft:
    """Load the scene's variant, let it settle, and make everything ready to record."""
    manifest, robot = assembled.manifest, load_robot(assembled.manifest.robot.name)
    sim = open_sim(settings.engine, SceneFiles(assembled.usd_path, assembled.model_folder, manifest))
    substeps = round(1 / sim.dt_s / settings.fps)
    if abs(substeps * sim.dt_s * settings.fps - 1) > 1e-6:
        fault = f"generate.fps: {settings.fps} does not divide the engine's {1 / sim.dt_s:g} steps per second"
        raise RecipeError("recipe", [fault])
    home = np.array(start_command(robot, plan.variant.edits))
    sim.reset(plan.variant.edits)
    sim.set_command(home)
    try:
        sim.step(max(1, round(settings.settle_s / sim.dt_s)))
    except SimulationDiverged as error:
        raise ItemRejected(plan.id, str(error)) from error
    workspace = Workspace.of_model(assembled.model_folder, robot)
    layout = Layout.of_scene(sim, workspace.world.compiled, robot, settings.cameras)
    recording = Recording(layout, settings.fps, substeps, sim.dt_s)
    driver = Driver(sim, recording, home)
    for name, pose in layout.prop_poses(driver.observation).items():
        workspace.world.move_prop(name, pose)
    return Stagecraft(assembled, plan, settings, sim, workspace, recording, driver)


def act(craft: Stagecraft) -> Acted:
    """Plan and carry out the attempt, and judge it."""
    prop, manifest, world = craft.plan.object, craft.assembled.manifest, craft.workspace.world
    poses = craft.recording.layout.prop_poses(craft.driver.observation)
    corners = {name: np.concatenate([solid.corners_m for solid in world.solids(name)]) for name in poses}
    placements = draw_regions(craft, poses, corners)
    grasps = find_grasps(world, prop, poses[prop], craft.workspace.robot, craft.stream("grasps"))
    attempt = _attempt(craft, _support(craft, poses[prop]))
    chosen = attempt.choose(craft.driver.command[: len(world.arm_joint_names)], grasps, placements)
    region = chosen.placement.region if isinstance(chosen, Choice) else _first_region(placements, poses[prop], prop)
    task = pick_place_task(craft.plan.id, manifest, prop, region, poses)
    if isinstance(chosen, Verdict):
        return Acted(task, chosen, _planning_measures(attempt), None)
    verdict = _perform(craft, attempt, chosen)
    craft.driver.finish()
    track = craft.recording.track()
    found = judged(track, task, geometry_of(craft))
    measures = {**measure(found, task, craft.workspace.robot), **_planning_measures(attempt)}
    return Acted(task, verdict or found.verdict, measures, track)


def geometry_of(craft: Stagecraft) -> Geometry:
    """Return the corners of all links' colliders."""
    return Geometry(link_corners_m(craft.assembled.model_folder))


def _perform(craft: Stagecraft, attempt: Attempt, chosen: Choice) -> Verdict | None:
    """Move; a verdict is returned where the attempt ended early."""
    try:
        verdict = attempt.carry_out(craft.driver, chosen)
        craft.driver.hold(round(craft.settings.hold_s * craft.settings.fps), Phase.HOLD)
    except NoTiming as error:
        return Verdict(FailureCode.NO_PLAN, craft.recording.frame_count - 1, str(error))
    except SimulationDiverged as error:
        return diverged(craft.recording.frame_count - 1, str(error))
    return verdict


def draw_regions(craft: Stagecraft, poses: Mapping[str, Pose], corners: Mapping[str, Array]) -> list[Placement]:
    """Draw target regions on the surface that the object stands on."""
    settings, manifest = craft.settings.region, craft.assembled.manifest
    found = support_of(manifest, poses[craft.plan.object])
    if found is None:
        return []
    rules = RegionRules(margin_m=settings.margin_m, gap_m=settings.gap_m, least_move_m=settings.least_move_m)
    base_m = np.asarray(manifest.robot.T_world_base.position_m)
    reach_m = craft.workspace.robot.reach_m
    footprints = Footprints(corners, poses)
    drawn = draw_placements(craft.plan.object, *found, footprints, base_m, reach_m, craft.stream("region"), rules)
    return list(drawn)


def write_episode(folder: Path, craft: Stagecraft, acted: Acted, digests: Mapping[str, NDArray[np.uint8]]) -> None:
    """Write `task.json`, `outcome.json` and, where the robot moved, `states.h5`."""
    plan, settings, verdict = craft.plan, craft.settings, acted.verdict
    outcome = Outcome.of(verdict, acted.measures)
    count = acted.track.frame_count if acted.track is not None else 0
    summary = EpisodeSummary(
        plan.id,
        acted.task.template,
        plan.object,
        acted.task.instruction,
        plan.variant.index,
        settings.seed,
        settings.engine,
        count,
        settings.fps,
        outcome,
    )
    if acted.track is not None:
        metadata: dict[str, Any] = {"instruction": acted.task.instruction, "failure": verdict.failure.value}
        manifest = with_views(craft.assembled.manifest, plan.variant.edits)
        compiled = craft.workspace.world.compiled
        sources = Sources(manifest, compiled, verdict.success, metadata, digests, geometry_of(craft))
        write_states(folder / Episode.STATES_FILE, craft.recording, acted.track, sources)
    save(folder / Episode.TASK_FILE, acted.task)
    save(folder / Episode.OUTCOME_FILE, summary)


def _attempt(craft: Stagecraft, support: str) -> Attempt:
    settings, motion = craft.settings, craft.settings.motion
    distances = Distances(
        settings.grasp.approach_m,
        settings.grasp.lift_m,
        settings.grasp.retreat_m,
        motion.near_m,
        motion.padding_m,
        settings.region.drop_m,
    )
    paces = Paces(
        Pace(motion.free_share, motion.acceleration_share, motion.free_m_s),
        Pace(motion.carry_share, motion.acceleration_share, motion.carry_m_s),
        Pace(motion.carry_share, motion.acceleration_share, motion.straight_m_s),
    )
    bounds = Bounds(
        settings.grasp.attempts, settings.region.attempts, motion.ways, SearchBounds(motion.iterations, motion.searches)
    )
    seed = int(craft.stream("motion").integers(1, 2**30))
    return Attempt(
        craft.workspace, craft.plan.object, support, distances=distances, paces=paces, bounds=bounds, seed=seed
    )


def _support(craft: Stagecraft, T_world_prop: Pose) -> str:
    found = support_of(craft.assembled.manifest, T_world_prop)
    return found[0].prop.id if found else craft.plan.object


def _first_region(placements: list[Placement], T_world_prop: Pose, prop: str) -> Region:
    """Name the first drawn region for an attempt that was not carried out; without any, the place where the prop is."""
    if placements:
        return placements[0].region
    return Region("none", prop, T_world_prop.position_m, (0.0, 0.0), 0.0)


def _planning_measures(attempt: Attempt) -> dict[str, float]:
    notes = attempt.notes
    if not notes.grasp:
        return {}
    return {
        **notes.grasp,
        "planning_retries": float(notes.retries),
        "ik_position_error_m": notes.ik_position_error_m,
        "ik_rotation_error_rad": notes.ik_rotation_error_rad,
        "planned_clearance_m": notes.clearance_m,
    }


def _wants_images(verdict: Verdict, settings: GenerateSettings) -> bool:
    return settings.render == "all" or (settings.render == "kept" and verdict.failure is FailureCode.NONE)
