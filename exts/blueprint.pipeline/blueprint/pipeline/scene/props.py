"""Props: the separate things of a scene, with their links, joints, looks and the evidence for each number."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from blueprint.pipeline.scene.meshes import MeshRef, TextureRef
from blueprint.pipeline.scene.poses import Pose, Vec3


class Role(StrEnum):
    """What a prop is for, which decides whether it moves and which tasks it can take part in."""

    MANIPULABLE = "manipulable"
    FURNITURE = "furniture"
    SHELL = "shell"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reported number with the sentence that says where it comes from, and 0 to 1 how sure it is."""

    quantity: str
    value: float
    unit: str
    why: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a surface looks: linear factor on an sRGB texture, or a plain sRGB colour, both 0 to 1.

    `name` is what the scan calls the material and the mesh.
    """

    base_color_rgb: Vec3 = (0.7, 0.7, 0.7)
    texture: TextureRef | None = None
    roughness: float = 0.7
    metallic: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Visual:
    """One visible mesh of a link, in the prop's frame."""

    mesh: MeshRef
    appearance: Appearance


@dataclass(frozen=True, slots=True)
class Body:
    """One rigid link; its meshes are in the prop's frame, so it needs no pose of its own at the input pose."""

    name: str
    visuals: tuple[Visual, ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint between two links; the input pose is position 0.

    `axis` (unit) and `origin_m` are in the prop's frame; `lower` and `upper` are rad (revolute) or m (prismatic).
    """

    name: str
    kind: Literal["revolute", "prismatic"]
    parent: str
    child: str
    axis: Vec3
    origin_m: Vec3
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an asset comes from; `file` is relative to the scan, an unknown licence reads `unknown`."""

    file: str
    licence: str = "unknown"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing of the scene. Its frame: Z up as it stands, origin at the centre of its bounding box's base, metres.

    `id` is a stable slug, `label` the detector's words, `category` an entry of config/categories.yaml.
    `review` lists what a person should look at.
    """

    id: str
    label: str
    category: str
    role: Role
    bodies: tuple[Body, ...]
    joints: tuple[Joint, ...]
    size_m: Vec3
    T_world_prop: Pose
    provenance: Provenance
    evidence: tuple[Evidence, ...] = ()
    review: tuple[str, ...] = ()

    def body(self, name: str) -> Body:
        """Return a link by name."""
        return next(body for body in self.bodies if body.name == name)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An object of the scan that could not be used, and why."""

    id: str
    reason: str
