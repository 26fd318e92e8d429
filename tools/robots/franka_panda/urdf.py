"""Read the part of a URDF that the recipe needs, in SI units, without interpreting it."""

import xml.etree.ElementTree as ElementTree  # nosec B405 - reads one wheel's file, pinned by its hash
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A pose in the parent's frame: metres and a rotation."""

    position_m: Array
    rotation: Rotation

    def __matmul__(self, other: "Frame") -> "Frame":
        """Chain: (a @ b) maps b's coordinates to a's parent."""
        return Frame(self.position_m + self.rotation.apply(other.position_m), self.rotation * other.rotation)


IDENTITY = Frame(np.zeros(3), Rotation.identity())


@dataclass(frozen=True)
class Box:
    """A collision box of a link."""

    frame: Frame
    size_m: Array


@dataclass(frozen=True)
class Mesh:
    """A mesh file of a link, as the URDF names it."""

    frame: Frame
    path: Path


@dataclass(frozen=True)
class Link:
    """One link; `inertia_kg_m2` is 3x3 about the centre of mass in the link's axes."""

    name: str
    mass_kg: float
    center_of_mass_m: Array
    inertia_kg_m2: Array
    visuals: tuple[Mesh, ...]
    collision_meshes: tuple[Mesh, ...]
    collision_boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Joint:
    """One joint; limits are radians or metres, effort newton metres or newtons."""

    name: str
    kind: str
    parent: str
    child: str
    frame: Frame
    axis: Array
    lower: float
    upper: float
    velocity: float


@dataclass(frozen=True)
class Robot:
    """Links and joints by name, in file order."""

    links: dict[str, Link]
    joints: dict[str, Joint]


def read_urdf(urdf: Path, package: str, share: Path) -> Robot:
    """Read `urdf`, resolving `package://<package>/` below `share`."""
    root = ElementTree.parse(urdf).getroot()  # nosec B314 - see the import
    links = (_link(element, package, share) for element in root.findall("link"))
    joints = (_joint(element) for element in root.findall("joint"))
    return Robot({link.name: link for link in links}, {joint.name: joint for joint in joints})


def _link(element: ElementTree.Element, package: str, share: Path) -> Link:
    inertial = _child(element, "inertial")
    values = {key: float(text) for key, text in _child(inertial, "inertia").attrib.items()}
    frame = _frame(inertial)
    if frame.rotation.magnitude() > 0.0:
        raise ValueError(f"{element.get('name')}: a rotated inertial frame is not read here")
    return Link(
        name=element.attrib["name"],
        mass_kg=float(_child(inertial, "mass").attrib["value"]),
        center_of_mass_m=frame.position_m,
        inertia_kg_m2=np.array(
            [
                [values["ixx"], values["ixy"], values["ixz"]],
                [values["ixy"], values["iyy"], values["iyz"]],
                [values["ixz"], values["iyz"], values["izz"]],
            ]
        ),
        visuals=tuple(_meshes(element, "visual", package, share)),
        collision_meshes=tuple(_meshes(element, "collision", package, share)),
        collision_boxes=tuple(_boxes(element)),
    )


def _joint(element: ElementTree.Element) -> Joint:
    axis, limit = element.find("axis"), element.find("limit")
    limits = {} if limit is None else limit.attrib
    return Joint(
        name=element.attrib["name"],
        kind=element.attrib["type"],
        parent=_child(element, "parent").attrib["link"],
        child=_child(element, "child").attrib["link"],
        frame=_frame(element),
        axis=_vector("1 0 0" if axis is None else axis.attrib["xyz"]),
        lower=float(limits.get("lower", 0.0)),
        upper=float(limits.get("upper", 0.0)),
        velocity=float(limits.get("velocity", 0.0)),
    )


def _meshes(element: ElementTree.Element, role: str, package: str, share: Path) -> list[Mesh]:
    found = []
    for part in element.findall(role):
        mesh = _child(part, "geometry").find("mesh")
        if mesh is not None:
            name = mesh.attrib["filename"].removeprefix(f"package://{package}/")
            found.append(Mesh(_frame(part), share / name))
    return found


def _boxes(element: ElementTree.Element) -> list[Box]:
    found = []
    for part in element.findall("collision"):
        box = _child(part, "geometry").find("box")
        if box is not None:
            found.append(Box(_frame(part), _vector(box.attrib["size"])))
    return found


def _frame(element: ElementTree.Element) -> Frame:
    origin = element.find("origin")
    if origin is None:
        return IDENTITY
    # URDF's rpy turns about fixed axes, which scipy writes in lower case.
    rotation = Rotation.from_euler("xyz", _vector(origin.get("rpy", "0 0 0")))
    return Frame(_vector(origin.get("xyz", "0 0 0")), rotation)


def _child(element: ElementTree.Element, tag: str) -> ElementTree.Element:
    child = element.find(tag)
    if child is None:
        raise ValueError(f"<{element.tag} name={element.get('name')!r}> has no <{tag}>")
    return child


def _vector(text: str) -> Array:
    return np.array([float(word) for word in text.split()])
