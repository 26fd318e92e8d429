"""The kitchen's furniture: a cabinet that opens, a cabinet that is one closed block, and the countertop on both."""

from .boxes import Block, fused_blocks, rounded_box
from .shape import Shape
from .textures import FINISHES, SLAB_ATLAS

CABINET_HEIGHT_M = 0.865
COUNTERTOP_THICKNESS_M = 0.035
BODY, DRAWER, DOOR = 0, 1, 2
PART_NAMES = ("body", "drawer", "door")

DRAWER_TRAVEL_M = 0.38
DOOR_SWING_RAD = 1.6
DOOR_HINGE_M = (-0.297, 0.3935, 0.282)
"""A point on the door's hinge: the back edge of its left side, halfway up."""

_BACK, _CARCASS_FRONT, _DOOR_BACK, _FRONT = -0.30, 0.279, 0.282, 0.30
_HALF_WIDTH, _BOARD = 0.30, 0.018


def opening_cabinet() -> Shape:
    """Return a 0.60 m base cabinet, a drawer over a hinged door, hollow and fused into one shell.

    Only runners and hinges join the parts, so cutting along `part_of_face` leaves small flat holes.
    """
    return fused_blocks([*_carcass(), *_drawer(), *_door()], FINISHES)


def closed_cabinet(width_m: float) -> Shape:
    """Return a base cabinet with two doors as a reconstruction without an inside makes it: one solid block."""
    half = width_m / 2.0
    blocks = [
        Block((-half, 0.0, _BACK), (half, 0.10, 0.22), "dark"),
        Block((-half, 0.10, _BACK), (half, CABINET_HEIGHT_M, _DOOR_BACK), "paint"),
    ]
    for left, right, handle_x in ((-half + 0.003, -0.002, -0.045), (0.002, half - 0.003, 0.045)):
        blocks.append(Block((left, 0.103, _DOOR_BACK), (right, 0.862, _FRONT), "paint"))
        blocks += _upright_handle(handle_x, 0.68, 0.82, part=BODY)
    return fused_blocks(blocks, FINISHES)


def countertop() -> Shape:
    """Return the stone slab, 1.60 x 0.65 m, lying flat with rounded edges."""
    return rounded_box((1.60, 0.65, COUNTERTOP_THICKNESS_M), 0.004, SLAB_ATLAS).laid_down()


def _carcass() -> list[Block]:
    inner, top = _HALF_WIDTH - _BOARD, CABINET_HEIGHT_M - _BOARD
    blocks = [
        Block((-_HALF_WIDTH, 0.0, _BACK), (_HALF_WIDTH, 0.10, 0.22), "dark"),
        Block((-_HALF_WIDTH, 0.10, _BACK), (_HALF_WIDTH, 0.10 + _BOARD, _CARCASS_FRONT), "wood"),
        Block((-_HALF_WIDTH, top, _BACK), (_HALF_WIDTH, CABINET_HEIGHT_M, _CARCASS_FRONT), "wood"),
        Block((-inner, 0.10 + _BOARD, _BACK), (inner, top, _BACK + 0.012), "wood"),
        Block((-inner, 0.684 - _BOARD, _BACK + 0.012), (inner, 0.684, _CARCASS_FRONT), "wood"),
        Block((-inner, 0.380, _BACK + 0.012), (inner, 0.380 + _BOARD, 0.20), "wood"),
    ]
    for left, right in ((-_HALF_WIDTH, -inner), (inner, _HALF_WIDTH)):
        blocks.append(Block((left, 0.10 + _BOARD, _BACK), (right, top, _CARCASS_FRONT), "paint"))
    for left, right in ((-inner, -0.274), (0.274, inner)):
        blocks.append(Block((left, 0.769, -0.208), (right, 0.781, 0.20), "steel"))
    for low, high in ((0.103, 0.10 + _BOARD), (0.684 - _BOARD, 0.684)):
        blocks.append(Block((-0.297, low, _CARCASS_FRONT), (-inner, high, _DOOR_BACK), "steel"))
    return blocks


def _drawer() -> list[Block]:
    half, low, high, back = 0.274, 0.695, 0.805, -0.22
    return [
        Block((-0.297, 0.688, _DOOR_BACK), (0.297, 0.862, _FRONT), "paint", DRAWER),
        Block((-half, low, back), (half, low + 0.010, _DOOR_BACK), "wood", DRAWER),
        Block((-half, low + 0.010, back), (-half + 0.012, high, _DOOR_BACK), "wood", DRAWER),
        Block((half - 0.012, low + 0.010, back), (half, high, _DOOR_BACK), "wood", DRAWER),
        Block((-half + 0.012, low + 0.010, back), (half - 0.012, high, back + 0.012), "wood", DRAWER),
        Block((-0.075, 0.769, _FRONT), (-0.063, 0.781, 0.320), "steel", DRAWER),
        Block((0.063, 0.769, _FRONT), (0.075, 0.781, 0.320), "steel", DRAWER),
        Block((-0.075, 0.769, 0.320), (0.075, 0.781, 0.330), "steel", DRAWER),
    ]


def _door() -> list[Block]:
    slab = Block((-0.297, 0.103, _DOOR_BACK), (0.297, 0.684, _FRONT), "paint", DOOR)
    return [slab, *_upright_handle(0.268, 0.49, 0.63, part=DOOR)]


def _upright_handle(x: float, low: float, high: float, *, part: int) -> list[Block]:
    left, right = x - 0.006, x + 0.006
    return [
        Block((left, low, _FRONT), (right, low + 0.012, 0.320), "steel", part),
        Block((left, high - 0.012, _FRONT), (right, high, 0.320), "steel", part),
        Block((left, low, 0.320), (right, high, 0.330), "steel", part),
    ]
