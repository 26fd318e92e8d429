"""What stands where in the sample kitchen, in metres, and where the photo is taken from.

World: Z up, floor at z = 0, origin below the middle of the countertop, +Y away from the viewer. Free space of at least 10 cm
lies around everything that a two-finger gripper may reach for, and a free area in front takes what is put down.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.randomness import stream

from . import furniture, tableware, textures
from .shape import Floats, Shape
from .viewpoint import Viewpoint

TOP_M = furniture.CABINET_HEIGHT_M + furniture.COUNTERTOP_THICKNESS_M
FREE_AREA_M = ((-0.08, -0.29), (0.26, 0.05))
"""Where nothing stands: lower and upper corner (x, y) on the countertop."""

_POSITION_JITTER_M, _YAW_JITTER_RAD = 0.004, 0.08


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class Item:
    """One object of the scene: its shape centred on its own box, its look, and its true place."""

    label: str
    shape: Shape
    texture: textures.Image
    T_world_object: Floats
    mass_kg: float
    rests_on: tuple[int, ...]
    """Indices of the items below it; empty on the floor."""
    metallic: float = 0.0
    roughness: float = 0.7
    material: str = "generic"
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
    """A furnished room and the one photo taken of it."""

    name: str
    items: tuple[Item, ...]
    viewpoint: Viewpoint
    wall_y_m: float
    wall_colour: tuple[int, int, int]
    floor_texture: NDArray[np.uint8]
    floor_repeat_m: float
    """Edge length that one copy of the floor texture covers."""


def build_kitchen(seed: int) -> Environment:
    """Return the kitchen; `seed` shifts objects by millimetres and degrees and draws grain and specks."""
    items = [*_furniture(seed), *_on_the_countertop(seed)]
    return Environment(
        name="kitchen",
        items=tuple(items),
        viewpoint=Viewpoint(
            position_m=(0.0, -1.80, 1.62), pitch_down_rad=np.radians(27.0), focal_px=880.0, size_px=(1024, 768)
        ),
        wall_y_m=0.335,
        wall_colour=(222, 214, 198),
        floor_texture=textures.floor_tiles((198, 190, 178), (178, 170, 158), (140, 132, 122)),
        floor_repeat_m=0.66,
    )


def _furniture(seed: int) -> list[Item]:
    painted = textures.cabinet_finishes(stream(seed, 0, "cabinet texture"), (132, 156, 140))
    cabinet, closed, top = furniture.opening_cabinet(), furniture.closed_cabinet(0.956), furniture.countertop()
    # Objects are centred on their boxes; handles make the box deeper than the carcass.
    y = 0.315 - (cabinet.bounds_m[1, 2] - cabinet.bounds_m[0, 2]) / 2.0
    return [
        Item("cabinet", cabinet.centred(), painted, _standing(cabinet, -0.48, y, 0.0, 0.0), 34.0, (), material="wood",
             parts=furniture.PART_NAMES, joints=_cabinet_joints(cabinet)),
        Item("cabinet", closed.centred(), painted, _standing(closed, 0.302, y, 0.0, 0.0), 48.0, (), material="wood"),
        Item("countertop", top.centred(), textures.stone(stream(seed, 0, "countertop texture"), (70, 68, 70), (206, 200, 190)),
             _standing(top, 0.0, 0.0, 0.0, furniture.CABINET_HEIGHT_M), 98.0, (0, 1), material="stone", roughness=0.4),
    ]  # fmt: skip


def _cabinet_joints(cabinet: Shape) -> tuple[Joint, Joint]:
    hinge = np.asarray(furniture.DOOR_HINGE_M) - cabinet.bounds_m.mean(axis=0)
    x, y, z = (float(value) for value in hinge)
    return (
        Joint(
            "drawer",
            "prismatic",
            furniture.BODY,
            furniture.DRAWER,
            (0.0, 0.0, 1.0),
            (0.0, 0.0, 0.0),
            (0.0, furniture.DRAWER_TRAVEL_M),
        ),
        # Hinged on its left side, a door swings open against the upward axis.
        Joint(
            "door",
            "revolute",
            furniture.BODY,
            furniture.DOOR,
            (0.0, 1.0, 0.0),
            (x, y, z),
            (-furniture.DOOR_SWING_RAD, 0.0),
        ),
    )


def _on_the_countertop(seed: int) -> list[Item]:
    def texture_stream(label: str) -> np.random.Generator:
        return stream(seed, 0, f"{label} texture")

    def item(label: str, shape: Callable[[], Shape], texture: textures.Image, place: tuple[float, float, float],
             mass_kg: float, **look: object) -> Item:  # fmt: skip
        place_stream = stream(seed, 0, f"{label} place")
        shift = place_stream.uniform(-_POSITION_JITTER_M, _POSITION_JITTER_M, 2)
        yaw = place[2] + place_stream.uniform(-_YAW_JITTER_RAD, _YAW_JITTER_RAD)
        made = shape()
        pose = _standing(made, place[0] + shift[0], place[1] + shift[1], yaw, TOP_M)
        return Item(label, made.centred(), texture, pose, mass_kg, (2,), **look)  # type: ignore[arg-type]

    tw, tx = tableware, textures
    return [
        item("cereal box", tw.cereal_box, tx.carton_print((206, 96, 36), (250, 204, 92), (92, 44, 22)), (-0.33, 0.20, 0.25), 0.43, material="paper"),
        item("bottle", tw.bottle, tx.bottle_label((66, 98, 44), (240, 232, 206), (60, 76, 36), (44, 44, 46)), (-0.06, 0.19, 0.1), 0.58, material="glass", roughness=0.2),
        item("bowl", tw.bowl, tx.ceramic((64, 112, 138), (240, 236, 224), (236, 230, 216)), (0.17, 0.19, 0.0), 0.39, material="ceramic", roughness=0.3),
        item("can", tw.can, tx.can_label((186, 188, 190), (238, 228, 206), (178, 38, 36)), (0.39, 0.15, 0.1), 0.35, material="metal", metallic=0.6, roughness=0.4),
        item("mug", tw.mug, tx.ceramic((206, 84, 62), (246, 236, 214), (246, 240, 226)), (-0.38, -0.04, 2.8), 0.29, material="ceramic", roughness=0.3),
        item("sponge", tw.sponge, tx.sponge_foam(texture_stream("sponge")), (-0.19, -0.18, 0.45), 0.012, material="foam", roughness=0.95),
        item("apple", tw.apple, tx.apple_skin(texture_stream("apple")), (0.39, -0.11, 0.9), 0.14, material="fruit", roughness=0.5),
        item("cutting board", tw.cutting_board, tx.wood_grain(texture_stream("cutting board"), (204, 158, 104), (170, 120, 72), bands=9), (0.62, 0.02, 1.45), 0.62, material="wood", roughness=0.6),
        item("plant", tw.plant, tx.leaf((58, 112, 52), (182, 96, 62)), (-0.64, 0.16, 0.0), 0.9, fitted=False),
    ]  # fmt: skip


def _standing(shape: Shape, x_m: float, y_m: float, yaw_rad: float, on_m: float) -> Floats:
    """Return `T_world_object` for a shape centred on its box: +Y of the object up, its front to the viewer at yaw 0."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array(
        [
            [c, 0.0, s, x_m],
            [s, 0.0, -c, y_m],
            [0.0, 1.0, 0.0, on_m + float(shape.size_m[1]) / 2.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )
