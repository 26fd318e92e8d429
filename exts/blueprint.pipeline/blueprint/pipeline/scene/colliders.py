"""Convex pieces: the only collision shapes, so that every engine sees the same solid."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.meshes import MeshRef
from blueprint.pipeline.scene.poses import Pose, Vec3


@dataclass(frozen=True, slots=True)
class HullPiece:
    """A convex hull, in the prop's frame, with at most 64 vertices."""

    mesh: MeshRef
    kind: Literal["hull"] = "hull"


@dataclass(frozen=True, slots=True)
class BoxPiece:
    """A box; `T_prop_box` places its centre in the prop's frame."""

    T_prop_box: Pose
    half_extents_m: Vec3
    kind: Literal["box"] = "box"


@dataclass(frozen=True, slots=True)
class CylinderPiece:
    """A cylinder about the Z axis of its frame; `T_prop_cylinder` places its centre in the prop's frame."""

    T_prop_cylinder: Pose
    radius_m: float
    half_height_m: float
    kind: Literal["cylinder"] = "cylinder"


@dataclass(frozen=True, slots=True)
class SpherePiece:
    """A sphere; `center_m` is in the prop's frame."""

    center_m: Vec3
    radius_m: float
    kind: Literal["sphere"] = "sphere"


ConvexPiece = HullPiece | BoxPiece | CylinderPiece | SpherePiece
