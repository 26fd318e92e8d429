"""Hold every task that fits a scene against the robot: free motions for all its steps, or the reason why not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import HandRoom, Offer, Offers
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.planning.planners import Untravelled
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.skills.means import Distances, Means
from blueprint.pipeline.skills.search import Bounds, Refusal, Search
from blueprint.pipeline.skills.situation import Situation as Instant
from blueprint.pipeline.tasks.absent import why_absent
from blueprint.pipeline.tasks.candidates import Candidate, list_candidates
from blueprint.pipeline.tasks.instantiate import NoStart, draw_start, instantiate
from blueprint.pipeline.tasks.refusals import why_no_place
from blueprint.pipeline.tasks.roles import Roles
from blueprint.pipeline.tasks.situation import Shapes, Situation
from blueprint.pipeline.tasks.step_entries import Grasp
from blueprint.pipeline.tasks.templates import Template

from .graspable import hand_rooms
from .reasons import Explainer
from .stage import OfferSettings

Array = NDArray[np.float64]


_BOUNDS = Bounds(alternatives=16, nodes=80)


@dataclass(frozen=True, eq=False)
class Looking:
    """Everything with which one scene's tasks are looked at; `instant` is how it came to rest, the arm at home."""

    settings: OfferSettings
    search: Search
    nominal: Situation
    instant: Instant
    explainer: Explainer
    things: tuple[HandRoom, ...]

    @property
    def graspable(self) -> set[str]:
        """The things that the gripper can hold where they stand."""
        return {thing.prop for thing in self.things if thing.graspable}

    @classmethod
    def at(cls, assembled: Assembled, tables: Mapping[str, GraspTable], settings: OfferSettings) -> "Looking":
        """Open a scene as it came to rest."""
        manifest = assembled.manifest
        robot = load_robot(manifest.robot.name)
        workspace = Workspace.of_model(assembled.model_folder, robot)
        distances = Distances(
            settings.approach_m, settings.lift_m, settings.retreat_m, settings.near_m, settings.padding_m, 0.002
        ).within(robot.reach_m)
        means = Means(workspace, tables, distances)
        poses = {entry.prop.id: entry.prop.T_world_prop for entry in manifest.props if entry.movable}
        joints = {joint.name: 0.0 for joint in workspace.world.compiled.joints if not _of_robot(joint.name)}
        nominal = Situation(manifest, Shapes.of_world(workspace.world), robot.puts_down_m, poses, joints)
        search = Search(means, Untravelled(), _BOUNDS, settings.seed)
        home = np.array(robot.arm.home_rad)
        instant = Instant(home, robot.gripper.max_width_m, poses, joints)
        things = tuple(hand_rooms(means, manifest, instant))
        return cls(settings, search, nominal, instant, Explainer(means, manifest), things)


def look_at_tasks(
    assembled: Assembled,
    tables: Mapping[str, GraspTable],
    templates: Mapping[str, Template],
    settings: OfferSettings,
) -> Iterator[tuple[float, str] | Offers]:
    """Yield progress, then everything that was looked at, with the reason against what is not feasible."""
    manifest, looking = assembled.manifest, Looking.at(assembled, tables, settings)
    fillings = {name: list_candidates(template, manifest) for name, template in templates.items()}
    candidates = [(templates[name], each) for name, found in fillings.items() for each in found]
    offers: list[Offer] = []
    for at, (template, candidate) in enumerate(candidates):
        yield at / len(candidates), candidate.id
        offers.append(look_at(looking, template, candidate))
    absent = {name: why_absent(templates[name], manifest) for name, found in fillings.items() if not found}
    yield Offers(manifest.id, manifest.robot.name, tuple(offers), looking.things, absent)


def look_at(looking: Looking, template: Template, candidate: Candidate) -> Offer:
    """Look for a chain of motions that does a task in the nominal scene."""
    picked = list(_picked(template, candidate))
    reason, measures = _reason_against(looking, template, candidate, picked)
    handled = candidate.roles.get("object", candidate.object)
    pair = handled if looking.graspable.issuperset((handled, *picked)) else ""
    return Offer(
        candidate.id, candidate.template, candidate.roles, not reason, reason, measures, candidate.object, pair
    )


def _reason_against(
    looking: Looking, template: Template, candidate: Candidate, picked: Sequence[str]
) -> tuple[str, dict[str, float]]:
    """Return the reason against a task, empty where it can be done, and what was measured."""
    rng = stream(looking.settings.seed, 0, f"offer/{candidate.id}")
    situation, instant = looking.nominal, looking.instant
    held = {thing.prop: thing.held for thing in looking.things}
    measures = {"grasps": float(min(held[prop] for prop in picked))} if picked else {}
    try:
        start = draw_start(template, candidate.roles, situation, rng)
    except NoStart as error:
        return str(error), measures
    if start.joint_position or start.T_world_props:
        situation = situation.moved(poses=start.T_world_props, joints=start.joint_position)
        instant = replace(instant, T_world_props=situation.T_world_props, joints=situation.joint_position)
    reason = _against_picking(looking, picked, instant)
    if reason:
        return reason, measures
    tasks = instantiate(template, candidate.roles, situation, rng, id=candidate.id, start=start)
    tried, reason = _against(looking, islice(tasks, looking.settings.places), instant)
    if not tried:
        reason = why_no_place(template, candidate.roles, situation, rng) or "no place of it was drawn"
    return reason, {**measures, "places_tried": float(tried)}


def _picked(template: Template, candidate: Candidate) -> Iterator[str]:
    """Yield the props that are picked up, in order."""
    roles = Roles(template, candidate.roles)
    for entry in template.steps:
        for one in roles.each(getattr(entry, "each", None)):
            for step in getattr(entry, "steps", (entry,)):
                if isinstance(step, Grasp) and step.object is not None:
                    yield one.of(step.object)


def _against_picking(looking: Looking, picked: Iterable[str], instant: Instant) -> str:
    """Return the reason against a prop that cannot even be picked up, wherever it would be brought."""
    for prop in picked:
        found = looking.search.chain(instant, (Step("grasp", {"object": prop}), Step("lift", {"object": prop})))
        if isinstance(found, Refusal):
            return looking.explainer.explain(found, instant)
    return ""


def _against(looking: Looking, tasks: Iterable[Task], instant: Instant) -> tuple[int, str]:
    """Return how many concrete tasks were tried, and the reason against the one that came furthest; empty for none."""
    tried, furthest = 0, (-1, "")
    for task in tasks:
        tried += 1
        found = looking.search.chain(instant, task.steps)
        if not isinstance(found, Refusal):
            return tried, ""
        step = next((at for at, each in enumerate(task.steps) if each is found.step), 0)
        if step > furthest[0]:
            furthest = (step, looking.explainer.explain(found, instant))
    return tried, furthest[1]


def _of_robot(joint: str) -> bool:
    return joint.startswith(f"{ROBOT}/")
