"""From a template and what fills its roles to concrete tasks: places drawn, goals in numbers, sentences chosen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.scene.poses import Pose

from . import interiors, naming, stacking, surfaces, tilting
from .drawn import Drawn
from .filling import dones_of, goals_of, rewards_of, safety_of, ways_of
from .foregone import all_hold, joint_already_there
from .grammar import SIDED
from .place_entries import Back, FreeRegion, InHole, InRoom, JointStart, Place, Pushed, Stacked, Tilted, Zone
from .roles import Roles, members
from .situation import Situation, position_at
from .spoils import Spoils
from .templates import Template

PER_PLACE = 24
"""Largest number of draws of one place that are combined with those of the others."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a task wants to be otherwise before the scene settles: furniture's joints and props' poses."""

    joint_position: dict[str, float] = field(default_factory=dict[str, float])
    T_world_props: dict[str, Pose] = field(default_factory=dict[str, Pose])


class NoStart(Exception):
    """A scene in which a task's start cannot be brought about; the message says why."""


def draw_start(template: Template, roles: Mapping[str, str], situation: Situation, rng: np.random.Generator) -> Start:
    """Draw how a task's scene starts; raises NoStart where no room is found for it."""
    joints: dict[str, float] = {}
    poses: dict[str, Pose] = {}
    for entry in template.start:
        if isinstance(entry, JointStart):
            name = roles[entry.joint]
            joints[name] = position_at(situation.joint(name)[1], float(rng.uniform(*entry.share)))
            continue
        prop = roles[entry.object]
        spoils, place = Spoils(), template.places[entry.at]
        drawn = next(draw_place(entry.at, place, Roles(template, roles), situation, rng, spoils), None)
        if drawn is None:
            why = spoils.told()
            raise NoStart(f"no room for {prop} as place {entry.at!r} of the start{': ' * bool(why)}{why}")
        poses[prop] = drawn.poses[prop]
        situation = situation.moved(poses=poses)
    return Start(joints, poses)


def instantiate(
    template: Template,
    filled: Mapping[str, str],
    situation: Situation,
    rng: np.random.Generator,
    *,
    id: str,
    start: Start | None = None,
) -> Iterator[Task]:
    """Yield concrete tasks for one filling of a template's roles, in the order in which they are to be tried.

    `filled` is an offer's `roles`, `situation` how everything stands once the start has settled. All of them say the
    same sentence pattern, and all phrasings are kept. Where a joint stands already where it is to be moved, or all
    goals hold, none is yielded: such a task would be done before it begins.
    """
    roles = Roles(template, filled)
    chosen = int(rng.integers(len(template.phrasings)))
    start = start or Start()
    for places in draws(used_places(template), roles, situation, rng):
        phrasings, goals = phrase(template, roles, situation, places), goals_of(roles, situation, places)
        if joint_already_there(goals, situation):
            return
        if all_hold(goals, situation):
            continue
        done = Task(
            id=id,
            template=template.name,
            family=template.family,
            object=roles.first,
            roles=dict(filled),
            steps=(),
            goals=goals,
            safety=safety_of(roles, situation, places),
            instruction=phrasings[chosen],
            phrasings=tuple(dict.fromkeys(phrasings)),
            rewards=rewards_of(roles, situation, places),
            dones=dones_of(roles, situation),
            time_limit_s=template.time_limit_s,
            hold_s=template.hold_s,
            start_joints=dict(start.joint_position),
            start_poses=dict(start.T_world_props),
            difficulty=template.difficulty,
        )
        yield from (replace(done, steps=steps) for steps in ways_of(roles, situation, places))


