"""Cut a description down to what acts: the base stands, what is not driven is rigid, fixed links are one body."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robot_fittings import ArmFitting, RobotFitting
from blueprint.pipeline.scene.robot_trees import RobotTree, TreeJoint, TreeLink, below_only, merged, rigid, without

TURN_RAD = 2 * float(np.pi)
"""Limit to both sides of a joint that turns without end: planners and drives want one."""


class FittingUnusable(InputError):
    """A fitting does not fit its description; all its faults are listed."""

    def __init__(self, name: str, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))


@dataclass(frozen=True, eq=False)
class ReducedArm:
    """An arm's joints in order, its hand's followers, and T_link_tcp of the body that carries its tool."""

    fitting: ArmFitting
    joints: tuple[TreeJoint, ...]
    followers: tuple[TreeJoint, ...]
    tool_link: str
    T_link_tcp: Pose


@dataclass(frozen=True, eq=False)
class Reduced:
    """The tree of bodies that is simulated, and its arms."""

    tree: RobotTree
    arms: tuple[ReducedArm, ...]


def reduce_robot(tree: RobotTree, fitting: RobotFitting) -> Reduced:
    """Apply a fitting's cuts; raises FittingUnusable listing every fault."""
    faults = list(_unknown(tree, fitting))
    if faults:
        raise FittingUnusable(fitting.name, faults)
    whole = _with_limits(
        rigid(without(below_only(tree, fitting.base_link), frozenset(fitting.drop)), fitting.hold), fitting
    )
    small = merged(whole)
    arms = tuple(_arm(small, arm) for arm in fitting.arms)
    faults = [*_loose(small, arms), *(fault for arm in arms for fault in _arm_faults(small, arm))]
    if faults:
        raise FittingUnusable(fitting.name, faults)
    return Reduced(_heavy_enough(small, fitting.least_mass_kg), arms)


def _unknown(tree: RobotTree, fitting: RobotFitting) -> Iterator[str]:
    links = [("base_link", fitting.base_link), *(("drop", name) for name in fitting.drop)]
    joints = [("hold", name) for name in fitting.hold]
    for at, arm in enumerate(fitting.arms):
        links.append((f"arms.{at}.tool.link", arm.tool.link))
        joints += [(f"arms.{at}.gripper.joints", name) for name in arm.gripper.joints]
        for field in ("home", "acceleration", "velocity", "effort", "limits"):
            joints += [(f"arms.{at}.{field}", name) for name in getattr(arm, field)]
    for kind, named, known in (("link", links, tree.links), ("joint", joints, tree.joints)):
        for field, name in named:
            if name not in known:
                yield f"{field}: {UnknownName(kind, name, known)}"


def _with_limits(tree: RobotTree, fitting: RobotFitting) -> RobotTree:
    changed = dict(tree.joints)
    for arm in fitting.arms:
        for name, (lower, upper) in arm.limits.items():
            changed[name] = replace(changed[name], lower=lower, upper=upper)
        for name, velocity in arm.velocity.items():
            changed[name] = replace(changed[name], velocity=velocity)
        for name, effort in arm.effort.items():
            changed[name] = replace(changed[name], effort=effort)
    for name, joint in changed.items():
        if joint.kind == "revolute" and (joint.lower is None or joint.upper is None):
            changed[name] = replace(joint, lower=-TURN_RAD, upper=TURN_RAD)
    return replace(tree, joints=changed)


def _arm(tree: RobotTree, fitting: ArmFitting) -> ReducedArm:
    link, T_link_frame = tree.frames.get(fitting.tool.link, (fitting.tool.link, Pose()))
    T_link_tcp = T_link_frame @ Pose(fitting.tool.position_m, fitting.tool.quat_wxyz)
    hand = fitting.gripper.joints
    followers = tuple(
        joint for joint in tree.joints.values() if joint.mimic and joint.mimic.leader in hand and joint.name not in hand
    )
    joints = tuple(joint for joint in tree.chain_to(link) if joint.mimic is None and joint.name not in hand)
    return ReducedArm(fitting, joints, followers, link, T_link_tcp)


def _loose(tree: RobotTree, arms: tuple[ReducedArm, ...]) -> Iterator[str]:
    """Name joints that nothing drives."""
    driven = {joint.name for arm in arms for joint in (*arm.joints, *arm.followers)}
    driven |= {name for arm in arms for name in arm.fitting.gripper.joints}
    for name in tree.joints:
        if name not in driven:
            yield f"joint {name!r} belongs to no arm and no hand; name it under `hold`, or its link under `drop`"


def _arm_faults(tree: RobotTree, arm: ReducedArm) -> Iterator[str]:
    fitting, gripper = arm.fitting, arm.fitting.gripper
    for joint in arm.joints:
        if joint.name not in fitting.home:
            yield f"{fitting.name}: home names no position for joint {joint.name!r}"
        for value, what in ((joint.lower, "limits"), (joint.velocity, "velocity"), (joint.effort, "effort")):
            if value is None or (what != "limits" and value <= 0):
                yield f"{fitting.name}: joint {joint.name!r} has no {what}; name it under `{what}`"
    for name in sorted(set(fitting.home) - {joint.name for joint in arm.joints}):
        yield f"{fitting.name}: home names {name!r}, which is no joint between base and tool"
    if not len(gripper.joints) == len(gripper.open) == len(gripper.closed):
        yield f"{fitting.name}: gripper needs one open and one closed position for each of {list(gripper.joints)}"
    if gripper.pads_at is not None and len(gripper.pads_at) != len(gripper.joints):
        yield f"{fitting.name}: gripper.pads_at needs one position for each of {list(gripper.joints)}"
    for pad in gripper.pads:
        if pad.link not in tree.links and pad.link not in tree.frames:
            yield f"{fitting.name}: {UnknownName('link', pad.link, tree.links, where='gripper.pads')}"


def _heavy_enough(tree: RobotTree, least_kg: float) -> RobotTree:
    """Give every body a mass and an inertia that engines can integrate: those of a ball of 2 cm at the least."""
    links: dict[str, TreeLink] = {}
    for name, link in tree.links.items():
        mass = max(link.mass_kg, least_kg)
        moments, axes = np.linalg.eigh((link.inertia_kg_m2 + link.inertia_kg_m2.T) / 2)
        least = 0.4 * mass * 0.02**2
        moments = np.maximum(moments, least)
        # No real body's largest moment exceeds the sum of the others; the margin is for single precision.
        moments[0] = max(moments[0], 1.001 * moments[2] - moments[1])
        links[name] = replace(link, mass_kg=mass, inertia_kg_m2=axes @ np.diag(moments) @ axes.T)
    return replace(tree, links=links)
