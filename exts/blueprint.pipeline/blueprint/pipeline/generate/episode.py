"""One episode from scene to files: settle, plan, act, judge, render, write."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.endings import dead_sensor, diverged, unstable_scene
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import AtRest
from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.judgement import hold_frames
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome, Verdict
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.errors import ItemRejected, RecipeError
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.rollout.perform import Chosen
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.rollout.rest import wait_for_rest
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.variants import Variant, start_command, with_views, without_parked
from blueprint.pipeline.sims.collider_corners import link_corners_m, link_pieces_m
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles, Sim
from blueprint.pipeline.tasks.instantiate import NoStart, Start, draw_start, instantiate
from blueprint.pipeline.tasks.refusals import why_done, why_no_task
from blueprint.pipeline.tasks.situation import Situation
from blueprint.pipeline.tasks.templates import Template

from .acting import (
    Bench,
    bare_task,
    bench_of,
    performance_of,
    planning_measures,
    situation_of,
)
from .recorder import Sources, write_states
from .render import Rendered, render_episode
from .stage import GenerateSettings
from .witness import Witnessed, witness

Array = NDArray[np.float64]
Steps = Iterator[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """What one episode is about."""

    id: str
    index: int
    template: Template
    offer: Offer
    variant: Variant

    @property
    def object(self) -> str:
        """The prop that is handled."""
        return self.offer.object or self.offer.roles.get("object", "")


@dataclass(frozen=True, eq=False)
class Stagecraft:
    """Everything an episode works with."""

    assembled: Assembled
    tables: Mapping[str, GraspTable]
    plan: EpisodePlan
    settings: GenerateSettings
    sim: Sim
    bench: Bench
    start: Start
    recording: Recording
    driver: Driver

    @property
    def workspace(self) -> Workspace:
        """The arm among the scene's colliders."""
        return self.bench.workspace

    def stream(self, name: str) -> np.random.Generator:
        """Return the episode's own stream of one name."""
        return stream(self.settings.seed, self.plan.index, f"generate/{name}")


@dataclass(frozen=True, eq=False)
class Acted:
    """What happened: the task, the verdict, what was measured, and what the recording shows where the robot moved."""

    task: Task
    verdict: Verdict
    measures: Mapping[str, float]
    seen: Witnessed | None


def record_episode(
    folder: Path,
    assembled: Assembled,
    tables: Mapping[str, GraspTable],
    plan: EpisodePlan,
    settings: GenerateSettings,
) -> Steps:
    """Attempt one episode and write its record's files; yields progress."""
    craft = open_episode(assembled, tables, plan, settings)
    try:
        yield 0.05, f"{plan.object}: planning"
        acted = act(craft)
        yield 0.3, f"{plan.object}: {acted.verdict.message}"
        digests: Mapping[str, NDArray[np.uint8]] = {}
        if acted.seen is not None and _wants_images(acted.verdict, settings):
            rendered = yield from _render(craft, folder)
            digests, acted = rendered.digests, replace(acted, verdict=_seen_alive(acted.verdict, rendered))
        write_episode(folder, craft, acted, digests)
    finally:
        craft.sim.close()
    yield 1.0, "written"


