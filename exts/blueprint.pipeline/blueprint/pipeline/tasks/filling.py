"""Steps, goals, rewards and ends filled in: props by id, joints by name, bounds in numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

from blueprint.pipeline.episode import goals as judged
from blueprint.pipeline.episode.tasks import Done, Reward, Step

from . import goal_entries as asked
from .drawn import Drawn
from .grammar import goal_names
from .reward_entries import EffortReward, FallenDone, GoalReward, ReachReward
from .roles import Roles
from .situation import Situation, position_at
from .step_entries import (
    Carry,
    FollowJoint,
    ForEach,
    Grasp,
    Insert,
    Lift,
    Plain,
    Press,
    Push,
    PutDown,
    Release,
    Retreat,
    Shove,
    Skill,
    Tilt,
)

Places = Mapping[str, Drawn]

# --- steps


def ways_of(roles: Roles, situation: Situation, places: Places) -> Iterator[tuple[Step, ...]]:
    """Yield each way to do it as steps in the vocabulary of the skills, in the order in which they are tried."""
    for way in roles.template.ways:
        yield _steps_of(way, roles, situation, places)


def _steps_of(way: tuple[Skill | ForEach, ...], roles: Roles, situation: Situation, places: Places) -> tuple[Step, ...]:
    found: list[Step] = []
    for entry in way:
        if isinstance(entry, ForEach):
            for one in roles.each(entry.each):
                found += [_step(step, one, situation, places) for step in entry.steps]
        else:
            found.append(_step(entry, roles, situation, places))
    return tuple(found)


def _step(step: Skill, roles: Roles, situation: Situation, places: Places) -> Step:
    match step:
        case Plain():
            return Step(step.skill)
        case Grasp() | Release():
            return Step(step.skill, _held(step.object, step.joint, roles, situation, link=step.skill == "grasp"))
        case Lift():
            return Step("lift", {"object": roles.of(step.object)}, _heights_m(step, roles))
        case Carry():
            return Step("carry", {"object": roles.of(step.object)})
        case Retreat():
            return Step("retreat", {}, {"distance_m": step.distance_m})
        case FollowJoint() | Shove():
            prop, _, joint = roles.part(situation, step.joint)
            target = position_at(situation.joint(joint)[1], step.share)
            return Step(step.skill, {"prop": prop, "joint": joint}, {"target": target})
        case Press():
            prop, _, joint = roles.part(situation, step.joint)
            now = situation.joint_position.get(joint, 0.0)
            depth = position_at(situation.joint(joint)[1], step.share) - now
            return Step("press", {"prop": prop, "joint": joint}, {"depth": depth})
        case PutDown() | Insert() | Push():
            prop, drawn = roles.of(step.object), places[step.at]
            return Step(step.skill, {"object": prop}, dict(drawn.values), drawn.poses[prop])
        case Tilt():
            prop, drawn = roles.of(step.object), places[step.at]
            values = {**drawn.values, "duration_s": step.duration_s}
            return Step("tilt", {"object": prop, "target": roles.of(step.target)}, values, drawn.poses[prop])


def _heights_m(step: Lift, roles: Roles) -> dict[str, float]:
    """Return how high to lift a prop, and how high it must get for the goals that want it raised."""
    prop = roles.of(step.object)
    wanted_m = [
        entry.height_m
        for entry in roles.template.goals
        if isinstance(entry, asked.HeightGoal) and entry.goal == "raised"
        for one in roles.each(entry.object)
        if one.of(entry.object) == prop
    ]
    return {"height_m": step.height_m, **({"least_m": max(wanted_m) + _SAG_M} if wanted_m else {})}


def _held(prop: str | None, joint: str | None, roles: Roles, situation: Situation, *, link: bool) -> dict[str, str]:
    if prop is not None:
        return {"object": roles.of(prop)}
    assert joint is not None
    owner, part, _ = roles.part(situation, joint)
    return {"prop": owner, "link": part} if link else {"prop": owner}


_SAG_M = 0.005
"""What is lifted hangs a little lower than the hand has risen."""

# --- goals


def goals_of(roles: Roles, situation: Situation, places: Places) -> tuple[judged.Goal, ...]:
    """Return the goals with their bounds, those of several props one after the other."""
    return tuple(goal for _, goal in _named_goals(roles, situation, places))


def safety_of(roles: Roles, situation: Situation, places: Places) -> tuple[judged.Goal, ...]:
    """Return the safety conditions."""
    return tuple(goal for entry in roles.template.safety for goal in _goals(entry, roles, situation, places))


def _named_goals(roles: Roles, situation: Situation, places: Places) -> Iterator[tuple[str, judged.Goal]]:
    for name, entry in zip(goal_names(roles.template), roles.template.goals, strict=True):
        for goal in _goals(entry, roles, situation, places):
            yield name, goal


def _goals(entry: asked.Goal, roles: Roles, situation: Situation, places: Places) -> Iterator[judged.Goal]:
    when: dict[str, Any] = {} if entry.when is None else {"when": entry.when}
    if isinstance(entry, asked.UndisturbedGoal):
        others = [
            each.prop.id for each in situation.manifest.props if each.movable and each.prop.id not in roles.props()
        ]
        spares = situation.manifest.spares
        yield from (judged.Undisturbed(prop, entry.limit_m, **when) for prop in others if prop not in spares)
        return
    for one in roles.each(getattr(entry, "object", None)):
        yield _goal(entry, one, situation, places, when)


def _goal(entry: asked.Goal, roles: Roles, situation: Situation, places: Places, when: dict[str, Any]) -> judged.Goal:
    match entry:
        case asked.InRegionGoal():
            region = places[entry.at].region
            assert region is not None
            return judged.InRegion(roles.of(entry.object), region, **when)
        case asked.OnTopGoal():
            return judged.OnTop(roles.of(entry.object), roles.of(entry.base), **when)
        case asked.InsideGoal():
            return _inside(entry, roles, situation, places, when)
        case asked.JointGoal():
            _, _, joint = roles.part(situation, entry.joint)
            found = situation.joint(joint)[1]
            low, high = sorted(position_at(found, share) for share in entry.share)
            return judged.JointWithin(joint, *_with_slack(low, high, found.lower, found.upper), **when)
        case asked.HeightGoal():
            kind = judged.Raised if entry.goal == "raised" else judged.NotRaised
            return kind(roles.of(entry.object), entry.height_m, **when)
        case asked.TiltGoal():
            prop, target = roles.of(entry.object), roles.of(entry.target)
            return judged.TiltedOver(prop, target, entry.tilt_rad, entry.duration_s, **when)
        case asked.UprightGoal():
            return judged.Upright(roles.of(entry.object), entry.tilt_rad, **when)
        case asked.ApartGoal():
            return judged.Apart(roles.of(entry.object), roles.of(entry.other), entry.gap_m, **when)
        case asked.ReleasedGoal():
            prop = roles.of(entry.object) if entry.object is not None else roles.of(str(entry.joint)).split("/", 1)[0]
            return judged.Released(prop, **when)
        case asked.AtRestGoal():
            return judged.AtRest(roles.of(entry.object), **when)
        case asked.ForceGoal():
            return judged.ForceBelow(entry.limit_n, **when)
        case asked.CollisionGoal():
            return judged.NoCollision(roles.props(), entry.limit_n, **when)
        case asked.UndisturbedGoal():
            raise AssertionError("expanded before")


_SLACK = 0.02
"""Share of a joint's range by which it may stand beyond its limit: engines hold limits softly."""


