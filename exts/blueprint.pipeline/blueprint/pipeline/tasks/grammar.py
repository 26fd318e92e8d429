"""What must fit together within a template: every name that is used exists and is of the right kind."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from string import Formatter
from typing import TYPE_CHECKING, Any

from blueprint.pipeline.episode.goals import STANDING

if TYPE_CHECKING:
    from .templates import Template

SIDED = ("free_region", "pushed", "zone")
"""Places from which the word {side} follows."""

_ROLE_KINDS: Mapping[str, tuple[str, ...]] = {
    "object": ("prop",),
    "objects": ("props",),
    "base": ("prop",),
    "target": ("prop",),
    "other": ("prop",),
    "on": ("prop",),
    "under": ("prop", "props"),
    "surface": ("surface",),
    "room": ("room",),
    "joint": ("joint",),
    "moved_by": ("joint",),
    "fits": ("prop",),
    "each": ("props",),
}
"""Fields that name a role, and of which kinds it may be."""

_BETWEEN_ROLES = ("on", "under", "moved_by", "fits")

_PLACES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("goal", "in_region"): ("free_region", "zone", "pushed", "back"),
    ("goal", "inside"): ("in_hole",),
    ("skill", "place"): ("free_region", "zone", "stacked", "in_room", "back"),
    ("skill", "insert"): ("in_hole",),
    ("skill", "push"): ("pushed",),
    ("skill", "tilt"): ("tilted",),
}
"""Which draws a step or a goal can use as its place."""


_TO_REACH = "needed is one that is to be reached, such as in_region, on_top, inside, joint_within or raised"


def faults_of(template: "Template") -> list[str]:
    """Return every fault in how a template's parts refer to each other, each with the nearest known name."""
    return [
        *_role_faults(template),
        *(
            fault
            for where, entry, inside in _entries(template)
            for fault in _entry_faults(template, where, entry, inside)
        ),
        *_goal_faults(template),
        *_phrase_faults(template),
    ]


