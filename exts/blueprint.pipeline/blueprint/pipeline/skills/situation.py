"""What a skill starts from and leaves behind: the arm, the gripper, where everything stands, and what is held."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """What is between the fingers: a movable prop, or a link of furniture that moves by `joint`.

    `T_tcp_body` is T_tcp_prop of a movable prop and T_tcp_link of furniture.
    """

    prop: str
    body: str
    T_tcp_body: Pose
    width_m: float
    joint: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Situation:
    """One instant: arm posture (n,), opening of the gripper, T_world_prop of what moves freely, furniture's joints.

    `touched` names links that the gripper is about or beside, so that it may touch them while it leaves.
    """

    arm_rad: Array
    width_m: float
    T_world_props: Mapping[str, Pose]
    joints: Mapping[str, float]
    held: Held | None = None
    touched: tuple[str, ...] = ()

    def signature(self, *, arm: bool = True) -> Hashable:
        """Return what two situations share exactly when they are the same bit for bit, `arm` or all but where it is."""
        posture = self.arm_rad.tobytes() if arm else b""
        stands, joints = tuple(sorted(self.T_world_props.items())), tuple(sorted(self.joints.items()))
        return posture, self.width_m, self.held, self.touched, stands, joints