def _with_slack(low: float, high: float, lower: float, upper: float) -> tuple[float, float]:
    slack = _SLACK * (upper - lower)
    return (low - slack if low <= lower else low, high + slack if high >= upper else high)


def _inside(
    entry: asked.InsideGoal, roles: Roles, situation: Situation, places: Places, when: dict[str, Any]
) -> judged.Inside:
    if entry.at is not None:
        room = places[entry.at].room
        assert room is not None
        return judged.Inside(roles.of(entry.object), room.body, room.T_body_room, room.half_size_m, **when)
    owner, region = situation.room(roles.of(str(entry.room)))
    body = f"{owner.prop.id}/{region.body}"
    T_body_room = situation.shapes.T_prop_bodies[body].inverse() @ region.T_prop_region
    return judged.Inside(roles.of(entry.object), body, T_body_room, region.half_size_m, **when)


# --- rewards and ends


def rewards_of(roles: Roles, situation: Situation, places: Places) -> tuple[Reward, ...]:
    """Return the terms of the reward; a term on a goal of several props is shared out among them."""
    names = [name for name, _ in _named_goals(roles, situation, places)]
    found: list[Reward] = []
    for term in roles.template.rewards:
        match term:
            case ReachReward():
                each = roles.each(term.object)
                weight = term.weight / len(each)
                held = [_held(term.object, term.joint, one, situation, link=True) for one in each]
                found += [Reward("reach", weight, None, {"scale_m": term.scale_m}, thing) for thing in held]
            case GoalReward():
                rows = [row for row, name in enumerate(names) if name == term.goal]
                found += [Reward(term.term, term.weight / len(rows), row) for row in rows]
            case EffortReward():
                found.append(Reward(term.term, term.weight))
    return tuple(found)


def dones_of(roles: Roles, situation: Situation) -> tuple[Done, ...]:
    """Return what ends an episode of learning; a prop has fallen below a height in the world."""
    found: list[Done] = []
    for term in roles.template.dones:
        if isinstance(term, FallenDone):
            for one in roles.each(term.object):
                prop = one.of(term.object)
                below_m = situation.pose(prop).position_m[2] - term.drop_m
                found.append(Done("fallen", {"below_m": below_m}, {"object": prop}))
        elif term.term == "time_limit":
            found.append(Done("time_limit", {"seconds": roles.template.time_limit_s}))
        else:
            found.append(Done(term.term))
    return tuple(found)
