"""Decide everything about a robot: bodies and colliders, servos, hands, and which links may pass each other."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from blueprint.pipeline.formats.link_meshes import Surface, hull, lighter, read_surfaces, slabs
from blueprint.pipeline.scene.grippers import Gripper
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robot_builds import (
    BoxPart,
    BuiltCamera,
    BuiltJoint,
    BuiltLink,
    HullPart,
    RobotBuild,
    Servo,
    Skin,
)
from blueprint.pipeline.scene.robot_fittings import RobotFitting
from blueprint.pipeline.scene.robot_trees import Block, LinkShape, RobotTree, TreeJoint, TreeLink
from blueprint.pipeline.scene.robots import Arm, Axis, Robot, Tool, WristCamera
from blueprint.pipeline.sims.robot_contacts import LinkContacts
from blueprint.pipeline.usd.robot_author import camera_pose

from .camera_housings import with_housings
from .hands import Hand, measure_boxes, measure_gripper, place_pads
from .reduced import Reduced, ReducedArm, reduce_robot

TRIANGLES = 16_000
"""Visible triangles of a whole robot."""
TOOL_FRAME, CAMERA = "tool_center_point", "wrist_camera"
SAMPLED_POSES = 60
HAND_SPEED_SHARE = 4.0
"""Velocity limit of a hand's joints over what the closing speed needs."""


def build_robot(tree: RobotTree, fitting: RobotFitting, usd_path: str) -> tuple[RobotBuild, Robot]:
    """Return the robot ready to be written and its description; raises FittingUnusable."""
    reduced = reduce_robot(tree, fitting)
    hands = [place_pads(reduced.tree, arm) for arm in reduced.arms]
    grippers = [measure_gripper(hand) for hand in hands]
    rest = _rest(reduced, grippers)
    links = _links(reduced.tree, fitting, hands, rest)
    by_name = {link.link.name: link for link in links}
    housed = tuple(with_housings(link, reduced.arms) for link in links)
    joints = tuple(_joints(reduced, fitting, grippers, rest))
    build = RobotBuild(
        fitting.name,
        reduced.tree.root,
        housed,
        joints,
        tuple((arm.tool_link, _tool_frame(arm, reduced.arms), arm.T_link_tcp) for arm in reduced.arms),
        tuple(_camera(arm, reduced.arms) for arm in reduced.arms),
        tuple(sorted(_passing(reduced, hands, housed, rest, joints))),
    )
    arms = tuple(
        _arm(arm, reduced.arms, gripper, measure_boxes(hand, by_name).model_dump())
        for arm, gripper, hand in zip(reduced.arms, grippers, hands, strict=True)
    )
    robot = Robot(
        format="blueprint.robot",
        version=2,
        name=fitting.name,
        usd_path=usd_path,
        license=fitting.license,
        source=fitting.source,
        base_link=reduced.tree.root,
        reach_m=fitting.reach_m,
        comfort_m=fitting.comfort_m or (round(0.35 * fitting.reach_m, 3), round(0.84 * fitting.reach_m, 3)),
        stands_on=fitting.stands_on,
        riser_m=fitting.riser_m,
        arms=arms,
    )
    return build, robot


def _rest(reduced: Reduced, grippers: Sequence[Gripper]) -> dict[str, float]:
    """Return every joint's rest position: arms at home, hands open, followers where these put them."""
    moved = {name: value for arm in reduced.arms for name, value in arm.fitting.home.items()}
    for gripper in grippers:
        moved |= dict(zip(gripper.joints, gripper.open_positions, strict=True))
    return reduced.tree.positions(moved)


# --- bodies


def _links(
    tree: RobotTree, fitting: RobotFitting, hands: Sequence[Hand], rest: Mapping[str, float]
) -> tuple[BuiltLink, ...]:
    poses = tree.poses(rest)
    seen = {name: [s for shape in link.visuals for s in read_surfaces(shape)] for name, link in tree.links.items()}
    total = sum(len(surface.faces) for surfaces in seen.values() for surface in surfaces)
    share = min(1.0, TRIANGLES / max(total, 1))
    pads = [(link, pad) for hand in hands for link, pad in hand.pads]
    rubber = {name for hand in hands for name in hand.arm.fitting.gripper.rubber_links}
    return tuple(
        BuiltLink(
            link,
            poses[name],
            tuple(_skins(seen[name], share)),
            tuple(_hulls(link, fitting)),
            tuple(BoxPart(*_box(shape)) for shape in link.collisions if isinstance(shape.geometry, Block)),
            tuple(pad for owner, pad in pads if owner == name),
            name in rubber,
        )
        for name, link in tree.links.items()
    )


