"""The table of motion planners, by the name that a recipe gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import UnknownName

from .bows import plan_bow
from .motion import Free, Motion, Planner, SearchBounds
from .rrt import plan_rrt
from .workspace import Workspace

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class BowsThenOmpl:
    """The default: bowed motions, which nearly always do, then OMPL's RRTConnect."""

    workspace: Workspace

    def plan(self, start_rad: Array, goal_rad: Array, free: Free, *, seed: int, bounds: SearchBounds) -> Motion | None:
        """Return a way from start to goal; None when `bounds` are spent."""
        if not free.padded(start_rad) or not free.padded(goal_rad):
            return None
        robot = self.workspace.robot
        bowed = plan_bow(start_rad, goal_rad, free, robot, self.workspace.kinematics)
        return bowed or plan_rrt(start_rad, goal_rad, free, robot, seed=seed, bounds=bounds)


class Untravelled:
    """A planner that finds no ways of the whole arm: only what lies between them is looked for."""

    def plan(self, start_rad: Array, goal_rad: Array, free: Free, *, seed: int, bounds: SearchBounds) -> Motion | None:
        """Return None."""
        del start_rad, goal_rad, free, seed, bounds


def _curobo(workspace: Workspace) -> Planner:
    # Imported when it is asked for: it needs a GPU and is installed from its repository.
    from .curobo import CuroboPlanner

    return CuroboPlanner(workspace)


PLANNERS: Mapping[str, Callable[[Workspace], Planner]] = {"ompl": BowsThenOmpl, "curobo": _curobo}


def planner_named(name: str, workspace: Workspace) -> Planner:
    """Return a planner for a workspace; raises UnknownName."""
    if name not in PLANNERS:
        raise UnknownName("planner", name, PLANNERS)
    return PLANNERS[name](workspace)
