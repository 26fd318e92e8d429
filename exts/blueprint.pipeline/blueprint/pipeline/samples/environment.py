"""The nouns of a sample: objects with their true places, how their parts move, and the room they stand in."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .shape import Floats, Shape
from .viewpoint import Viewpoint

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Joint:
    """How one part of an object moves, in the object's frame (Y up, +Z front, metres)."""

    name: str
    kind: str
    """`prismatic` or `revolute`."""
    parent: int
    child: int
    axis: tuple[float, float, float]
    point_m: tuple[float, float, float]
    """A point on the axis; without meaning for a prismatic joint."""
    range: tuple[float, float]
    """Metres or radians from the position in the photo."""


@dataclass(frozen=True)
class Look:
    """What a surface is made of, as a reconstruction would note it."""

    material: str = "generic"
    roughness: float = 0.7
    metallic: float = 0.0


@dataclass(frozen=True, eq=False)
class Item:
    """One object of the scene: its shape centred on its own box, its look, and its true place."""

    label: str
    shape: Shape
    texture: Image
    T_world_object: Floats
    mass_kg: float
    rests_on: tuple[int, ...] = ()
    """Indices of the items below it; empty on the floor."""
    look: Look = field(default_factory=Look)
    fitted: bool = True
    """False where the reconstruction found no pose for it."""
    parts: tuple[str, ...] = ()
    joints: tuple[Joint, ...] = ()

    @property
    def world_vertices_m(self) -> Floats:
        """Vertices in the world, shape (V, 3)."""
        return self.shape.vertices_m @ self.T_world_object[:3, :3].T + self.T_world_object[:3, 3]


@dataclass(frozen=True, eq=False)
class Environment:
    """A furnished room and the one photo taken of it; Z up, metres, floor at z = 0."""

    name: str
    items: tuple[Item, ...]
    viewpoint: Viewpoint
    wall_y_m: float
    wall_colour: tuple[int, int, int]
    floor_texture: Image
    floor_repeat_m: float
    """Edge length that one copy of the floor texture covers."""


def standing_pose(shape: Shape, x_m: float, y_m: float, yaw_rad: float, *, on_m: float) -> Floats:
    """Return `T_world_object` for a shape centred on its box that stands at height `on_m`, its front to -Y at yaw 0."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    z_m = on_m + float(shape.size_m[1]) / 2.0
    return np.array([[c, 0.0, s, x_m], [s, 0.0, -c, y_m], [0.0, 1.0, 0.0, z_m], [0.0, 0.0, 0.0, 1.0]])
