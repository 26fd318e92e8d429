"""Measure a fitting on a robot that comes without one, and say what of it a person should look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from blueprint.pipeline.formats.link_meshes import read_surfaces
from blueprint.pipeline.scene.poses import Pose, Vec3, vec3
from blueprint.pipeline.scene.robot_fittings import (
    ArmFitting,
    BoxFitting,
    CameraFitting,
    GripperFitting,
    PadFitting,
    RobotFitting,
    ToolFitting,
)
from blueprint.pipeline.scene.robot_trees import Array, RobotTree, TreeJoint, below_only, merged

from .reduced import FittingUnusable
from .seen_hands import SeenHand, find_hands

PAD_DEPTH_M, PAD_LENGTH_M, PAD_WIDTH_M = 0.003, 0.02, 0.02
VELOCITY, EFFORT = 1.0, 30.0
"""For joints whose description states none, in rad/s or m/s and N m or N."""
POSES_TRIED = 600
_SNAP_COSINE = 0.985


@dataclass
class Guess:
    """A fitting, and what about it is worth a look."""

    fitting: RobotFitting
    remarks: list[str] = field(default_factory=list[str])


def guess_fitting(tree: RobotTree, name: str, license_name: str, source: str) -> Guess:
    """Return a fitting that is measured on the tree; raises FittingUnusable where no hand is found."""
    base = _base(tree)
    small = merged(below_only(tree, base))
    hands = find_hands(small)
    if not hands:
        raise FittingUnusable(
            name, ["no hand was found: two fingers that move, or one jaw; describe it with --fitting"]
        )
    remarks = [f"base: {base} stands on the ground"]
    driven = {j.name for hand in hands for j in _chain(small, hand)} | {n for hand in hands for n in hand.members}
    held = {j.name: _near_zero(j) for j in small.joints.values() if j.name not in driven and j.mimic is None}
    followers = {j.name: 0.0 for j in small.joints.values() if j.mimic is not None and j.name not in driven}
    if held:
        remarks.append(f"held still, because no arm needs them: {', '.join(sorted(held))}")
    arms = tuple(_arm(small, hand, label, remarks) for hand, label in zip(hands, _labels(hands), strict=True))
    reach = max(_reach(small, hand) for hand in hands)
    remarks.append(f"reach: {reach:.3f} m, the sum of the distances between the joints")
    fitting = RobotFitting(
        name=name,
        license=license_name,
        source=source,
        base_link=base,
        reach_m=round(reach, 3),
        hold={**held, **followers},
        arms=arms,
    )
    return Guess(fitting, remarks)


def _arm(tree: RobotTree, hand: SeenHand, label: str, remarks: list[str]) -> ArmFitting:
    axes = _axes(tree, hand)
    tool = _tool(tree, hand, axes)
    chain = _chain(tree, hand)
    gripper = _gripper(tree, hand, tool)
    missing = [joint.name for joint in chain if not joint.velocity or not joint.effort]
    if missing:
        remarks.append(
            f"{label}: no velocity or effort is stated for {', '.join(missing)}; {VELOCITY:g} and {EFFORT:g}"
        )
    remarks += [
        f"{label}: hand on {hand.palm}, fingers {' and '.join(hand.fingers)}, driven by {', '.join(hand.joints)}",
        f"{label}: tool frame at {_mm(tool.position_m)} mm in {tool.link}; y must close the fingers, z be the approach",
        f"{label}: the camera is put beside the hand; say where yours is",
        f"{label}: force of the fingers is taken as {gripper.max_force_n:g} N",
    ]
    return ArmFitting(
        name=label,
        home=_home(tree, chain, hand, tool),
        velocity={joint.name: VELOCITY for joint in chain if not joint.velocity},
        effort={joint.name: EFFORT for joint in chain if not joint.effort},
        tool=tool,
        gripper=gripper,
        camera=CameraFitting(position_m=(0.075, 0.0, -0.07), looks_at_m=(0.0, 0.0, 0.03)),
    )


def _gripper(tree: RobotTree, hand: SeenHand, tool: ToolFitting) -> GripperFitting:
    """Return both pads as blocks on the fingers' inner faces at their tips, as they stand with the hand closed."""
    closed = dict(zip(hand.joints, hand.closed, strict=True))
    T_tcp_root = (tree.poses(closed)[hand.palm] @ Pose(tool.position_m, tool.quat_wxyz)).inverse()
    poses, pads = tree.poses(closed), list[PadFitting]()
    for side, finger in zip((1.0, -1.0), hand.fingers, strict=True):
        points = (T_tcp_root @ poses[finger]).apply(link_points_m(tree, finger))
        if finger == hand.palm:
            points = points[side * points[:, 1] > 0]
        tip = float(points[:, 2].max())
        end = points[points[:, 2] > tip - PAD_LENGTH_M]
        face = float((side * end[:, 1]).min())
        half_x = min(PAD_WIDTH_M / 2, float(np.ptp(end[:, 0])) / 2)
        center = (float(end[:, 0].mean()), side * (face + PAD_DEPTH_M), tip - PAD_LENGTH_M / 2)
        half = (max(half_x, 0.004), PAD_DEPTH_M, PAD_LENGTH_M / 2)
        pads.append(PadFitting(link=finger, center_m=_rounded(center), half_m=_rounded(half)))
    finger, palm = _jaw_boxes(T_tcp_root, poses, tree, hand) if hand.palm in hand.fingers else (None, None)
    return GripperFitting(
        joints=hand.joints,
        closed=hand.closed,
        open=hand.open,
        pads=(pads[0], pads[1]),
        pads_at=hand.closed,
        finger=finger,
        palm=palm,
    )