def _skins(surfaces: Sequence[Surface], share: float) -> Iterator[Skin]:
    """Gather surfaces by colour and make them lighter."""
    for color in sorted({surface.color for surface in surfaces}):
        alike = [surface for surface in surfaces if surface.color == color]
        starts = np.cumsum([0, *(len(each.vertices_m) for each in alike)])
        faces = np.concatenate([each.faces + start for each, start in zip(alike, starts[:-1], strict=True)])
        whole = Surface(np.concatenate([each.vertices_m for each in alike]), faces, color)
        light = lighter(whole, max(60, int(share * len(faces))))
        yield Skin(light.vertices_m, light.faces, color)


def _hulls(link: TreeLink, fitting: RobotFitting) -> Iterator[HullPart]:
    """Wrap every collision mesh in a hull, or all of a link's in one per slab where the fitting cuts it."""
    solid = [shape for shape in link.collisions if not isinstance(shape.geometry, Block)]
    heights = fitting.slabs.get(link.name, ())
    shapes = [read_surfaces(shape) for shape in solid]
    clouds = slabs([s for surfaces in shapes for s in surfaces], heights) if heights else []
    if not heights and shapes:
        clouds = [np.concatenate([s.vertices_m for surfaces in shapes for s in surfaces])]
    for cloud in clouds:
        corners, faces, _ = hull(cloud, fitting.hull_vertices)
        yield HullPart(corners, faces)


def _box(shape: LinkShape) -> tuple[Pose, tuple[float, float, float]]:
    assert isinstance(shape.geometry, Block)
    x, y, z = shape.geometry.size_m
    return shape.T_link_shape, (x / 2, y / 2, z / 2)


# --- joints


def _joints(
    reduced: Reduced, fitting: RobotFitting, grippers: Sequence[Gripper], rest: Mapping[str, float]
) -> Iterator[BuiltJoint]:
    inertia = joint_inertia(reduced.tree, rest)
    hands = dict[str, tuple[float, float, Servo | None]]()
    for arm, gripper in zip(reduced.arms, grippers, strict=True):
        hands |= _hand_joints(arm, gripper)
    for joint in reduced.tree.joints.values():
        lower, upper = joint.lower or 0.0, joint.upper or 0.0
        if joint.name in hands:
            armature, velocity, servo = hands[joint.name]
            yield BuiltJoint(joint, lower, upper, velocity, rest[joint.name], armature, servo, True)
            continue
        moved = _significant(inertia[joint.name] + fitting.armature)
        stiffness, damping = moved * fitting.servo_rad_s**2, 2 * moved * fitting.servo_rad_s
        servo = Servo(_significant(stiffness), _significant(damping), joint.effort or 0.0)
        yield BuiltJoint(joint, lower, upper, joint.velocity or 0.0, rest[joint.name], fitting.armature, servo, False)


def _hand_joints(arm: ReducedArm, gripper: Gripper) -> dict[str, tuple[float, float, Servo | None]]:
    """Return armature, velocity limit and servo of a hand's joints, from forces and masses at the pads.

    A joint that moves the pads by `lever` metres a radian makes a force F of a torque F * lever, and a mass m of an
    inertia m * lever^2.
    """
    wanted, found = arm.fitting.gripper, dict[str, tuple[float, float, Servo | None]]()
    span_m = gripper.max_width_m - gripper.min_width_m
    levers = dict[str, float]()
    for at, name in enumerate(gripper.joints):
        way = abs(gripper.strokes[-1].positions[at] - gripper.strokes[0].positions[at])
        sharing = len(gripper.joints)
        levers[name] = span_m / way / sharing
        force = wanted.max_force_n * levers[name]
        stiffness = force / (wanted.squeeze_width_m / sharing / levers[name])
        inertia = wanted.moving_mass_kg * levers[name] ** 2
        damping = 2 * float(np.sqrt(stiffness * inertia))
        servo = Servo(_significant(stiffness), _significant(damping), _significant(force))
        speed = HAND_SPEED_SHARE * wanted.closing_width_m_s / sharing / levers[name]
        found[name] = (_significant(inertia), _significant(speed), servo)
    for joint in arm.followers:
        armature, speed, _ = found[joint.mimic.leader if joint.mimic else ""]
        found[joint.name] = (armature, speed, None)
    return found