def open_episode(
    assembled: Assembled, tables: Mapping[str, GraspTable], plan: EpisodePlan, settings: GenerateSettings
) -> Stagecraft:
    """Load the scene's variant, bring about the task's start, let it settle, and make everything ready to record."""
    manifest, robot = assembled.manifest, load_robot(assembled.manifest.robot.name)
    files = SceneFiles(assembled.usd_path, assembled.model_folder, manifest)
    sim = open_sim(settings.engine, files, settings.device)
    substeps = round(1 / sim.dt_s / settings.fps)
    if abs(substeps * sim.dt_s * settings.fps - 1) > 1e-6:
        fault = f"generate.fps: {settings.fps} does not divide the engine's {1 / sim.dt_s:g} steps per second"
        raise RecipeError("recipe", [fault])
    home = np.array(start_command(robot, plan.variant.edits))
    bench = bench_of(assembled.model_folder, robot)
    layout = Layout.of_scene(sim, bench.workspace.world.compiled, robot, settings.cameras)
    sim.reset(plan.variant.edits)
    recording = Recording(layout, settings.fps, substeps, sim.dt_s)
    present = without_parked(manifest, plan.variant.edits)
    start = _started(sim, present, bench, Driver(sim, recording, home), plan, settings)
    sim.set_command(home)
    try:
        sim.step(max(1, round(settings.settle_s / sim.dt_s)))
    except SimulationDiverged as error:
        raise ItemRejected(plan.id, str(error)) from error
    driver = Driver(sim, recording, home)
    return Stagecraft(assembled, tables, plan, settings, sim, bench, start, recording, driver)


def _started(
    sim: Sim, manifest: SceneManifest, bench: Bench, driver: Driver, plan: EpisodePlan, settings: GenerateSettings
) -> Start:
    """Bring about what the task wants to be otherwise at the start, and return it."""
    template = plan.template
    if not template.start:
        return Start()
    rng = stream(settings.seed, plan.index, "generate/start")
    try:
        start = draw_start(template, plan.offer.roles, situation_of(manifest, bench, driver), rng)
    except NoStart as error:
        raise ItemRejected(plan.id, str(error)) from error
    moves = [MoveProp(prop, pose, f"the start of {template.name}") for prop, pose in start.T_world_props.items()]
    sim.reset([*plan.variant.edits, *moves])
    for joint, position in start.joint_position.items():
        sim.set_joint(joint, position)
    return start


def act(craft: Stagecraft, *, task: Task | None = None, motion_seed: int | None = None) -> Acted:
    """Plan and carry out the attempt, and judge it; `task` and `motion_seed` stand in for what is drawn otherwise."""
    plan, driver = craft.plan, craft.driver
    unsettled = unstable_scene(_prop_speeds_m_s(driver), craft.settings.settle_s)
    if unsettled is not None:
        return Acted(bare_task(plan.id, plan.template, plan.offer), unsettled, {}, None)
    seed = int(craft.stream("motion").integers(1, 2**30)) if motion_seed is None else motion_seed
    performance = performance_of(craft.bench, craft.tables, driver, craft.settings, seed)
    present = without_parked(craft.assembled.manifest, plan.variant.edits)
    situation = situation_of(present, craft.bench, driver)
    rng, start = craft.stream("task"), craft.start
    tasks = instantiate(plan.template, plan.offer.roles, situation, rng, id=plan.id, start=start)
    chosen = performance.choose(tasks if task is None else [task])
    notes = performance.search.means.notes
    if not isinstance(chosen, Chosen):
        task, verdict = chosen
        if task is None:
            task = bare_task(plan.id, plan.template, plan.offer)
            verdict = _why_no_task(craft, situation)
        return Acted(task, verdict, planning_measures(notes), None)
    verdict = performance.perform(chosen)
    if verdict is None or verdict.failure is not FailureCode.DIVERGED:
        verdict = _watched(craft, chosen.task) or verdict
    driver.finish()
    seen = witness(
        craft.recording,
        chosen.task,
        geometry_of(craft),
        with_views(craft.assembled.manifest, plan.variant.edits),
        craft.assembled.model_folder,
        engine=craft.settings.engine,
        ended=verdict,
        jacobian=craft.workspace.world.jacobian,
    )
    return Acted(chosen.task, seen.verdict, {**seen.measures, **planning_measures(notes)}, seen)


def _why_no_task(craft: Stagecraft, situation: Situation) -> Verdict:
    """Return the verdict on an attempt for which no task was found: it is done already, or a place has no room."""
    asked = craft.plan.template, craft.plan.offer.roles, situation
    done = why_done(*asked, craft.stream("task"))
    if done:
        return Verdict(FailureCode.ALREADY_DONE, None, done)
    return Verdict(FailureCode.UNREACHABLE, None, why_no_task(*asked, craft.stream("task")))


