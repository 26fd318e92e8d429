"""The acting side of an episode: its tasks from a template, and what carries them out, by the recipe's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.planning.motion import SearchBounds
from blueprint.pipeline.planning.planners import planner_named
from blueprint.pipeline.planning.timing import Pace
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.rollout.perform import Paces, Patience, Performance
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.skills.means import Distances, Means, Notes
from blueprint.pipeline.skills.search import Bounds, Search
from blueprint.pipeline.tasks.situation import Shapes, Situation
from blueprint.pipeline.tasks.templates import Template

from .stage import GenerateSettings


@dataclass(frozen=True, eq=False)
class Bench:
    """What every episode of one scene plans with: the arm among the colliders, and the shapes of things."""

    workspace: Workspace
    shapes: Shapes


_benches: dict[tuple[Path, Robot], Bench] = {}


def bench_of(model_folder: Path, robot: Robot) -> Bench:
    """Return the bench of a compiled scene; the last one is kept, as episodes of one scene come one after another."""
    key = (model_folder, robot)
    if key not in _benches:
        _benches.clear()
        workspace = Workspace.of_model(model_folder, robot)
        _benches[key] = Bench(workspace, Shapes.of_world(workspace.world))
    return _benches[key]


def bare_task(episode: str, template: Template, offer: Offer) -> Task:
    """Return the task of an episode in which no place for it was found: what was to be done, without where."""
    handled = offer.object or offer.roles.get("object", "")
    roles, words = dict(offer.roles), template.summary
    return Task(episode, template.name, template.family, handled, roles, (), (), (), words, (words,))


def situation_of(
    manifest: SceneManifest, bench: Bench, driver: Driver, joints: Mapping[str, float] | None = None
) -> Situation:
    """Return how everything stands as the tasks see it; what is not in the manifest, such as a spare, they do not."""
    layout, seen = driver.layout, driver.observation
    positions = dict(zip(layout.joint_names, seen.joint_position.tolist(), strict=True))
    present = {entry.prop.id for entry in manifest.props}
    poses = {prop: pose for prop, pose in layout.prop_poses(seen).items() if prop in present}
    return Situation(manifest, bench.shapes, bench.workspace.robot.puts_down_m, poses, {**positions, **(joints or {})})


def performance_of(
    bench: Bench, tables: Mapping[str, GraspTable], driver: Driver, settings: GenerateSettings, seed: int
) -> Performance:
    """Return what plans and carries out one episode's tasks."""
    skills, motion = settings.skills, settings.motion
    distances = Distances(
        skills.approach_m, skills.lift_m, skills.retreat_m, motion.near_m, motion.padding_m, skills.drop_m
    ).within(bench.workspace.robot.reach_m)
    paces = Paces(
        free=Pace(motion.free_share, motion.acceleration_share, motion.jerk_share, motion.free_m_s),
        carrying=Pace(motion.carry_share, motion.acceleration_share, motion.jerk_share, motion.carry_m_s),
        straight=Pace(motion.carry_share, motion.acceleration_share, motion.jerk_share, motion.straight_m_s),
        contact=Pace(motion.carry_share, motion.acceleration_share, motion.jerk_share, motion.contact_m_s),
    )
    bounds = Bounds(skills.alternatives, skills.nodes, motion.ways, SearchBounds(motion.iterations, motion.searches))
    search = Search(
        Means(bench.workspace, tables, distances), planner_named(motion.planner, bench.workspace), bounds, seed
    )
    return Performance(
        driver, search, paces, Patience(candidates=skills.candidates, regrasps=skills.regrasps, strokes=skills.strokes)
    )


def planning_measures(notes: Notes) -> dict[str, float]:
    """Return what was measured while planning, nothing where no leg was carried out."""
    if not np.isfinite(notes.clearance_m):
        return {}
    return {
        **notes.grasp,
        "planning_retries": float(notes.retries),
        "regrasps": float(notes.regrasps),
        "ik_position_error_m": notes.ik_position_error_m,
        "ik_rotation_error_rad": notes.ik_rotation_error_rad,
        "planned_clearance_m": notes.clearance_m,
    }
