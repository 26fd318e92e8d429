"""Distances for planning, on the very colliders that are simulated: MuJoCo's collision pass over the compiled model.

Only what can matter is looked at: the robot and what it carries against everything, never scenery against scenery.
"""

from collections.abc import Iterable

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose

from .arranged_world import ArrangedWorld
from .model import ROBOT
from .planning_model import MARGIN_M

Array = NDArray[np.float64]


class MujocoPlanningWorld(ArrangedWorld):
    """The `PlanningWorld` protocol over a compiled model; poses are in the world."""

    def clearance_m(self, arm_rad: Array) -> float:
        """Return the smallest signed distance of robot and carried prop to everything else and to the robot itself."""
        return self.nearest(arm_rad)[0]

    def nearest(self, arm_rad: Array) -> tuple[float, str, str]:
        """Return the smallest signed distance and the two links it lies between; no names beyond the margin."""
        self._place(arm_rad)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_collision(self._model, self._data)
        if self._data.ncon == 0:
            return MARGIN_M, "", ""
        contact = self._data.contact
        links = self._geom_row[contact.geom]
        distance = np.where(self._allowed[links[:, 0], links[:, 1]], MARGIN_M, contact.dist)
        least = int(np.argmin(distance))
        if distance[least] >= MARGIN_M:
            return MARGIN_M, "", ""
        first, second = (self._link_names[row] for row in links[least])
        return float(distance[least]), first, second

    def gripper_clearance_m(self, T_world_tcp: Pose, arm_rad: Array, ignoring: Iterable[str] = ()) -> float:
        """Return the smallest signed distance of the gripper alone to the scene, wherever an arm would have to be.

        `ignoring` names links that do not count, such as those of what is grasped; what may touch does not count
        either. The robot is carried to the pose as it stands at `arm_rad`, and back again.
        """
        return self.gripper_nearest(T_world_tcp, arm_rad, ignoring)[0]

    def gripper_nearest(self, T_world_tcp: Pose, arm_rad: Array, ignoring: Iterable[str] = ()) -> tuple[float, str]:
        """Return the `gripper_clearance_m` and the link to which it is; no name beyond the margin."""
        self._place(arm_rad)
        T_world_base = self.T_world_base
        self.stand_at(T_world_tcp @ Pose.from_matrix(self._T_world_tcp()).inverse() @ T_world_base)
        self._place(arm_rad)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_collision(self._model, self._data)
        self.stand_at(T_world_base)
        return self._gripper_nearest({self._link_row(name) for name in ignoring})

    def nearby(self, prop: str, within_m: float) -> dict[str, float]:
        """Return the links of the scene that are near a movable prop where it stands, with their signed distances."""
        return self._near(self._free_joints(prop)[0].body, within_m, f"{ROBOT}/")

    def nearby_link(self, link: str, within_m: float) -> dict[str, float]:
        """Return the links of other props, and of the room, that are near a link of furniture, with their distances."""
        return self._near(link, within_m, f"{ROBOT}/", f"{link.split('/', 1)[0]}/")

    def _near(self, body: str, within_m: float, *left_out: str) -> dict[str, float]:
        """Return the links near a body that does not move with the arm, but those whose names begin with `left_out`."""
        self._act_as_robot(body, True)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_collision(self._model, self._data)
        self._act_as_robot(body, False)
        links, own = self._geom_row[self._data.contact.geom], self._link_row(body)
        found: dict[str, float] = {}
        for (first, second), distance in zip(links.tolist(), self._data.contact.dist.tolist(), strict=True):
            if own in (first, second) and distance < within_m:
                other = self._link_names[second if first == own else first]
                if not other.startswith(left_out):
                    found[other] = min(distance, found.get(other, within_m))
        return found

    def sweep_reach_m(self, samples: int = 64) -> Array:
        """Return (n,) how far a turn of each joint by 1 rad (or a way of 1 m) moves the arm's furthest point at most.

        The largest over sampled postures, enlarged by a twentieth for those between.
        """
        rng, arm = np.random.default_rng(0), self.robot.arm
        reach = np.zeros(len(self._arm_at))
        joints = [int(np.flatnonzero(self._model.jnt_qposadr == at)[0]) for at in self._arm_at]
        distal = [self._geoms_beyond(joint) for joint in joints]
        for _ in range(samples):
            self._place(rng.uniform(arm.lower_rad, arm.upper_rad))
            for row, (joint, geoms) in enumerate(zip(joints, distal, strict=True)):
                if self._model.jnt_type[joint] == int(mujoco.mjtJoint.mjJNT_SLIDE):
                    reach[row] = 1.0
                    continue
                offset_m = self._data.geom_xpos[geoms] - self._data.xanchor[joint]
                away_m = np.linalg.norm(np.cross(offset_m, self._data.xaxis[joint]), axis=1)
                reach[row] = max(reach[row], float((away_m + self._model.geom_rbound[geoms]).max(initial=0.0)))
        return reach * 1.05

    # --- inside

    def _gripper_nearest(self, ignored: set[int]) -> tuple[float, str]:
        """Return the least distance among the contacts between a link of the gripper and one of the scene, and that."""
        links = self._geom_row[self._data.contact.geom]
        of_gripper = np.isin(links, [self._link_row(name) for name in self.gripper_links])
        of_robot = np.isin(links, [row for row, name in enumerate(self._link_names) if name.startswith(f"{ROBOT}/")])
        counts = of_gripper.any(axis=1) & ~of_robot.all(axis=1) & ~np.isin(links, list(ignored)).any(axis=1)
        counts &= ~self._allowed[links[:, 0], links[:, 1]]
        if not counts.any():
            return MARGIN_M, ""
        distance_m = np.where(counts, self._data.contact.dist, np.inf)
        least = int(np.argmin(distance_m))
        if distance_m[least] >= MARGIN_M:
            return MARGIN_M, ""
        first, second = (self._link_names[row] for row in links[least])
        return float(distance_m[least]), second if first in self.gripper_links else first