def _watched(craft: Stagecraft, task: Task) -> Verdict | None:
    """Wait with the last command until all rests that should; a verdict where the simulation blows up meanwhile."""
    driver, movable = craft.driver, craft.bench.shapes.movable
    resting = [goal.object for goal in task.goals if isinstance(goal, AtRest) and goal.object in movable]
    corners_m = {prop: np.concatenate(movable[prop]) for prop in resting}
    frames, still = _hold_frames(task, craft.settings), hold_frames(task, craft.settings.fps)
    try:
        wait_for_rest(driver, corners_m, frames, still, Phase.HOLD)
    except SimulationDiverged as error:
        return diverged(driver.recording.frame_count - 1, str(error))
    return None


def _hold_frames(task: Task, settings: GenerateSettings) -> int:
    """Return for how many frames is waited after the last motion: no less than the goals are to hold."""
    return max(round(settings.hold_s * settings.fps), hold_frames(task, settings.fps))


def _prop_speeds_m_s(driver: Driver) -> dict[str, float]:
    layout, velocity = driver.layout, driver.observation.body_velocity_m_s
    speeds = np.linalg.norm(velocity[layout.prop_rows], axis=1).tolist()
    return dict(zip(layout.prop_names, speeds, strict=True))


def geometry_of(craft: Stagecraft) -> Geometry:
    """Return the corners of all links' colliders."""
    return Geometry(link_corners_m(craft.assembled.model_folder), link_pieces_m(craft.assembled.model_folder))


def write_episode(folder: Path, craft: Stagecraft, acted: Acted, digests: Mapping[str, NDArray[np.uint8]]) -> None:
    """Write `task.json`, `outcome.json` and, where the robot moved, `states.h5`."""
    plan, settings, verdict = craft.plan, craft.settings, acted.verdict
    seen = acted.seen
    outcome = Outcome.of(verdict, acted.measures, seen.quality if seen is not None else None)
    count = seen.track.frame_count if seen is not None else 0
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
    if seen is not None:
        metadata: dict[str, Any] = {"instruction": acted.task.instruction, "failure": verdict.failure.value}
        manifest = with_views(craft.assembled.manifest, plan.variant.edits)
        compiled = craft.workspace.world.compiled
        sources = Sources(manifest, compiled, verdict.success, metadata, digests, geometry_of(craft))
        write_states(folder / Episode.STATES_FILE, craft.recording, seen, sources)
    save(folder / Episode.TASK_FILE, acted.task)
    save(folder / Episode.OUTCOME_FILE, summary)


def _render(craft: Stagecraft, folder: Path) -> Generator[tuple[float, str], None, Rendered]:
    """Write the images; yields progress and returns what became of them."""
    settings, corners_m = craft.settings, link_corners_m(craft.assembled.model_folder)
    seen = (craft.sim, craft.recording, craft.assembled.manifest, settings.cameras)
    for step in render_episode(*seen, folder, settings.images, corners_m):
        if isinstance(step, Rendered):
            return step
        if step % 30 == 0:
            yield 0.3 + 0.65 * step / craft.recording.frame_count, "rendering"
    raise AssertionError("what was rendered comes last")


def _seen_alive(verdict: Verdict, rendered: Rendered) -> Verdict:
    """Return the verdict, or that on a success whose pictures show nothing."""
    if not rendered.dead or not verdict.success:
        return verdict
    first, *others = rendered.dead
    more = f"; {len(others)} more findings, such as {others[0]}" if others else ""
    return dead_sensor(f"{first.channel} of camera {first.camera}", first.frame, first.fault + more)


def _wants_images(verdict: Verdict, settings: GenerateSettings) -> bool:
    return settings.render == "all" or (settings.render == "kept" and verdict.failure is FailureCode.NONE)
