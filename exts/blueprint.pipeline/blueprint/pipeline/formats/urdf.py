"""Read URDF, the description that most robots are published in, into a tree of links and joints in SI units.

Specification: http://wiki.ros.org/urdf/XML. Every fault of a file is reported together.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# For types; parse_plain_xml parses.
from xml.etree import ElementTree  # nosec B405

import numpy as np

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.poses import Pose, Vec3, multiply_quats
from blueprint.pipeline.scene.robot_trees import (
    Block,
    Color,
    Drum,
    JointKind,
    LinkShape,
    Mimic,
    RobotTree,
    ShapeFile,
    TreeJoint,
    TreeLink,
)

from .plain_xml import parse_plain_xml

LARGEST_BYTES = 16 * 1024 * 1024
MESHES = (".stl", ".obj", ".ply", ".glb", ".dae")
_KINDS: Mapping[str, JointKind] = {
    "fixed": "fixed",
    "revolute": "revolute",
    "continuous": "revolute",
    "prismatic": "prismatic",
}


class UrdfUnusable(InputError):
    """A URDF cannot be read as one robot; all its faults are listed."""

    def __init__(self, source: str, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{source}: {fault}" for fault in self.faults))


def read_urdf(path: Path, packages: Mapping[str, Path] | None = None) -> RobotTree:
    """Read a file; meshes are looked for below its folder and, by package name, below the folders of `packages`.

    Raises UrdfUnusable listing every fault.
    """
    if not path.is_file():
        raise UrdfUnusable(path.name, ["no such file; give the path of a .urdf file"])
    if path.stat().st_size > LARGEST_BYTES:
        raise UrdfUnusable(path.name, [f"larger than {LARGEST_BYTES // 1024**2} MiB, which no robot's description is"])
    try:
        root = parse_plain_xml(path.read_bytes())
    except ValueError as error:
        raise UrdfUnusable(path.name, [str(error)]) from error
    if root.tag != "robot":
        hint = "; expand a .xacro first: xacro FILE > robot.urdf" if path.suffix == ".xacro" else ""
        raise UrdfUnusable(path.name, [f"its root is <{root.tag}>, expected <robot>{hint}"])
    reader = _Reader(path.parent, packages or {}, root)
    tree = reader.tree(root.get("name") or path.stem)
    if reader.faults:
        raise UrdfUnusable(path.name, reader.faults)
    return tree


class _Reader:
    """One file being read; faults gather."""

    def __init__(self, folder: Path, packages: Mapping[str, Path], root: ElementTree.Element) -> None:
        self.folder, self.packages, self.faults = folder, packages, list[str]()
        self.root = root
        self.colors = {name: color for name, color in map(self._material, root.findall("material")) if color}

    def tree(self, name: str) -> RobotTree:
        links = {link.name: link for link in map(self._link, self.root.findall("link"))}
        joints = {joint.name: joint for joint in map(self._joint, self.root.findall("joint"))}
        self._check(links, joints)
        return RobotTree(name, links, {} if self.faults else _parents_first(joints), {})

    def _check(self, links: Mapping[str, TreeLink], joints: Mapping[str, TreeJoint]) -> None:
        for tag, found in (("link", links), ("joint", joints)):
            if len(found) != len(self.root.findall(tag)):
                self.faults.append(f"two {tag}s share a name; every {tag} needs its own")
        for joint in joints.values():
            for role, link in (("parent", joint.parent), ("child", joint.child)):
                if link not in links:
                    self.faults.append(f"joint {joint.name!r}: {role} link {link!r} is not in the file")
            if joint.mimic and joint.mimic.leader not in joints:
                self.faults.append(f"joint {joint.name!r}: mimics {joint.mimic.leader!r}, which is not in the file")
            if joint.lower is not None and joint.upper is not None and joint.lower > joint.upper:
                self.faults.append(f"joint {joint.name!r}: lower {joint.lower:g} is above upper {joint.upper:g}")
        children = [joint.child for joint in joints.values()]
        for link in sorted({child for child in children if children.count(child) > 1}):
            self.faults.append(f"link {link!r} hangs on two joints; a robot is a tree")
        roots = [name for name in links if name not in children]
        if len(roots) != 1:
            self.faults.append(f"needs one root link, has {len(roots)}: {', '.join(roots) or 'the joints form a ring'}")

    def _link(self, element: ElementTree.Element) -> TreeLink:
        name = element.get("name", "")
        inertial = element.find("inertial")
        visuals = tuple(self._shapes(element, "visual"))
        collisions = tuple(self._shapes(element, "collision"))
        if inertial is None:
            return TreeLink(name, 0.0, (0.0, 0.0, 0.0), np.zeros((3, 3)), visuals, collisions)
        T_link_inertial = self._pose(inertial, f"link {name!r}")
        mass = self._number(inertial.find("mass"), "value", f"link {name!r}: mass")
        inertia = inertial.find("inertia")
        keys = ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")
        xx, xy, xz, yy, yz, zz = (self._number(inertia, key, f"link {name!r}: inertia", 0.0) for key in keys)
        R = T_link_inertial.rotation()
        tensor = R @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) @ R.T
        return TreeLink(name, mass, T_link_inertial.position_m, tensor, visuals, collisions)

    def _joint(self, element: ElementTree.Element) -> TreeJoint:
        name = element.get("name", "")
        where, written = f"joint {name!r}", element.get("type", "")
        if written not in _KINDS:
            self.faults.append(f"{where}: type {written!r} is not read; known: {', '.join(_KINDS)}")
        kind = _KINDS.get(written, "fixed")
        limit = element.find("limit") if kind != "fixed" else None
        lower, upper, velocity, effort = (
            None if limit is None or limit.get(key) is None else self._number(limit, key, where)
            for key in ("lower", "upper", "velocity", "effort")
        )
        if written == "continuous":
            lower, upper = None, None
        axis = self._vector(element.find("axis"), "xyz", where, (1.0, 0.0, 0.0))
        length = math.hypot(*axis)
        if kind != "fixed" and length < 1e-9:
            self.faults.append(f"{where}: its axis has no length")
        x, y, z = (value / length if length > 1e-9 else value for value in axis)
        parent, child = (self._linked(element, tag, where) for tag in ("parent", "child"))
        pose = self._pose(element, where)
        mimic = self._mimic(element.find("mimic"), where)
        return TreeJoint(name, kind, parent, child, pose, (x, y, z), lower, upper, velocity, effort, mimic)

    def _mimic(self, element: ElementTree.Element | None, where: str) -> Mimic | None:
        if element is None:
            return None
        ratio = self._number(element, "multiplier", where, 1.0)
        return Mimic(element.get("joint", ""), ratio, self._number(element, "offset", where, 0.0))

    def _linked(self, element: ElementTree.Element, tag: str, where: str) -> str:
        found = element.find(tag)
        if found is None:
            self.faults.append(f"{where}: has no <{tag}>")
        return "" if found is None else found.get("link", "")

    def _shapes(self, element: ElementTree.Element, role: str) -> Iterator[LinkShape]:
        where = f"link {element.get('name')!r}: {role}"
        for part in element.findall(role):
            shape = part.find("geometry")
            geometry = next(iter(shape), None) if shape is not None else None
            if geometry is None:
                self.faults.append(f"{where}: has no geometry")
                continue
            found = self._geometry(geometry, where)
            if found is not None:
                yield LinkShape(found, self._pose(part, where), self._color(part.find("material")))

    def _geometry(self, element: ElementTree.Element, where: str) -> ShapeFile | Block | Drum | None:
        if element.tag == "mesh":
            path = self._mesh(element.get("filename", ""), where)
            return ShapeFile(path, self._vector(element, "scale", where, (1.0, 1.0, 1.0))) if path else None
        if element.tag == "box":
            return Block(self._vector(element, "size", where, (0.0, 0.0, 0.0)))
        if element.tag in ("cylinder", "sphere"):
            radius = self._number(element, "radius", where)
            return Drum(radius, self._number(element, "length", where, 0.0) if element.tag == "cylinder" else 0.0)
        self.faults.append(f"{where}: <{element.tag}> is not read; known: mesh, box, cylinder, sphere")
        return None

    def _mesh(self, name: str, where: str) -> Path | None:
        """Find a mesh; a path that leads out of the folders that were named is a fault."""
        package, _, rest = name.removeprefix("package://").partition("/")
        if name.startswith("package://"):
            places = [self.packages[package] / rest] if package in self.packages else []
            places += [folder / rest for folder in (self.folder, *self.folder.parents[:3])]
            places += [folder / package / rest for folder in (self.folder, *self.folder.parents[:3])]
        else:
            places = [self.folder / name.removeprefix("file://")]
            if not self._is_near(places[0]):
                self.faults.append(f"{where}: {name!r} lies outside of the folders that were named; see --package")
                return None
        if ".." in Path(rest if name.startswith("package://") else "").parts:
            self.faults.append(f"{where}: {name!r} leads out of its package")
            return None
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            self.faults.append(f"{where}: mesh {name!r} is not there; name its package's folder with --package")
        elif found.suffix.lower() not in MESHES:
            self.faults.append(f"{where}: {found.name} is not read; known: {', '.join(MESHES)}")
            return None
        return found

    def _is_near(self, path: Path) -> bool:
        """Whether a file lies beside or below the description, in the package around it, or in a named one."""
        around = [self.folder, *(folder for folder in self.folder.parents[:2] if folder != Path(folder.anchor))]
        return any(path.resolve().is_relative_to(root.resolve()) for root in (*around, *self.packages.values()))

    def _material(self, element: ElementTree.Element) -> tuple[str, Color | None]:
        color = element.find("color")
        if color is None:
            return element.get("name", ""), None
        values = self._numbers(color.get("rgba", "0.7 0.7 0.7 1"), 4, "material")
        return element.get("name", ""), (values[0], values[1], values[2])

    def _color(self, element: ElementTree.Element | None) -> Color | None:
        if element is None:
            return None
        name, color = self._material(element)
        return color or self.colors.get(name)

    def _pose(self, element: ElementTree.Element, where: str) -> Pose:
        origin = element.find("origin")
        if origin is None:
            return Pose()
        position = self._vector(origin, "xyz", where, (0.0, 0.0, 0.0))
        roll, pitch, yaw = self._vector(origin, "rpy", where, (0.0, 0.0, 0.0))
        # Roll, pitch and yaw turn about the parent's fixed axes, in this order.
        turns = [(roll, 1), (pitch, 2), (yaw, 3)]
        quat = (1.0, 0.0, 0.0, 0.0)
        for angle, axis in turns:
            half = [math.cos(angle / 2), 0.0, 0.0, 0.0]
            half[axis] = math.sin(angle / 2)
            quat = multiply_quats(half, quat)
        return Pose(position, quat)

    def _vector(self, element: ElementTree.Element | None, key: str, where: str, missing: Vec3) -> Vec3:
        text = None if element is None else element.get(key)
        if text is None:
            return missing
        x, y, z = self._numbers(text, 3, f"{where}: {key}")
        return (x, y, z)

    def _number(self, element: ElementTree.Element | None, key: str, where: str, missing: float | None = None) -> float:
        text = None if element is None else element.get(key)
        if text is None and missing is not None:
            return missing
        return self._numbers(text or "", 1, f"{where}: {key}")[0]

    def _numbers(self, text: str, count: int, where: str) -> list[float]:
        try:
            values = [float(word) for word in text.split()]
        except ValueError:
            values = []
        if len(values) != count or not all(map(math.isfinite, values)):
            self.faults.append(f"{where}: expected {count} finite number{'s' * (count > 1)}, found {text!r}")
            return [0.0] * count
        return values


def _parents_first(joints: Mapping[str, TreeJoint]) -> dict[str, TreeJoint]:
    """Order joints so that each comes after the one that carries its parent."""
    left, ordered = dict(joints), dict[str, TreeJoint]()
    children = {joint.child for joint in joints.values()}
    while left:
        placed = {joint.child for joint in ordered.values()}
        ready = [name for name, joint in left.items() if joint.parent in placed or joint.parent not in children]
        for name in ready:
            ordered[name] = left.pop(name)
        if not ready:
            break
    return ordered
