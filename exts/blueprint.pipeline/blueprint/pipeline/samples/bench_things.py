"""The things of the workbench: a bench, a panel with button, knob and slider, a holder with a hole, a peg, boxes."""

from .boxes import Block, fused_blocks, rounded_box
from .shape import Shape
from .textures import CARTON_ATLAS, FINISHES, SLAB_ATLAS

BENCH_TOP_M = 0.74
PANEL_TOP_M = 0.06
BASE, BUTTON, KNOB, SLIDER = 0, 1, 2, 3
PANEL_PARTS = ("base", "button", "knob", "slider")

BUTTON_TRAVEL_M = 0.006
KNOB_TURN_RAD = 2.4
SLIDER_TRAVEL_M = 0.08

BUTTON_AT_M = (-0.12, 0.0)
KNOB_AT_M = (-0.02, 0.0)
SLIDER_AT_M = (0.07, 0.0)
"""Middles of the parts on the panel, x and z."""

PEG_M = (0.030, 0.135, 0.030)
HOLE_M, HOLE_DEPTH_M = 0.037, 0.060


def bench() -> Shape:
    """Return a plain table, 1.20 x 0.70 m, of one top and four legs."""
    half_x, half_z, leg = 0.60, 0.35, 0.06
    blocks = [Block((-half_x, BENCH_TOP_M - 0.03, -half_z), (half_x, BENCH_TOP_M, half_z), "wood")]
    for x in (-half_x + 0.04, half_x - 0.04 - leg):
        for z in (-half_z + 0.04, half_z - 0.04 - leg):
            blocks.append(Block((x, 0.0, z), (x + leg, BENCH_TOP_M - 0.03, z + leg), "steel"))
    return fused_blocks(blocks, FINISHES)


def panel() -> Shape:
    """Return a box 0.34 m wide with a button, a knob that is a bar to turn, and a slider, each on its top."""
    top = PANEL_TOP_M
    blocks = [Block((-0.17, 0.0, -0.07), (0.17, top, 0.07), "paint")]
    blocks += _standing(BUTTON_AT_M, (0.018, 0.018), top, 0.014, "dark", BUTTON)
    blocks += _standing(KNOB_AT_M, (0.024, 0.009), top, 0.032, "steel", KNOB)
    blocks += _standing(SLIDER_AT_M, (0.010, 0.016), top, 0.034, "dark", SLIDER)
    return fused_blocks(blocks, FINISHES)


def _standing(
    at_m: tuple[float, float], half_m: tuple[float, float], base_m: float, height_m: float, finish: str, part: int
) -> list[Block]:
    x, z = at_m
    low, high = (x - half_m[0], base_m, z - half_m[1]), (x + half_m[0], base_m + height_m, z + half_m[1])
    return [Block(low, high, finish, part)]


def holder() -> Shape:
    """Return a block with one square hole from above, closed below."""
    half, hole, height = 0.06, HOLE_M / 2, 0.075
    floor = height - HOLE_DEPTH_M
    return fused_blocks(
        [
            Block((-half, 0.0, -half), (half, floor, half), "paint"),
            Block((-half, floor, -half), (-hole, height, half), "paint"),
            Block((hole, floor, -half), (half, height, half), "paint"),
            Block((-hole, floor, -half), (hole, height, -hole), "paint"),
            Block((-hole, floor, hole), (hole, height, half), "paint"),
        ],
        FINISHES,
    )


def peg() -> Shape:
    """Return a square peg that stands upright."""
    return rounded_box(PEG_M, 0.002, CARTON_ATLAS)


def small_box() -> Shape:
    """Return a box 60 x 45 x 55 mm."""
    return rounded_box((0.060, 0.045, 0.055), 0.002, CARTON_ATLAS)


def flat_box() -> Shape:
    """Return a box 70 x 40 x 60 mm."""
    return rounded_box((0.070, 0.040, 0.060), 0.002, CARTON_ATLAS)


def base_plate() -> Shape:
    """Return a plate to set things on, 220 x 160 x 14 mm."""
    return rounded_box((0.220, 0.160, 0.014), 0.003, SLAB_ATLAS).laid_down()