def unknown(where: str, what: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence that a name does not exist, with the nearest that does."""
    listed = sorted(known)
    near = get_close_matches(name, listed, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"{where}: unknown {what} {name!r}{hint} Known: {', '.join(listed) or 'none'}"


def goal_names(template: "Template") -> list[str]:
    """Return the names by which rewards refer to the goals, in order."""
    return [goal.name or goal.goal for goal in template.goals]


def _entries(template: "Template") -> Iterator[tuple[str, Any, str]]:
    """Yield every block that names roles: where it is, itself, and the role of the props it is repeated for."""
    for name, place in template.places.items():
        yield f"places.{name}", place, ""
    for at, start in enumerate(template.start):
        yield f"start.{at}", start, ""
    yield from _step_entries("steps", template.steps)
    for at, way in enumerate(template.otherwise):
        yield from _step_entries(f"otherwise.{at}", way)
    for section in ("goals", "safety", "rewards", "dones"):
        for at, entry in enumerate(getattr(template, section)):
            yield f"{section}.{at}", entry, ""


def _step_entries(where: str, steps: Iterable[Any]) -> Iterator[tuple[str, Any, str]]:
    for at, step in enumerate(steps):
        yield f"{where}.{at}", step, ""
        if hasattr(step, "each"):
            yield from ((f"{where}.{at}.{k}", inner, step.each) for k, inner in enumerate(step.steps))


def role_order(template: "Template") -> list[str]:
    """Return the roles so that each comes after those that it names; what is left in a circle is missing."""
    waiting, ordered = dict(template.roles), list[str]()
    while ready := [name for name, role in waiting.items() if _named_by(role) <= set(ordered)]:
        ordered += ready
        waiting = {name: role for name, role in waiting.items() if name not in ordered}
    return ordered


def _named_by(role: Any) -> set[str]:
    return {value for field in _BETWEEN_ROLES if (value := getattr(role, field, None)) is not None}


def _role_faults(template: "Template") -> Iterator[str]:
    for name, role in template.roles.items():
        for field in _BETWEEN_ROLES:
            value = getattr(role, field, None)
            if value is not None and value not in template.roles:
                yield unknown(f"roles.{name}.{field}", "role", value, template.roles)
            elif value is not None and template.roles[value].kind not in _ROLE_KINDS[field]:
                yield _wrong_kind(f"roles.{name}.{field}", value, template.roles[value].kind, _ROLE_KINDS[field])
        if not name.isidentifier():
            yield f"roles.{name}: a role is called by one word of letters, digits and underscores"
    known = all(_named_by(role) <= set(template.roles) for role in template.roles.values())
    circle = sorted(set(template.roles) - set(role_order(template)))
    if known and circle:
        yield f"roles: {', '.join(circle)} name each other in a circle, so that none can be filled first"


def _entry_faults(template: "Template", where: str, entry: Any, inside: str) -> Iterator[str]:
    several = inside or (where.startswith(("goals", "safety", "rewards", "dones")) and "props")
    for field in (name for name in type(entry).model_fields if name in _ROLE_KINDS):
        value = getattr(entry, field)
        if value is None:
            continue
        kinds = _ROLE_KINDS[field]
        if field == "object" and several and (inside in ("", value)):
            kinds = (*kinds, "props")
        if value not in template.roles:
            yield unknown(f"{where}.{field}", "role", value, template.roles)
        elif template.roles[value].kind not in kinds:
            yield _wrong_kind(f"{where}.{field}", value, template.roles[value].kind, kinds)
    yield from _choice_faults(where, entry)
    yield from _place_faults(template, where, entry)


def _wrong_kind(where: str, name: str, kind: str, kinds: Iterable[str]) -> str:
    return f"{where}: role {name!r} is a {kind}; needed is a {' or '.join(kinds)}"


def _choice_faults(where: str, entry: Any) -> Iterator[str]:
    """Yield faults where exactly one of two fields is to be given."""
    fields = type(entry).model_fields
    for pair in (("object", "joint"), ("room", "at")):
        either = all(name in fields and fields[name].default is None for name in pair)
        if either and sum(getattr(entry, name) is not None for name in pair) != 1:
            yield f"{where}: give either {pair[0]!r} or {pair[1]!r}"


def _place_faults(template: "Template", where: str, entry: Any) -> Iterator[str]:
    at = getattr(entry, "at", None)
    if at is None:
        return
    if at not in template.places:
        yield unknown(f"{where}.at", "place", at, template.places)
        return
    kind = next(((field, getattr(entry, field)) for field in ("goal", "skill") if hasattr(entry, field)), None)
    draws = _PLACES.get(kind, ()) if kind else ()
    if draws and template.places[at].draw not in draws:
        yield f"{where}.at: place {at!r} is drawn as {template.places[at].draw!r}; needed is {' or '.join(draws)}"


def _goal_faults(template: "Template") -> Iterator[str]:
    names = goal_names(template)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"goals: two goals are called {name!r}; give each a name of its own"
    if all(goal.goal in STANDING for goal in template.goals):
        yield f"goals: {', '.join(goal.goal for goal in template.goals)} hold before anything is done; {_TO_REACH}"
    kinds = dict(zip(names, (goal.goal for goal in template.goals), strict=True))
    for at, reward in enumerate(template.rewards):
        goal = getattr(reward, "goal", None)
        if goal is not None and goal not in names:
            yield unknown(f"rewards.{at}.goal", "goal", goal, names)
        elif goal is not None and kinds[goal] in STANDING:
            yield f"rewards.{at}.goal: {goal!r} holds before anything is done and earns nothing; {_TO_REACH}"
    for at, start in enumerate(template.start):
        share = getattr(start, "share", (0.0, 0.0))
        if share[0] > share[1]:
            yield f"start.{at}.share: the low end comes first, found {list(share)}"
    for at, goal in enumerate(template.goals):
        share = getattr(goal, "share", (0.0, 1.0))
        if not share[0] < share[1]:
            yield f"goals.{at}.share: the low end comes first and lies below the high one, found {list(share)}"


def _phrase_faults(template: "Template") -> Iterator[str]:
    sided = any(place.draw in SIDED for place in template.places.values())
    known = [*template.roles, *(["side"] if sided else [])]
    for at, phrase in enumerate(template.phrasings):
        try:
            words = [field for _, field, _, _ in Formatter().parse(phrase) if field is not None]
        except ValueError as error:
            yield f"phrasings.{at}: {error}"
            continue
        yield from (
            unknown(f"phrasings.{at}", "word", f"{{{word}}}", [f"{{{k}}}" for k in known])
            for word in words
            if word not in known
        )
