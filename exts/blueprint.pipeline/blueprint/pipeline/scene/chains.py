"""A serial chain of links: forward kinematics from plain numbers, without any engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from blueprint.pipeline.scene.poses import Pose, Vec3


@dataclass(frozen=True, slots=True)
class ChainJoint:
    """One joint from parent to child link; `axis` is a unit vector in the joint's frame."""

    name: str
    kind: Literal["revolute", "prismatic", "fixed"]
    T_parent_joint: Pose
    axis: Vec3
    T_joint_child: Pose


@dataclass(frozen=True, slots=True)
class Chain:
    """The joints from a base link to the link that carries the tool, in order."""

    robot: str
    base_link: str
    tool_link: str
    joints: tuple[ChainJoint, ...]
    T_link_tcp: Pose

    @property
    def moving(self) -> tuple[str, ...]:
        """Names of the joints that move, base first."""
        return tuple(joint.name for joint in self.joints if joint.kind != "fixed")


def forward_kinematics(chain: Chain, positions: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
    """Return T_base_tcp (N, 4, 4) for joint positions of N rows each, in rad or m.

    Product of joint transforms, each the exponential of its axis (Rodrigues' formula).
    """
    count = len(np.atleast_1d(np.asarray(positions[chain.moving[0]]))) if chain.moving else 1
    pose = np.tile(np.eye(4), (count, 1, 1))
    for joint in chain.joints:
        pose = pose @ joint.T_parent_joint.matrix() @ _motion(joint, positions, count) @ joint.T_joint_child.matrix()
    return pose @ chain.T_link_tcp.matrix()


def _motion(joint: ChainJoint, positions: Mapping[str, ArrayLike], count: int) -> NDArray[np.float64]:
    T = np.tile(np.eye(4), (count, 1, 1))
    if joint.kind == "fixed":
        return T
    values = np.atleast_1d(np.asarray(positions[joint.name], dtype=np.float64))
    axis = np.asarray(joint.axis)
    if joint.kind == "prismatic":
        T[:, :3, 3] = values[:, None] * axis
        return T
    K = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    sine, cosine = np.sin(values)[:, None, None], np.cos(values)[:, None, None]
    T[:, :3, :3] = np.eye(3) + sine * K + (1 - cosine) * (K @ K)
    return T


def rotation_angles_rad(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angle (N,) between two stacks of rotations (N, 3, 3).

    From the Frobenius norm of their difference, 2 sqrt(2) sin(angle / 2), which stays exact near zero.
    """
    chord = np.linalg.norm(first - second, axis=(1, 2)) / (2 * np.sqrt(2))
    return 2 * np.arcsin(np.clip(chord, 0.0, 1.0))


def joint_columns(names: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Map each wanted joint to its column among names such as `robot/panda_joint1.position`."""
    short = {name.rpartition("/")[2].removesuffix(".position"): at for at, name in enumerate(names)}
    return {name: short[name] for name in wanted}
