"""Depth-first search over the steps of a task: alternatives of every skill, best first, bounded by counts.

What is tried from one situation is remembered, so that other targets of the same task find it again. Ways of the whole
arm are looked for last, when the lines and arcs between which they run are known to be free.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import Line
from blueprint.pipeline.planning.misses import told
from blueprint.pipeline.planning.motion import Planner, SearchBounds

from .legs import Chain, Follow, Leg, Manner, Transit, changes_contact, with_goals
from .means import Means
from .memory import Alternatives, Memory
from .retreat import ways_out
from .situation import Situation
from .walk import Walk

Array = NDArray[np.float64]

_HOLDS = ("lift", "place", "insert", "tilt", "follow_joint", "release")
_NOUNS = {"grasp": "grasps", **dict.fromkeys(_HOLDS, "holds")}
"""What is counted where a step is refused: grasps, holds of the thing from which it was tried, or ways to do it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one search may try: alternatives of one step, of all steps together, and ways of the whole arm."""

    alternatives: int = 40
    nodes: int = 400
    ways: int = 6
    search: SearchBounds = field(default_factory=SearchBounds)


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """The legs of the steps up to the next change of contact, ready to be driven."""

    legs: Chain


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no plan: the step at which every chain ended, and what that means."""

    step: Step
    failure: FailureCode
    message: str


class Search:
    """Plans the steps of one episode's tasks; remembers what it has tried."""

    def __init__(self, means: Means, planner: Planner, bounds: Bounds, seed: int) -> None:
        self.means, self.planner, self.bounds, self.seed = means, planner, bounds, seed
        self._memory = Memory(means, bounds.alternatives)
        self._ways: dict[tuple[int, bytes], tuple[Follow, ...] | None] = {}

    def plan(self, situation: Situation, steps: Sequence[Step], *, nodes: int | None = None) -> Plan | Refusal:
        """Find legs for the steps up to the next change of contact, from which the remaining steps can follow.

        `nodes` takes the place of the bound of the same name, for a first look.
        """
        walk = Walk(self._memory, steps, nodes or self.bounds.nodes)
        ways = 0
        for chain in walk.chains(0, situation):
            count = next((at + 1 for at, legs in enumerate(chain) if changes_contact(legs)), len(chain))
            found = self._with_ways(situation, chain[:count])
            if not isinstance(found, int):
                return Plan(found)
            ways += 1
            if ways >= self.bounds.ways:
                break
            # Only another start of what follows the transit can help.
            walk.skip_to = min(found + 1, count - 1)
        return self._refusal(steps, walk, ways)

    def chain(self, situation: Situation, steps: Sequence[Step]) -> Chain | Refusal:
        """Find legs for all steps, without looking for the ways of the whole arm between them."""
        walk = Walk(self._memory, steps, self.bounds.nodes)
        found = next(walk.chains(0, situation), None)
        return self._refusal(steps, walk, 0) if found is None else found

    def alternatives(self, step: Step, before: Situation) -> Alternatives:
        """Return what a skill offers from a situation; the same again for the same step and situation."""
        return self._memory.alternatives(step, before)

    def _with_ways(self, start: Situation, chain: Chain) -> Chain | int:
        """Plan the transits of a segment; returns the position of the step whose transit has no way."""
        before, planned = start, list[tuple[Leg, ...]]()
        for at, legs in enumerate(with_goals(chain, start)):
            mine: list[Leg] = []
            for leg in legs:
                way = self._way(before, leg) if isinstance(leg, Transit) else (leg,)
                if way is None:
                    return at
                mine += way
                before = leg.after
            planned.append(tuple(mine))
        return tuple(planned)

    def _way(self, before: Situation, leg: Transit) -> tuple[Follow, ...] | None:
        assert leg.goal_rad is not None
        key = (self._memory.number_at(before), leg.goal_rad.tobytes())
        if key not in self._ways:
            self._ways[key] = self._plan_way(before, leg, leg.goal_rad)
        return self._ways[key]

    def _plan_way(self, before: Situation, leg: Transit, goal_rad: Array) -> tuple[Follow, ...] | None:
        means, distances = self.means, self.means.distances
        beside = replace(before, touched=())
        means.arrange(beside)
        out: tuple[Follow, ...] = ()
        start_rad = before.arm_rad
        if not means.workspace.is_clear(start_rad, distances.padding_m):
            line = ways_out(means, beside)
            if line is None:
                return None
            start_rad = line.path_rad[-1]
            out = (Follow(line, Manner.STRAIGHT, leg.phase, replace(leg.after, arm_rad=start_rad)),)
            means.arrange(beside)
        free = means.workspace.free(distances.padding_m, distances.near_m)
        means.notes.searches += 1
        motion = self.planner.plan(start_rad, goal_rad, free, seed=self.seed, bounds=self.bounds.search)
        if motion is None:
            return None
        means.notes.retries += motion.retries
        means.notes.clearance_m = min(means.notes.clearance_m, motion.clearance_m)
        return (*out, Follow(Line(motion.path_rad, 0.0, 0.0), leg.manner, leg.phase, leg.after))

    def _refusal(self, steps: Sequence[Step], walk: Walk, ways: int) -> Refusal:
        step = steps[min(walk.deepest, len(steps) - 1)]
        thing = step.roles.get("object") or step.roles.get("prop") or "the goal"
        if ways:
            looked = f"{ways} {'way was' if ways == 1 else 'ways were'} looked for, {self._bounds_words()}"
            return Refusal(step, FailureCode.NO_PLAN, f"no collision-free way to {thing} was found: {looked}")
        tried = told(walk.tries_at(walk.deepest), _NOUNS.get(step.skill, "ways"))
        because = f": {tried}" if tried else ""
        if step.skill == "grasp":
            table = self.means.tables.get(thing)
            if table is None or not table.grasps:
                return Refusal(step, FailureCode.NO_GRASP, f"no antipodal grasp of {thing} fits the gripper")
            return Refusal(step, FailureCode.UNREACHABLE, f"no grasp of {thing} can be done{because}")
        return Refusal(step, FailureCode.UNREACHABLE, f"{step.skill} of {thing} cannot be done{because}")

    def _bounds_words(self) -> str:
        bounds = self.bounds.search
        return f"each with at most {bounds.searches} searches of {bounds.iterations} steps"
