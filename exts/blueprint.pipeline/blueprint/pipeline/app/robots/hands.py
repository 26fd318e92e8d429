"""Measure a hand on its own geometry: where its pads are, which positions make which width, what boxes it fills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.grippers import Gripper, GripperBoxes, Stroke
from blueprint.pipeline.scene.poses import Pose, Vec3, vec3
from blueprint.pipeline.scene.robot_builds import BoxPart, BuiltLink, box_corners_m
from blueprint.pipeline.scene.robot_trees import Array, RobotTree

from .reduced import FittingUnusable, ReducedArm

ROWS = 25
STRAIGHT_M = 2e-5
"""A table of two rows is kept where positions make widths to within this."""


@dataclass(frozen=True, eq=False)
class Hand:
    """A hand on a tree of bodies: the pads in their fingers' frames."""

    tree: RobotTree
    arm: ReducedArm
    pads: tuple[tuple[str, BoxPart], ...]

    def pads_at(self, positions: Sequence[float]) -> tuple[Array, Array]:
        """Return both pads' corners, each (8, 3), in the tool frame."""
        poses = self.tree.poses(dict(zip(self.arm.fitting.gripper.joints, positions, strict=True)))
        T_tcp_root = (poses[self.arm.tool_link] @ self.arm.T_link_tcp).inverse()
        first, second = ((T_tcp_root @ poses[link]).apply(box_corners_m(box)) for link, box in self.pads)
        return first, second

    def stroke(self, positions: Sequence[float]) -> Stroke:
        """Return the width between the pads: that of the widest block with faces square to the tool's y."""
        first, second = self.pads_at(positions)
        left, right = float(first[:, 1].min()), float(second[:, 1].max())
        x, _, z = ((first.mean(axis=0) + second.mean(axis=0)) / 2).tolist()
        middle = (_rounded(x), _rounded((left + right) / 2), _rounded(z))
        return Stroke(width_m=_rounded(left - right), positions=tuple(map(_rounded, positions)), middle_m=middle)


def place_pads(tree: RobotTree, arm: ReducedArm) -> Hand:
    """Return the hand with its pads, which the fitting gives in the tool frame, in their fingers' frames."""
    gripper = arm.fitting.gripper
    at = gripper.open if gripper.pads_at is None else gripper.pads_at
    poses = tree.poses(dict(zip(gripper.joints, at, strict=True)))
    T_root_tcp = poses[arm.tool_link] @ arm.T_link_tcp
    pads: list[tuple[str, BoxPart]] = []
    for pad in gripper.pads:
        link = tree.frames[pad.link][0] if pad.link in tree.frames else pad.link
        pads.append((link, BoxPart(poses[link].inverse() @ T_root_tcp @ Pose(pad.center_m), pad.half_m)))
    return Hand(tree, arm, tuple(pads))


def measure_gripper(hand: Hand) -> Gripper:
    """Return the gripper with its table of widths; raises FittingUnusable where it does not open."""
    fitting = hand.arm.fitting.gripper
    closed, opened = np.array(fitting.closed), np.array(fitting.open)
    rows = [hand.stroke((closed + share * (opened - closed)).tolist()) for share in np.linspace(0.0, 1.0, ROWS)]
    widths = np.array([row.width_m for row in rows])
    # Pads that would be inside each other touch already: the table begins where they meet.
    start = int(np.flatnonzero(widths >= 0)[0]) if (widths >= 0).any() else ROWS
    if start > ROWS - 2 or not (np.diff(widths[start:]) > 0).all():
        seen = ", ".join(f"{1e3 * width:.1f}" for width in widths)
        raise FittingUnusable(
            hand.arm.fitting.name,
            [f"the hand must open from `closed` to `open`, but the pads are apart by {seen} mm on the way"],
        )
    kept = rows[start:]
    if start > 0:
        kept = [_meeting(hand, rows[start - 1], rows[start]), *kept]
    straight = np.linspace(kept[0].width_m, kept[-1].width_m, len(kept))
    if len(kept) == ROWS and np.abs(straight - [row.width_m for row in kept]).max() < STRAIGHT_M:
        kept = [kept[0], kept[-1]]
    return Gripper(
        joints=fitting.joints,
        followers=tuple(joint.name for joint in hand.arm.followers),
        fingers=(hand.pads[0][0], hand.pads[1][0]),
        strokes=tuple(kept),
        closing_width_m_s=fitting.closing_width_m_s,
        squeeze_width_m=fitting.squeeze_width_m,
        max_force_n=fitting.max_force_n,
    )


def measure_boxes(hand: Hand, links: Mapping[str, BuiltLink]) -> GripperBoxes:
    """Return the open hand as boxes in the tool frame."""
    fitting = hand.arm.fitting.gripper
    poses = hand.tree.poses(dict(zip(fitting.joints, fitting.open, strict=True)))
    T_tcp_root = (poses[hand.arm.tool_link] @ hand.arm.T_link_tcp).inverse()
    first, second = hand.pads_at(fitting.open)
    half = (np.ptp(first, axis=0) + np.ptp(second, axis=0)) / 4
    fingers = {link for link, _ in hand.pads}
    width = hand.stroke(fitting.open)
    if fitting.finger is None:
        corners = np.concatenate([(T_tcp_root @ poses[name]).apply(links[name].points_m()) for name in sorted(fingers)])
        finger_half, finger_center = _finger_box(corners, width)
    else:
        finger_half, finger_center = fitting.finger.half_m, fitting.finger.center_m
    if fitting.palm is None:
        behind = [name for name in hand.tree.below(hand.arm.tool_link) if name not in fingers]
        corners = np.concatenate([(T_tcp_root @ poses[name]).apply(links[name].points_m()) for name in behind])
        palm_half, palm_center = np.ptp(corners, axis=0) / 2, (corners.min(axis=0) + corners.max(axis=0)) / 2
    else:
        palm_half, palm_center = fitting.palm.half_m, fitting.palm.center_m
    return GripperBoxes(
        pad_half_m=_vec(half),
        pad_center_z_m=_rounded(float((first[:, 2].mean() + second[:, 2].mean()) / 2) - width.middle_m[2]),
        finger_half_m=_vec(finger_half),
        finger_center_z_m=_rounded(float(finger_center[2]) - width.middle_m[2]),
        palm_half_m=_vec(palm_half),
        palm_center_m=_vec(palm_center),
    )


def _finger_box(corners: Array, width: Stroke) -> tuple[Array, Array]:
    """Return half sizes and centre of one finger's box, large enough for either: from its pad's face outwards."""
    middle_y = width.middle_m[1]
    outermost = float(np.abs(corners[:, 1] - middle_y).max())
    low, high = corners.min(axis=0), corners.max(axis=0)
    half = (high - low) / 2
    half[0] = np.abs(corners[:, 0]).max()
    half[1] = (outermost - width.width_m / 2) / 2
    return half, (high + low) / 2


def _meeting(hand: Hand, inside: Stroke, outside: Stroke) -> Stroke:
    """Return the row at which the pads just meet, by bisection."""
    low, high = np.array(inside.positions), np.array(outside.positions)
    for _ in range(40):
        middle = (low + high) / 2
        if hand.stroke(middle.tolist()).width_m < 0:
            low = middle
        else:
            high = middle
    return hand.stroke(high.tolist())


def _vec(values: Sequence[float] | Array) -> Vec3:
    return vec3([_rounded(float(value)) for value in values])


def _rounded(value: float) -> float:
    return round(value, 6) + 0.0