def _jaw_boxes(
    T_tcp_root: Pose, poses: Mapping[str, Pose], tree: RobotTree, hand: SeenHand
) -> tuple[BoxFitting, BoxFitting]:
    """Return a finger's box, which is two pads long, and what of hand and jaw lies behind it."""
    names = dict.fromkeys(hand.fingers)
    points = np.concatenate([(T_tcp_root @ poses[name]).apply(link_points_m(tree, name)) for name in names])
    behind = points[points[:, 2] < -1.5 * PAD_LENGTH_M]
    low, high = (behind.min(axis=0), behind.max(axis=0)) if len(behind) else (np.full(3, -0.03), np.full(3, -0.03))
    half = (PAD_WIDTH_M / 2, PAD_LENGTH_M / 2, PAD_LENGTH_M)
    finger = BoxFitting(center_m=(0.0, 0.0, -PAD_LENGTH_M / 2), half_m=half)
    return finger, BoxFitting(center_m=_rounded((low + high) / 2), half_m=_rounded((high - low) / 2))


def _axes(tree: RobotTree, hand: SeenHand) -> Array:
    """Return the rotation of the tool in the palm: y from the second finger to the first, z out along the fingers."""
    opened = tree.poses(dict(zip(hand.joints, hand.open, strict=True)))
    T_palm_root = opened[hand.palm].inverse()
    first, second = ((T_palm_root @ opened[name]).apply(link_points_m(tree, name)) for name in hand.fingers)
    if hand.fingers[1] == hand.palm:
        out = first.mean(axis=0)
        second = second[second @ out > 0.5 * (second @ out).max()]
    y = first.mean(axis=0) - second.mean(axis=0)
    out = (first.mean(axis=0) + second.mean(axis=0)) / 2
    y = _snapped(y / np.linalg.norm(y))
    z = out - y * (out @ y)
    z = _snapped(z / np.linalg.norm(z))
    z -= y * (z @ y)
    z /= np.linalg.norm(z)
    return np.column_stack([np.cross(y, z), y, z])


def _tool(tree: RobotTree, hand: SeenHand, axes: Array) -> ToolFitting:
    """Return the tool frame: between the closed fingers, a pad's middle back from their tips."""
    closed = tree.poses(dict(zip(hand.joints, hand.closed, strict=True)))
    T_palm_root = closed[hand.palm].inverse()
    sides: list[Array] = []
    for name in hand.fingers:
        points = (T_palm_root @ closed[name]).apply(link_points_m(tree, name)) @ axes
        sides.append(points)
    first, second = sides
    tip = float(first[:, 2].max())
    ends = [points[points[:, 2] > tip - PAD_LENGTH_M] for points in (first, second)]
    middle = float((ends[0][:, 1].min() + ends[1][:, 1].max()) / 2) if len(ends[1]) else float(ends[0][:, 1].min())
    local = np.array([float(ends[0][:, 0].mean()), middle, tip - PAD_LENGTH_M / 2])
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = axes, axes @ local
    pose = Pose.from_matrix(T)
    return ToolFitting(link=hand.palm, position_m=_rounded(pose.position_m), quat_wxyz=pose.quat_wxyz)


