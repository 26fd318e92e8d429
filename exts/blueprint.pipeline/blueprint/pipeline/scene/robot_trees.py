"""A robot as a tree of links and joints, as descriptions such as URDF hold it, and where its links stand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, Vec3

Array = NDArray[np.float64]
Color = tuple[float, float, float]
JointKind = Literal["fixed", "revolute", "prismatic"]

GREY: Color = (0.7, 0.7, 0.72)
AT_LINK = Pose()


@dataclass(frozen=True, slots=True)
class ShapeFile:
    """A mesh file, stretched by `scale`."""

    path: Path
    scale: Vec3 = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Block:
    """A box, by its full size."""

    size_m: Vec3


@dataclass(frozen=True, slots=True)
class Drum:
    """A cylinder about z, or, with no length, a sphere."""

    radius_m: float
    length_m: float


@dataclass(frozen=True, slots=True)
class LinkShape:
    """One shape in its link's frame; colours are sRGB shares, and None where the file has its own or none."""

    geometry: ShapeFile | Block | Drum
    T_link_shape: Pose = AT_LINK
    color: Color | None = None


@dataclass(frozen=True, eq=False)
class TreeLink:
    """One link; the inertia (3, 3) is about the centre of mass, in the link's axes."""

    name: str
    mass_kg: float
    center_of_mass_m: Vec3
    inertia_kg_m2: Array
    visuals: tuple[LinkShape, ...] = ()
    collisions: tuple[LinkShape, ...] = ()


@dataclass(frozen=True, slots=True)
class Mimic:
    """A joint that follows another: position = ratio * leader + offset."""

    leader: str
    ratio: float
    offset: float


@dataclass(frozen=True, slots=True)
class TreeJoint:
    """One joint; limits and effort in radians and newton metres, or metres and newtons, None where none is stated."""

    name: str
    kind: JointKind
    parent: str
    child: str
    T_parent_joint: Pose
    axis: Vec3 = (1.0, 0.0, 0.0)
    lower: float | None = None
    upper: float | None = None
    velocity: float | None = None
    effort: float | None = None
    mimic: Mimic | None = None


@dataclass(frozen=True, eq=False)
class RobotTree:
    """Links and joints by name, parents before their children."""

    name: str
    links: Mapping[str, TreeLink]
    joints: Mapping[str, TreeJoint]
    frames: Mapping[str, tuple[str, Pose]]
    """Frames without a body of their own: the link that carries each, and T_link_frame."""

    @property
    def root(self) -> str:
        """The link that no joint carries."""
        children = {joint.child for joint in self.joints.values()}
        return next(name for name in self.links if name not in children)

    def joint_of(self, link: str) -> TreeJoint | None:
        """Return the joint that carries a link, None for the root."""
        return next((joint for joint in self.joints.values() if joint.child == link), None)

    def chain_to(self, link: str) -> tuple[TreeJoint, ...]:
        """Return the joints from the root to a link, the root's first."""
        found: list[TreeJoint] = []
        joint = self.joint_of(link)
        while joint is not None:
            found.insert(0, joint)
            joint = self.joint_of(joint.parent)
        return tuple(found)

    def below(self, link: str) -> tuple[str, ...]:
        """Return a link and all that hang on it."""
        found = [link]
        for joint in self.joints.values():
            if joint.parent in found:
                found.append(joint.child)
        return tuple(found)

    def positions(self, moved: Mapping[str, float]) -> dict[str, float]:
        """Return every moving joint's position: as given, as its leader says, or the value nearest to zero."""
        values: dict[str, float] = {}
        for joint in self.joints.values():
            if joint.kind != "fixed" and joint.mimic is None:
                values[joint.name] = moved.get(joint.name, _nearest_to_zero(joint))
        for joint in self.joints.values():
            if joint.mimic is not None:
                values[joint.name] = joint.mimic.ratio * values.get(joint.mimic.leader, 0.0) + joint.mimic.offset
        return values

    def poses(self, moved: Mapping[str, float]) -> dict[str, Pose]:
        """Return T_root_link of every link and frame at joint positions in radians and metres."""
        values, poses = self.positions(moved), {self.root: Pose()}
        for joint in self.joints.values():
            poses[joint.child] = poses[joint.parent] @ joint.T_parent_joint @ motion(joint, values.get(joint.name, 0.0))
        return poses | {name: poses[link] @ T_link_frame for name, (link, T_link_frame) in self.frames.items()}


