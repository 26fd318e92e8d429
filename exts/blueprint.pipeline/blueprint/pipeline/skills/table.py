"""The skills by name: what a step of a task may ask for."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.errors import UnknownName

from .follow_joint import plan_follow_joint
from .grasp import plan_grasp
from .legs import Leg
from .lift import plan_lift
from .means import Means
from .place import plan_insert, plan_place
from .press import plan_press
from .push import plan_push
from .reach import plan_carry, plan_home, plan_reach
from .release import plan_release
from .retreat import plan_retreat
from .shove import plan_shove
from .situation import Situation
from .tilt import plan_tilt


class Skill(Protocol):
    """Plans one step: yields ways to do it, best first, each with its end in the `after` of its last leg."""

    def __call__(self, means: Means, before: Situation, step: Step, /) -> Iterator[tuple[Leg, ...]]:
        """Yield alternatives from a situation; the planning world is left in any state."""
        ...


SKILLS: Mapping[str, Skill] = {
    "reach": plan_reach,
    "grasp": plan_grasp,
    "lift": plan_lift,
    "carry": plan_carry,
    "place": plan_place,
    "insert": plan_insert,
    "release": plan_release,
    "retreat": plan_retreat,
    "follow_joint": plan_follow_joint,
    "push": plan_push,
    "tilt": plan_tilt,
    "press": plan_press,
    "shove": plan_shove,
    "home": plan_home,
}

WHEREVER_THE_ARM_IS = frozenset({"grasp", "place", "insert", "tilt"})
"""Skills that come to where they begin by any free way: what they offer does not hang on where the arm is before."""
ARM_ALONE = frozenset({"lift", "carry"})
"""Skills that end in another posture of the arm, and leave all else as it was."""


def skill_named(name: str) -> Skill:
    """Return a skill; raises UnknownName."""
    if name not in SKILLS:
        raise UnknownName("skill", name, SKILLS)
    return SKILLS[name]
