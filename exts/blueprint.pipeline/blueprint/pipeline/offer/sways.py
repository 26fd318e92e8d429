"""Where else things may stand: all moved and turned a little, on their support, apart from each other, within the ring.

Attempts are made in variants of a scene, where the neighbours of what a task handles stand elsewhere too. A task that
has a plan by a hair where things came to rest has none in many of them, so it is looked at in a few more arrangements.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation as Instant
from blueprint.pipeline.tasks.room_above import Plane
from blueprint.pipeline.tasks.situation import Situation
from blueprint.pipeline.tasks.standing import support_of

Array = NDArray[np.float64]

_HEADINGS = 8
_GAP_M = 0.03
"""Least gap to other things, and _EDGE_M to the support's edge: what variants keep unless a policy says otherwise."""
_EDGE_M = 0.02


@dataclass(frozen=True, eq=False)
class Swayer:
    """Moves things by `shift_m` and turns them by up to `turn_rad` about the vertical through their origins."""

    means: Means
    instant: Instant
    situation: Situation
    shift_m: float
    turn_rad: float
    seed: int

    def arrangement(self, number: int) -> dict[str, Pose]:
        """Return where the things stand that there is room to move, T_world_prop; they are moved one after the other.

        Each goes into the first free one of the directions around it, beginning at a drawn one.
        """
        moved: dict[str, Pose] = {}
        for prop in self.situation.standing:
            rng = stream(self.seed, number, f"offer/sway/{prop}")
            found = next((pose for pose in self._moves(prop, rng) if self._fits(prop, pose, moved)), None)
            if found is not None:
                moved[prop] = found
        return moved

    def _moves(self, prop: str, rng: np.random.Generator) -> Iterator[Pose]:
        here = self.situation.pose(prop)
        begin, turn_rad = rng.uniform(0.0, 2 * np.pi), rng.uniform(-self.turn_rad, self.turn_rad)
        turned = Pose.from_yaw((0.0, 0.0, 0.0), turn_rad) @ Pose((0.0, 0.0, 0.0), here.quat_wxyz)
        for heading in begin + np.linspace(0.0, 2 * np.pi, _HEADINGS, endpoint=False):
            shift_m = self.shift_m * np.array([np.cos(heading), np.sin(heading), 0.0])
            yield Pose(vec3(np.asarray(here.position_m) + shift_m), turned.quat_wxyz)

    def _fits(self, prop: str, pose: Pose, moved: Mapping[str, Pose]) -> bool:
        """Whether a prop is on its support there, no further out of the ring than it was, and apart from the rest."""
        here = self.situation.pose(prop)
        support = support_of(self.situation.manifest, here)
        if support is None or self._outside_m(pose) > self._outside_m(here):
            return False
        owner, surface = support
        T = self.situation.link_pose(owner.prop.id, surface.body) @ surface.T_prop_surface
        flat = Plane.of(T).flat(pose.apply(self.situation.corners_m(prop)))
        if (np.abs(flat) + _EDGE_M > np.asarray(surface.half_size_m)).any():
            return False
        poses = {**self.instant.T_world_props, **moved, prop: pose}
        self.means.arrange(replace(self.instant, T_world_props=poses))
        near = self.means.workspace.world.nearby(prop, _GAP_M)
        return all(name.startswith(f"{owner.prop.id}/") for name in near)

    def _outside_m(self, pose: Pose) -> float:
        """Return how far a pose is out of the ring in which the robot works well."""
        near_m, far_m = self.means.workspace.robot.comfort_m
        distance_m = float(np.linalg.norm(np.subtract(pose.position_m, self.situation.T_world_base.position_m)[:2]))
        return max(0.0, near_m - distance_m, distance_m - far_m)
