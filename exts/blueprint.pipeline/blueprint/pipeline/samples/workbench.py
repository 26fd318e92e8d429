"""What stands where on the sample workbench: the parts that a kitchen lacks, to press, turn, slide, insert and stack.

World: Z up, floor at z = 0, origin below the middle of the bench, +Y away from the viewer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from blueprint.pipeline.scene.randomness import stream

from . import bench_things, textures
from .environment import Environment, Item, Joint, Look, standing_pose
from .shape import Shape
from .viewpoint import Viewpoint

BENCH_TOP_M = bench_things.BENCH_TOP_M

_BENCH = 0
_POSITION_JITTER_M, _YAW_JITTER_RAD = 0.004, 0.05


@dataclass(frozen=True)
class _Thing:
    """Something on the bench and where it is meant to stand; the seed moves it a little."""

    label: str
    shape: Callable[[], Shape]
    colour: tuple[int, int, int]
    x_m: float
    y_m: float
    yaw_rad: float
    mass_kg: float
    look: Look = field(default_factory=Look)


def build_workbench(seed: int) -> Environment:
    """Return the workbench; `seed` shifts things by millimetres and degrees and draws the bench's grain."""
    return Environment(
        name="workbench",
        items=(_bench(seed), _panel(seed), *(_placed(thing, seed) for thing in _THINGS)),
        viewpoint=Viewpoint(
            (0.0, -1.45, 1.55), pitch_down_rad=float(np.radians(32.0)), focal_px=880.0, size_px=(1024, 768)
        ),
        wall_y_m=0.60,
        wall_colour=(206, 212, 216),
        floor_texture=textures.floor_tiles((176, 178, 180), (160, 162, 165), (128, 130, 132)),
        floor_repeat_m=0.66,
    )


def _bench(seed: int) -> Item:
    shape = bench_things.bench()
    return Item(
        label="workbench",
        shape=shape.centred(),
        texture=textures.cabinet_finishes(stream(seed, 0, "workbench texture"), (120, 130, 140)),
        T_world_object=standing_pose(shape, 0.0, 0.0, 0.0, on_m=0.0),
        mass_kg=38.0,
        look=Look("wood"),
    )


def _panel(seed: int) -> Item:
    shape = bench_things.panel()
    return Item(
        label="control panel",
        shape=shape.centred(),
        texture=textures.cabinet_finishes(stream(seed, 0, "panel texture"), (226, 196, 84)),
        T_world_object=standing_pose(shape, -0.05, 0.17, 0.0, on_m=BENCH_TOP_M),
        mass_kg=1.6,
        rests_on=(_BENCH,),
        look=Look("plastic"),
        parts=bench_things.PANEL_PARTS,
        joints=_panel_joints(shape),
    )


def _panel_joints(shape: Shape) -> tuple[Joint, ...]:
    x, y, z = (float(value) for value in -shape.bounds_m.mean(axis=0))
    knob_x, knob_z = bench_things.KNOB_AT_M
    base, up, origin = bench_things.BASE, (0.0, 1.0, 0.0), (0.0, 0.0, 0.0)
    return (
        Joint(
            name="button",
            kind="prismatic",
            parent=base,
            child=bench_things.BUTTON,
            axis=(0.0, -1.0, 0.0),
            point_m=origin,
            range=(0.0, bench_things.BUTTON_TRAVEL_M),
        ),
        Joint(
            name="knob",
            kind="revolute",
            parent=base,
            child=bench_things.KNOB,
            axis=up,
            point_m=(knob_x + x, y, knob_z + z),
            range=(0.0, bench_things.KNOB_TURN_RAD),
        ),
        Joint(
            name="slider",
            kind="prismatic",
            parent=base,
            child=bench_things.SLIDER,
            axis=(1.0, 0.0, 0.0),
            point_m=origin,
            range=(0.0, bench_things.SLIDER_TRAVEL_M),
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
        texture=textures.plain(thing.colour),
        T_world_object=standing_pose(shape, thing.x_m + dx_m, thing.y_m + dy_m, yaw_rad, on_m=BENCH_TOP_M),
        mass_kg=thing.mass_kg,
        rests_on=(_BENCH,),
        look=thing.look,
    )


_CARD, _WOOD = Look("cardboard"), Look("wood")
_THINGS = (
    _Thing("peg holder", bench_things.holder, (96, 112, 128), 0.24, 0.10, 0.0, 0.55, _WOOD),
    _Thing("peg", bench_things.peg, (206, 132, 60), 0.08, -0.02, 0.3, 0.07, _WOOD),
    _Thing("red box", bench_things.small_box, (186, 58, 50), -0.34, -0.02, 0.4, 0.05, _CARD),
    _Thing("blue box", bench_things.flat_box, (58, 92, 170), -0.16, -0.09, -0.2, 0.06, _CARD),
    _Thing("base plate", bench_things.base_plate, (150, 154, 150), 0.26, -0.16, 0.1, 0.35, _WOOD),
)