def _home(tree: RobotTree, chain: Sequence[TreeJoint], hand: SeenHand, tool: ToolFitting) -> Mapping[str, float]:
    """Return the best of many drawn postures: tool down, in front at half reach, joints far from their limits."""
    rng, reach = np.random.default_rng(0), _reach(tree, hand)
    lower = np.array([-np.pi if joint.lower is None else max(joint.lower, -np.pi) for joint in chain])
    upper = np.array([np.pi if joint.upper is None else min(joint.upper, np.pi) for joint in chain])
    best, found = -np.inf, (lower + upper) / 2
    for _ in range(POSES_TRIED):
        drawn = rng.uniform(0.9 * lower + 0.1 * upper, 0.1 * lower + 0.9 * upper)
        moved = {joint.name: float(value) for joint, value in zip(chain, drawn, strict=True)}
        T = tree.poses(moved)[hand.palm] @ Pose(tool.position_m, tool.quat_wxyz)
        x, y, z = T.position_m
        down, away = -float(T.rotation()[2, 2]), abs(float(np.hypot(x, y)) / reach - 0.55)
        comfort = float((np.minimum(drawn - lower, upper - drawn) / (upper - lower)).min())
        score = 2 * down - away - abs(np.arctan2(y, x)) / 3 + comfort - (10.0 if z < 0.05 else 0.0)
        if score > best:
            best, found = score, drawn
    return {joint.name: round(float(value), 4) for joint, value in zip(chain, found, strict=True)}


def link_points_m(tree: RobotTree, link: str) -> Array:
    """Return the vertices of a link's colliders, or of what is seen of it where it has none, in its frame."""
    body = tree.links[link]
    shapes = body.collisions or body.visuals
    return np.concatenate([surface.vertices_m for shape in shapes for surface in read_surfaces(shape)])


def _base(tree: RobotTree) -> str:
    """Return the first link from the root that has a shape: what comes before only says where the robot stands."""
    name = tree.root
    while not (tree.links[name].visuals or tree.links[name].collisions):
        children = [joint.child for joint in tree.joints.values() if joint.parent == name]
        if len(children) != 1:
            break
        name = children[0]
    return name


def _chain(tree: RobotTree, hand: SeenHand) -> tuple[TreeJoint, ...]:
    return tuple(joint for joint in tree.chain_to(hand.palm) if joint.mimic is None)


def _reach(tree: RobotTree, hand: SeenHand) -> float:
    """Return the sum of the distances between the arm's joints, from the second on, and to the hand's tips."""
    chain = _chain(tree, hand)
    steps = [float(np.linalg.norm(joint.T_parent_joint.position_m)) for joint in chain[2:]]
    fingers = (np.linalg.norm(link_points_m(tree, finger), axis=1).max() for finger in hand.fingers)
    return sum(steps) + float(max(fingers))


def _labels(hands: Sequence[SeenHand]) -> Iterator[str]:
    """Name arms by the side that their links' names tell, or count them."""
    for at, hand in enumerate(hands):
        words = hand.palm.lower()
        side = next((side for side in ("left", "right") if side in words or words.startswith(f"{side[0]}_")), "")
        unique = sum(side in other.palm.lower() for other in hands) == 1
        yield side if side and unique and len(hands) > 1 else ("arm" if at == 0 else f"arm_{at + 1}")


def _near_zero(joint: TreeJoint) -> float:
    return float(np.clip(0.0, joint.lower or -np.inf, joint.upper or np.inf)) if joint.lower is not None else 0.0


def _snapped(direction: Array) -> Array:
    """Return the axis of the palm that a direction is meant to be, if it is near one."""
    axis = int(np.abs(direction).argmax())
    if abs(direction[axis]) < _SNAP_COSINE:
        return direction
    return np.sign(direction[axis]) * np.eye(3)[axis]


def _mm(position_m: Vec3) -> str:
    return ", ".join(f"{1e3 * value:.1f}" for value in position_m)


def _rounded(values: Sequence[float] | Array) -> Vec3:
    return vec3([round(float(value), 5) + 0.0 for value in values])