def joint_inertia(tree: RobotTree, rest: Mapping[str, float]) -> dict[str, float]:
    """Return what each joint turns or shifts at rest, in kg m2 or kg: the diagonal of the mass matrix."""
    poses, found = tree.poses(rest), dict[str, float]()
    for joint in tree.joints.values():
        T_root_joint = poses[joint.parent] @ joint.T_parent_joint
        axis, origin = T_root_joint.rotation() @ joint.axis, np.asarray(T_root_joint.position_m)
        total = 0.0
        for name in tree.below(joint.child):
            link, R = tree.links[name], poses[name].rotation()
            if joint.kind == "prismatic":
                total += link.mass_kg
                continue
            arm = poses[name].apply(link.center_of_mass_m) - origin
            across = arm - axis * (arm @ axis)
            total += float(axis @ R @ link.inertia_kg_m2 @ R.T @ axis + link.mass_kg * across @ across)
        found[joint.name] = total
    return found


# --- who passes whom


def _passing(
    reduced: Reduced,
    hands: Sequence[Hand],
    links: Sequence[BuiltLink],
    rest: Mapping[str, float],
    joints: Sequence[BuiltJoint],
) -> set[tuple[str, str]]:
    """Return pairs that need not collide: neighbours, a hand's own parts, and hulls that meet wherever the arm is."""
    tree = reduced.tree
    order = list(tree.links)
    pairs = {(joint.parent, joint.child) for joint in tree.joints.values()}
    for hand in hands:
        parts = list(tree.below(hand.arm.tool_link))
        carrier = tree.joint_of(hand.arm.tool_link)
        # Fingers are bolted to the hand at the very distance at which they pass what carries it.
        parts += [carrier.parent] if carrier else []
        pairs |= {(first, second) for first in parts for second in parts if order.index(first) < order.index(second)}
    contacts = LinkContacts([link for link in links if link.hulls or link.boxes or link.pads])
    rng = np.random.default_rng(0)
    always = contacts.touching(tree.poses(rest))
    pairs |= always
    moving = [joint for joint in joints if joint.servo is not None and not joint.of_hand]
    counts = dict[tuple[str, str], int]()
    for _ in range(SAMPLED_POSES):
        drawn = {each.joint.name: float(rng.uniform(each.lower, each.upper)) for each in moving}
        for pair in contacts.touching(tree.poses({**rest, **drawn})):
            counts[pair] = counts.get(pair, 0) + 1
    pairs |= {pair for pair, count in counts.items() if count >= 0.9 * SAMPLED_POSES}
    return pairs


# --- the description


def _arm(arm: ReducedArm, arms: Sequence[ReducedArm], gripper: Gripper, boxes: Mapping[str, object]) -> Arm:
    fitting, T = arm.fitting, arm.T_link_tcp
    field_of_view = float(np.radians(fitting.camera.field_of_view_deg))
    return Arm.model_validate(
        {
            "name": fitting.name,
            "axes": tuple(_axis(joint, arm) for joint in arm.joints),
            "gripper": gripper,
            "tool": Tool(
                link=arm.tool_link,
                frame=f"{arm.tool_link}/{_tool_frame(arm, arms)}",
                position_m=T.position_m,
                quat_wxyz=T.quat_wxyz,
            ),
            "gripper_boxes": boxes,
            "wrist_cameras": (
                WristCamera(prim=f"{arm.tool_link}/{_camera(arm, arms).name}", field_of_view_rad=field_of_view),
            ),
        }
    )


def _axis(joint: TreeJoint, arm: ReducedArm) -> Axis:
    velocity = joint.velocity or 0.0
    acceleration = arm.fitting.acceleration.get(joint.name, 10.0 * velocity)
    return Axis(
        name=joint.name,
        kind="prismatic" if joint.kind == "prismatic" else "revolute",
        lower=joint.lower or 0.0,
        upper=joint.upper or 0.0,
        velocity=velocity,
        acceleration=_significant(acceleration),
        jerk=_significant(acceleration / arm.fitting.jerk_s),
        effort=joint.effort or 0.0,
        home=arm.fitting.home[joint.name],
    )


def _tool_frame(arm: ReducedArm, arms: Sequence[ReducedArm]) -> str:
    return _own(TOOL_FRAME, arm, arms)


def _camera(arm: ReducedArm, arms: Sequence[ReducedArm]) -> BuiltCamera:
    camera = arm.fitting.camera
    T_link_camera = arm.T_link_tcp @ camera_pose(camera.position_m, camera.looks_at_m)
    field_of_view = float(np.radians(camera.field_of_view_deg))
    return BuiltCamera(arm.tool_link, _own(CAMERA, arm, arms), T_link_camera, field_of_view)


def _own(name: str, arm: ReducedArm, arms: Sequence[ReducedArm]) -> str:
    """Return a name that tells arms apart that share a link, as two hands on one body do."""
    alone = sum(other.tool_link == arm.tool_link for other in arms) == 1
    return name if alone else f"{name}_{arm.fitting.name}"


def _significant(value: float) -> float:
    return float(f"{value:.3g}")
