"""How far an arm's wrist gets from its shoulder: what hands are refused by before inverse kinematics is asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

Array = NDArray[np.float64]

_SAMPLES = 256
_BETWEEN = 1.03
"""So much farther than in the sampled postures a wrist may get between them."""


@dataclass(frozen=True, eq=False, slots=True)
class WristReach:
    """The shoulder (3,) in the world, the wrist's farthest distance to it, and where the wrist is behind the tool.

    `back_m` is how far it lies behind the tool point along the approach, `aside_m` how far beside that line.
    """

    shoulder_m: Array
    farthest_m: float
    back_m: float
    aside_m: float

    def may_reach(self, points_m: Array, approaches: Array) -> NDArray[np.bool_]:
        """Whether a tool at points (N, 3) with approaches (N, 3) may be in reach; false is certain."""
        return self.beyond_m(points_m, approaches) <= 0

    def beyond_m(self, points_m: Array, approaches: Array) -> Array:
        """Return how much too far (N,) the wrist would have to be, negative within its reach."""
        wrists = points_m - approaches * self.back_m
        return np.linalg.norm(wrists - self.shoulder_m, axis=1) - (self.farthest_m + self.aside_m)


def wrist_reach(world: MujocoPlanningWorld) -> WristReach:
    """Measure an arm where it stands, over postures drawn from its joints' ranges."""
    arm = world.robot.arm
    bodies = [world.compiled.joint(f"{ROBOT}/{name}").body for name in arm.joints]
    shoulder, wrist = bodies[min(1, len(bodies) - 1)], bodies[max(0, len(bodies) - 2)]
    rng, farthest_m = np.random.default_rng(0), 0.0
    for _ in range(_SAMPLES):
        world.tool_pose(rng.uniform(arm.lower_rad, arm.upper_rad))
        ends = [np.asarray(world.link_pose(link).position_m) for link in (shoulder, wrist)]
        farthest_m = max(farthest_m, float(np.linalg.norm(ends[1] - ends[0])))
    T_world_tcp = world.tool_pose(np.array(arm.home_rad))
    offset_m = np.asarray((T_world_tcp.inverse() @ world.link_pose(wrist)).position_m)
    shoulder_m = np.asarray(world.link_pose(shoulder).position_m)
    return WristReach(shoulder_m, farthest_m * _BETWEEN, float(-offset_m[2]), float(np.linalg.norm(offset_m[:2])))
