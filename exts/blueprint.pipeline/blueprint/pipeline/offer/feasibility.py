"""Hold every task that fits a scene against the robot: free motions for all its steps, or the reason why not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from math import ceil

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import HandRoom, Offer, Offers
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.planning.planners import Untravelled
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose
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
from .sways import Swayer

Array = NDArray[np.float64]


_BOUNDS = Bounds(alternatives=16, nodes=80)
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Looking:
    """Everything with which one scene's tasks are looked at; `instant` is how it came to rest, the arm at home.

    `sways` are the other arrangements in which a task has to have a plan, T_world_prop of the things that are moved.
    """

    settings: OfferSettings
    search: Search
    nominal: Situation
    instant: Instant
    explainer: Explainer
    things: tuple[HandRoom, ...]
    sways: tuple[Mapping[str, Pose], ...]

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
        swayer = Swayer(means, instant, nominal, settings.sway_m, np.deg2rad(settings.sway_deg), settings.seed)
        sways = tuple(swayer.arrangement(number) for number in range(settings.sways))
        return cls(settings, search, nominal, instant, Explainer(means, manifest), things, sways)

    def swayed(self, props: Iterable[str]) -> Iterator["Looking"]:
        """Yield the scene in those of the other arrangements that move one of some props."""
        handled = set(props)
        for poses in self.sways:
            if handled & set(poses):
                nominal = self.nominal.moved(poses=poses)
                instant = replace(self.instant, T_world_props=nominal.T_world_props)
                yield replace(self, nominal=nominal, instant=instant)


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


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    """What was found in one arrangement: the concrete task that has a plan, or the reason; and what was measured."""

    task: Task | None
    reason: str
    measures: dict[str, float]


def look_at(looking: Looking, template: Template, candidate: Candidate) -> Offer:
    """Look for a chain of motions that does a task in the nominal scene, and in most of those with things moved."""
    picked = list(_picked(template, candidate))
    found = _look_for(looking, template, candidate, picked)
    reason, measures = found.reason, found.measures
    if found.task is not None:
        reason, counts = _against_sways(looking, template, candidate, picked, found.task)
        measures = {**measures, **counts}
    handled = candidate.roles.get("object", candidate.object)
    pair = handled if looking.graspable.issuperset((handled, *picked)) else ""
    return Offer(
        candidate.id, candidate.template, candidate.roles, not reason, reason, measures, candidate.object, pair
    )


def _look_for(
    looking: Looking, template: Template, candidate: Candidate, picked: Sequence[str], like: Task | None = None
) -> _Found:
    """Look for a concrete task that has a plan, first of all the one most `like` what was found elsewhere."""
    rng = stream(looking.settings.seed, 0, f"offer/{candidate.id}")
    situation, instant = looking.nominal, looking.instant
    held = {thing.prop: thing.held for thing in looking.things}
    measures = {"grasps": float(min(held[prop] for prop in picked))} if picked else {}
    try:
        start = draw_start(template, candidate.roles, situation, rng)
    except NoStart as error:
        return _Found(None, str(error), measures)
    if start.joint_position or start.T_world_props:
        situation = situation.moved(poses=start.T_world_props, joints=start.joint_position)
        instant = replace(instant, T_world_props=situation.T_world_props, joints=situation.joint_position)
    reason = _against_picking(looking, picked, instant)
    if reason:
        return _Found(None, reason, measures)
    drawn = instantiate(template, candidate.roles, situation, rng, id=candidate.id, start=start)
    tasks = islice(drawn, looking.settings.places)
    found = _first_planned(looking, tasks if like is None else _nearest_first(tasks, like), instant)
    if not found.measures["places_tried"]:
        reason = why_no_place(template, candidate.roles, situation, rng) or "no place of it was drawn"
    return _Found(found.task, reason or found.reason, {**measures, **found.measures})


def _nearest_first(tasks: Iterable[Task], like: Task) -> list[Task]:
    """Return tasks in their order, but for the one that is nearest to a given one, which comes first."""
    rest = list(tasks)
    nearest = min(rest, key=partial(_apart_m, like), default=None)
    return rest if nearest is None else [nearest, *(task for task in rest if task is not nearest)]


def _apart_m(task: Task, other: Task) -> float:
    """Return how far apart two tasks of the same template bring their things, added up."""
    pairs = zip(task.steps, other.steps, strict=False)
    ways = [(a.pose.position_m, b.pose.position_m) for a, b in pairs if a.pose is not None and b.pose is not None]
    return float(sum(np.linalg.norm(np.subtract(*way)) for way in ways))


def _against_sways(
    looking: Looking, template: Template, candidate: Candidate, picked: Sequence[str], task: Task
) -> tuple[str, dict[str, float]]:
    """Return the reason against a task that too few arrangements allow, and what was counted.

    It is over as soon as the rest cannot change the answer.
    """
    settings, first = looking.settings, ""
    arranged = list(looking.swayed(Roles(template, candidate.roles).props()))
    wanted = ceil(settings.sway_share * len(arranged) - _ROUNDING)
    tried = planned = 0
    while planned < wanted <= len(arranged) - (tried - planned):
        reason = _look_for(arranged[tried], template, candidate, picked, task).reason
        tried, planned, first = tried + 1, planned + (not reason), first or reason
    counts = {"sways_tried": float(tried), "sways_planned": float(planned)} if tried else {}
    if planned >= wanted:
        return "", counts
    how = f"things moved by {100 * settings.sway_m:.0f} cm and turned by up to {settings.sway_deg:.0f} degrees"
    return f"with {how} it has a plan in only {planned} of {tried} arrangements: {first}", counts


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


def _first_planned(looking: Looking, tasks: Iterable[Task], instant: Instant) -> _Found:
    """Return the first concrete task that has a plan, or the reason against the one that came furthest."""
    tried, furthest = 0, (-1, "")
    for task in tasks:
        tried += 1
        found = looking.search.chain(instant, task.steps)
        if not isinstance(found, Refusal):
            return _Found(task, "", {"places_tried": float(tried)})
        step = next((at for at, each in enumerate(task.steps) if each is found.step), 0)
        if step > furthest[0]:
            furthest = (step, looking.explainer.explain(found, instant))
    return _Found(None, furthest[1], {"places_tried": float(tried)})


def _of_robot(joint: str) -> bool:
    return joint.startswith(f"{ROBOT}/")