def draw_place(
    name: str,
    place: Place,
    roles: Roles,
    situation: Situation,
    rng: np.random.Generator,
    spoils: Spoils | None = None,
) -> Iterator[Drawn]:
    """Yield draws of one place; `spoils` counts what is against the others."""
    match place:
        case FreeRegion() | Pushed():
            ground = surfaces.Ground.of(situation, roles.of(place.surface))
            prop = roles.of(place.object)
            room = {"margin_m": place.margin_m, "gap_m": place.gap_m, "name": name, "spoils": spoils}
            if isinstance(place, Pushed):
                yield from surfaces.pushes(situation, prop, ground, rng, distance_m=place.distance_m, **room)  # pyright: ignore[reportArgumentType]
            else:
                where = {"least_move_m": place.least_move_m, "side": place.side}
                yield from surfaces.free_regions(situation, prop, ground, rng, **where, **room)  # pyright: ignore[reportArgumentType]
        case Zone():
            ground = surfaces.Ground.of(situation, roles.of(place.surface))
            yield from surfaces.zones(
                situation,
                [roles.of(member) for member in members(roles.template, place.objects)],
                ground,
                rng,
                margin_m=place.margin_m,
                gap_m=place.gap_m,
                least_move_m=place.least_move_m,
                name=name,
                side=place.side,
                spoils=spoils,
            )
        case Stacked():
            yield from stacking.stacked(situation, roles.of(place.object), roles.of(place.base), rng, spoils)
        case InRoom():
            opened = (roles.of(place.joint), place.share) if place.joint is not None else None
            prop, room_name = roles.of(place.object), roles.of(place.room)
            yield from interiors.in_room(
                situation, prop, room_name, rng, opened=opened, margin_m=place.margin_m, spoils=spoils
            )
        case InHole():
            prop, room_name = roles.of(place.object), roles.of(place.room)
            yield from interiors.in_hole(situation, prop, room_name, rng, tolerance_m=place.tolerance_m)
        case Tilted():
            prop, target = roles.of(place.object), roles.of(place.target)
            yield from tilting.tilted(situation, prop, target, rng, tilt_rad=place.tilt_rad, gap_m=place.gap_m)
        case Back():
            yield surfaces.stood(situation, roles.of(place.object), margin_m=place.margin_m, name=name)


def used_places(template: Template) -> dict[str, Place]:
    """Return the places that are drawn once the start has settled."""
    return {name: place for name, place in template.places.items() if name not in _start_places(template)}


def draws(
    places: Mapping[str, Place],
    roles: Roles,
    situation: Situation,
    rng: np.random.Generator,
    spoiled: dict[str, Spoils] | None = None,
) -> Iterator[dict[str, Drawn]]:
    """Yield combinations of draws, the last place varying fastest; one empty combination where nothing is drawn.

    `spoiled` collects by place what is against the others.
    """
    if not places:
        yield {}
        return
    (name, place), *rest = places.items()
    spoils = None if spoiled is None else spoiled.setdefault(name, Spoils())
    for at, drawn in enumerate(draw_place(name, place, roles, situation, rng, spoils)):
        if at == PER_PLACE:
            return
        for others in draws(dict(rest), roles, situation, rng, spoiled):
            yield {name: drawn, **others}


def phrase(template: Template, roles: Roles, situation: Situation, places: Mapping[str, Drawn]) -> tuple[str, ...]:
    """Return all sentences for a task, in the template's order."""
    words = {name: _words_of(name, roles, situation) for name in template.roles}
    side = _side(situation, {name: places[name] for name in places if template.places[name].draw in SIDED})
    return tuple(_capital(sentence.format(**words, side=side)) for sentence in template.phrasings)


def _words_of(name: str, roles: Roles, situation: Situation) -> str:
    match roles.template.roles[name].kind:
        case "props":
            return naming.listed(
                [naming.prop_words(situation, roles.of(each)) for each in members(roles.template, name)]
            )
        case "joint":
            return naming.joint_words(situation, roles.of(name))
        case "room":
            return naming.room_words(situation, roles.of(name))
        case "surface":
            return naming.prop_words(situation, roles.of(name).split("/", 1)[0])
        case _:
            return naming.prop_words(situation, roles.of(name))


def _side(situation: Situation, places: Mapping[str, Drawn]) -> str:
    """Say where the first region lies as seen from where its props are now."""
    drawn = next((each for each in places.values() if each.region is not None), None)
    if drawn is None or drawn.region is None:
        return ""
    now: Sequence[float] = np.mean([situation.pose(prop).position_m for prop in drawn.poses], axis=0).tolist()
    return naming.side_words(situation, now, drawn.region.center_m)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _start_places(template: Template) -> set[str]:
    """Return the places that only the start uses."""
    begin = {entry.at for entry in template.start if not isinstance(entry, JointStart)}
    steps = [step for way in template.ways for entry in way for step in getattr(entry, "steps", (entry,))]
    later = {getattr(entry, "at", None) for entry in (*steps, *template.goals, *template.safety)}
    return {name for name in begin if name not in later}
