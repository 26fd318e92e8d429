"""What stands where in the sample kitchen, in metres, and where its photo is taken from.

World: Z up, floor at z = 0, origin below the middle of the countertop, +Y away from the viewer. Free space of at least
10 cm lies around everything that a two-finger gripper may reach for, and a free area in front takes what is put down.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from blueprint.pipeline.scene.randomness import stream

from . import furniture, tableware, textures
from .environment import Environment, Image, Item, Joint, Look, standing_pose
from .shape import Shape
from .viewpoint import Viewpoint

COUNTERTOP_HEIGHT_M = furniture.CABINET_HEIGHT_M + furniture.COUNTERTOP_THICKNESS_M
FREE_AREA_M = ((-0.10, -0.29), (0.26, 0.05))
"""Where nothing stands: lower and upper corner (x, y) on the countertop."""

_CABINET, _CLOSED_CABINET, _COUNTERTOP = 0, 1, 2
_POSITION_JITTER_M, _YAW_JITTER_RAD = 0.004, 0.08
_GLAZED = Look("ceramic", roughness=0.3)


@dataclass(frozen=True)
class _Thing:
    """Something on the countertop and where it is meant to stand; the seed moves it a little."""

    label: str
    shape: Callable[[], Shape]
    texture: Callable[[np.random.Generator], Image]
    x_m: float
    y_m: float
    yaw_rad: float
    mass_kg: float
    look: Look = field(default_factory=Look)
    fitted: bool = True


def build_kitchen(seed: int) -> Environment:
    """Return the kitchen; `seed` shifts objects by millimetres and degrees and draws grain and specks."""
    return Environment(
        name="kitchen",
        items=(*_furniture(seed), *(_placed(thing, seed) for thing in _THINGS)),
        viewpoint=Viewpoint(
            (0.0, -1.80, 1.62), pitch_down_rad=float(np.radians(27.0)), focal_px=880.0, size_px=(1024, 768)
        ),
        wall_y_m=0.335,
        wall_colour=(222, 214, 198),
        floor_texture=textures.floor_tiles((198, 190, 178), (178, 170, 158), (140, 132, 122)),
        floor_repeat_m=0.66,
    )


def _furniture(seed: int) -> tuple[Item, Item, Item]:
    painted = textures.cabinet_finishes(stream(seed, 0, "cabinet texture"), (132, 156, 140))
    stone = textures.stone(stream(seed, 0, "countertop texture"), (70, 68, 70), (206, 200, 190))
    cabinet, closed, top = furniture.opening_cabinet(), furniture.closed_cabinet(0.956), furniture.countertop()
    # Objects are centred on their boxes, handles included; both backs end 1 cm before the countertop's.
    y_m = 0.315 - float(cabinet.size_m[2]) / 2.0
    return (
        Item(
            label="cabinet",
            shape=cabinet.centred(),
            texture=painted,
            T_world_object=standing_pose(cabinet, -0.48, y_m, 0.0, on_m=0.0),
            mass_kg=34.0,
            look=Look("wood"),
            parts=furniture.PART_NAMES,
            joints=_cabinet_joints(cabinet),
        ),
        Item(
            label="cabinet",
            shape=closed.centred(),
            texture=painted,
            T_world_object=standing_pose(closed, 0.302, y_m, 0.0, on_m=0.0),
            mass_kg=48.0,
            look=Look("wood"),
        ),
        Item(
            label="countertop",
            shape=top.centred(),
            texture=stone,
            T_world_object=standing_pose(top, 0.0, 0.0, 0.0, on_m=furniture.CABINET_HEIGHT_M),
            mass_kg=98.0,
            rests_on=(_CABINET, _CLOSED_CABINET),
            look=Look("stone", roughness=0.4),
        ),
    )


def _cabinet_joints(cabinet: Shape) -> tuple[Joint, Joint]:
    x, y, z = (float(value) for value in np.asarray(furniture.DOOR_HINGE_M) - cabinet.bounds_m.mean(axis=0))
    return (
        Joint(
            name="drawer",
            kind="prismatic",
            parent=furniture.BODY,
            child=furniture.DRAWER,
            axis=(0.0, 0.0, 1.0),
            point_m=(0.0, 0.0, 0.0),
            range=(0.0, furniture.DRAWER_TRAVEL_M),
        ),
        # Hinged on its left side, a door swings open against the upward axis.
        Joint(
            name="door",
            kind="revolute",
            parent=furniture.BODY,
            child=furniture.DOOR,
            axis=(0.0, 1.0, 0.0),
            point_m=(x, y, z),
            range=(-furniture.DOOR_SWING_RAD, 0.0),
        ),
    )


def _placed(thing: _Thing, seed: int) -> Item:
    place = stream(seed, 0, f"{thing.label} place")
    dx_m, dy_m = place.uniform(-_POSITION_JITTER_M, _POSITION_JITTER_M, 2)
    yaw_rad = thing.yaw_rad + float(place.uniform(-_YAW_JITTER_RAD, _YAW_JITTER_RAD))
    shape = thing.shape()
    return Item(
        label=thing.label,
        shape=shape.centred(),
        texture=thing.texture(stream(seed, 0, f"{thing.label} texture")),
        T_world_object=standing_pose(shape, thing.x_m + dx_m, thing.y_m + dy_m, yaw_rad, on_m=COUNTERTOP_HEIGHT_M),
        mass_kg=thing.mass_kg,
        rests_on=(_COUNTERTOP,),
        look=thing.look,
        fitted=thing.fitted,
    )


_THINGS = (
    _Thing(
        label="cereal box",
        shape=tableware.cereal_box,
        texture=lambda _: textures.carton_print((206, 96, 36), (250, 204, 92), (92, 44, 22)),
        x_m=-0.33,
        y_m=0.20,
        yaw_rad=0.25,
        mass_kg=0.43,
        look=Look("paper"),
    ),
    _Thing(
        label="bottle",
        shape=tableware.bottle,
        texture=lambda _: textures.bottle_label((66, 98, 44), (240, 232, 206), (60, 76, 36), (44, 44, 46)),
        x_m=-0.06,
        y_m=0.19,
        yaw_rad=0.1,
        mass_kg=0.58,
        look=Look("glass", roughness=0.2),
    ),
    _Thing(
        label="bowl",
        shape=tableware.bowl,
        texture=lambda _: textures.ceramic((64, 112, 138), (240, 236, 224), (236, 230, 216)),
        x_m=0.17,
        y_m=0.19,
        yaw_rad=0.0,
        mass_kg=0.39,
        look=_GLAZED,
    ),
    _Thing(
        label="can",
        shape=tableware.can,
        texture=lambda _: textures.can_label((186, 188, 190), (238, 228, 206), (178, 38, 36)),
        x_m=0.39,
        y_m=0.15,
        yaw_rad=0.1,
        mass_kg=0.35,
        look=Look("metal", roughness=0.4, metallic=0.6),
    ),
    _Thing(
        label="mug",
        shape=tableware.mug,
        texture=lambda _: textures.ceramic((206, 84, 62), (246, 236, 214), (246, 240, 226)),
        x_m=-0.38,
        y_m=-0.04,
        yaw_rad=2.8,
        mass_kg=0.29,
        look=_GLAZED,
    ),
    _Thing(
        label="sponge",
        shape=tableware.sponge,
        texture=textures.sponge_foam,
        x_m=-0.20,
        y_m=-0.18,
        yaw_rad=0.45,
        mass_kg=0.012,
        look=Look("foam", roughness=0.95),
    ),
    _Thing(
        label="apple",
        shape=tableware.apple,
        texture=textures.apple_skin,
        x_m=0.39,
        y_m=-0.11,
        yaw_rad=0.9,
        mass_kg=0.14,
        look=Look("fruit", roughness=0.5),
    ),
    _Thing(
        label="cutting board",
        shape=tableware.cutting_board,
        texture=lambda grain: textures.wood_grain(grain, (204, 158, 104), (170, 120, 72), bands=9),
        x_m=0.66,
        y_m=0.02,
        yaw_rad=1.5,
        mass_kg=0.62,
        look=Look("wood", roughness=0.6),
    ),
    _Thing(
        label="plant",
        shape=tableware.plant,
        texture=lambda _: textures.leaf((58, 112, 52), (182, 96, 62)),
        x_m=-0.64,
        y_m=0.16,
        yaw_rad=0.0,
        mass_kg=0.9,
        fitted=False,
    ),
)