def motion(joint: TreeJoint, value: float) -> Pose:
    """Return T_joint_child at a position: a turn about the axis, or a shift along it."""
    x, y, z = joint.axis
    if joint.kind == "prismatic":
        return Pose((x * value, y * value, z * value))
    if joint.kind == "fixed":
        return Pose()
    sine = float(np.sin(value / 2))
    return Pose(quat_wxyz=(float(np.cos(value / 2)), x * sine, y * sine, z * sine))


def without(tree: RobotTree, dropped: frozenset[str]) -> RobotTree:
    """Cut links away, with all that hangs on them."""
    gone = {name for link in dropped for name in tree.below(link)}
    links = {name: link for name, link in tree.links.items() if name not in gone}
    joints = {name: joint for name, joint in tree.joints.items() if joint.child not in gone}
    return replace(tree, links=links, joints=joints)


def below_only(tree: RobotTree, base: str) -> RobotTree:
    """Keep a link and what hangs on it; it becomes the root."""
    kept = set(tree.below(base))
    links = {name: link for name, link in tree.links.items() if name in kept}
    joints = {name: joint for name, joint in tree.joints.items() if joint.parent in kept}
    return replace(tree, links=links, joints=joints)


def rigid(tree: RobotTree, held: Mapping[str, float]) -> RobotTree:
    """Fix joints where they are held, in radians or metres."""
    joints = {
        name: replace(joint, kind="fixed", T_parent_joint=joint.T_parent_joint @ motion(joint, held[name]), mimic=None)
        if name in held
        else joint
        for name, joint in tree.joints.items()
    }
    return replace(tree, joints=joints)


def merged(tree: RobotTree) -> RobotTree:
    """Make one body of links that fixed joints hold together; names of those that vanish live on as frames."""
    host = {tree.root: (tree.root, Pose())}
    for joint in tree.joints.values():
        link, T_link_parent = host[joint.parent]
        fixed = joint.kind == "fixed"
        host[joint.child] = (link, T_link_parent @ joint.T_parent_joint) if fixed else (joint.child, Pose())
    links = {name: _merge(tree, name, host) for name in tree.links if host[name][0] == name}
    joints = {
        name: replace(joint, parent=host[joint.parent][0], T_parent_joint=host[joint.parent][1] @ joint.T_parent_joint)
        for name, joint in tree.joints.items()
        if joint.kind != "fixed"
    }
    frames = {name: place for name, place in host.items() if place[0] != name}
    return RobotTree(tree.name, links, joints, frames)


def _merge(tree: RobotTree, name: str, host: Mapping[str, tuple[str, Pose]]) -> TreeLink:
    members = [(tree.links[other], T) for other, (link, T) in host.items() if link == name]
    mass = sum(link.mass_kg for link, _ in members)
    centers = [T.apply(link.center_of_mass_m) for link, T in members]
    shares = [link.mass_kg / mass if mass else 1 / len(members) for link, _ in members]
    center = np.sum([share * point for share, point in zip(shares, centers, strict=True)], axis=0)
    inertia = np.zeros((3, 3))
    for (link, T), point in zip(members, centers, strict=True):
        R, d = T.rotation(), point - center
        # Parallel axes (Steiner): each part's own inertia, turned, and its mass at its distance.
        inertia += R @ link.inertia_kg_m2 @ R.T + link.mass_kg * (d @ d * np.eye(3) - np.outer(d, d))
    x, y, z = center.tolist()
    visuals = tuple(_moved(shape, T) for link, T in members for shape in link.visuals)
    collisions = tuple(_moved(shape, T) for link, T in members for shape in link.collisions)
    return TreeLink(name, mass, (x, y, z), inertia, visuals, collisions)


def _moved(shape: LinkShape, T: Pose) -> LinkShape:
    return replace(shape, T_link_shape=T @ shape.T_link_shape)


def _nearest_to_zero(joint: TreeJoint) -> float:
    lower = -np.inf if joint.lower is None else joint.lower
    upper = np.inf if joint.upper is None else joint.upper
    return float(np.clip(0.0, lower, upper))
