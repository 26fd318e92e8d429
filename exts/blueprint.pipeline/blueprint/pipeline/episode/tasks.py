"""Tasks: what a robot is asked to do, as data."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.poses import Vec2, Vec3


@dataclass(frozen=True, slots=True)
class Region:
    """An upright rectangle in the world onto which something is placed; centre on the supporting surface."""

    name: str
    support: str
    center_m: Vec3
    half_size_m: Vec2
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class PickPlaceTask:
    """Pick an object and place it within a region."""

    id: str
    object: str
    region: Region
    instruction: str
    kind: Literal["pick_place"] = "pick_place"
