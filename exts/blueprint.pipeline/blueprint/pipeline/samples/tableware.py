"""What stands on the countertop: turned vessels, fruit, cartons and slabs, each upright, of household size."""

import numpy as np

from .boxes import rounded_box
from .lathe import Handle, lathe
from .shape import Shape, joined, rigid
from .textures import CARTON_ATLAS, SLAB_ATLAS

Profile = list[tuple[float, float]]


def mug() -> Shape:
    """Return a 95 mm mug: 4 mm wall, open above, its handle grown out of the wall towards +X."""
    foot: Profile = [(0.0, 0.0015), (0.026, 0.0015), (0.028, 0.0), (0.034, 0.0), (0.0375, 0.0035)]
    wall: Profile = [
        (0.039, y) for y in (0.010, 0.020, 0.0255, 0.031, 0.042, 0.053, 0.064, 0.0695, 0.075, 0.084, 0.090)
    ]
    rim: Profile = [(0.0386, 0.0935), (0.0370, 0.0950), (0.0354, 0.0935)]
    inside: Profile = [(0.035, 0.090), (0.035, 0.050), (0.035, 0.014), (0.0325, 0.0085), (0.028, 0.006), (0.0, 0.0055)]
    loop = Handle(
        upper_row=11,
        lower_row=6,
        reach_m=0.044,
        half_width_m=0.0055,
        half_thickness_m=0.0042,
        ring_count=14,
        uv=(0.5, 0.9),
    )
    return lathe([*foot, *wall, *rim, *inside], segments=48, handle=loop)


def bowl() -> Shape:
    """Return a 150 mm cereal bowl with a 5 mm wall on a foot ring."""
    angle = np.linspace(np.radians(22.0), np.radians(88.0), 9)
    outer = [(float(0.075 * np.sin(a)), float(0.064 - 0.060 * np.cos(a))) for a in angle]
    inner = [(float(0.070 * np.sin(a)), float(0.064 - 0.055 * np.cos(a))) for a in angle[::-1]]
    foot: Profile = [(0.0, 0.0015), (0.028, 0.0015), (0.030, 0.0), (0.036, 0.0), (0.0365, 0.004)]
    return lathe([*foot, *outer[2:], (0.0728, 0.0640), *inner, (0.0, 0.009)], segments=48)


def bottle() -> Shape:
    """Return a 235 mm oil bottle, 66 mm wide, closed by a cap."""
    body: Profile = [
        (0.0, 0.0),
        (0.029, 0.0),
        (0.032, 0.003),
        (0.033, 0.010),
        (0.033, 0.060),
        (0.033, 0.110),
        (0.033, 0.140),
    ]
    shoulder: Profile = [
        (0.0315, 0.152),
        (0.027, 0.164),
        (0.0205, 0.175),
        (0.0155, 0.185),
        (0.0135, 0.195),
        (0.0135, 0.205),
    ]
    cap: Profile = [(0.0160, 0.206), (0.0160, 0.233), (0.0150, 0.235), (0.0, 0.235)]
    return lathe([*body, *shoulder, *cap], segments=40)


def can() -> Shape:
    """Return a 66 x 101 mm food can with rims around sunken lids."""
    below: Profile = [(0.0, 0.0025), (0.0300, 0.0025), (0.0305, 0.0), (0.0328, 0.0), (0.0330, 0.0030), (0.0320, 0.0045)]
    wall: Profile = [(0.0320, 0.030), (0.0320, 0.0505), (0.0320, 0.071)]
    above: Profile = [
        (0.0320, 0.0965),
        (0.0330, 0.0980),
        (0.0328, 0.1010),
        (0.0305, 0.1010),
        (0.0300, 0.0985),
        (0.0, 0.0985),
    ]
    return lathe([*below, *wall, *above], segments=40)


def apple() -> Shape:
    """Return an apple 68 mm wide, dimpled at both ends, on a ring it can stand on, with its stem."""
    below: Profile = [(0.0, 0.006), (0.004, 0.0045), (0.008, 0.0015), (0.012, 0.0), (0.016, 0.0)]
    angle = np.linspace(np.radians(-52.0), np.radians(70.0), 13)
    flank = [(float(0.014 + 0.020 * np.cos(a)), float(0.0285 + 0.0305 * np.sin(a))) for a in angle]
    above: Profile = [(0.013, 0.0590), (0.008, 0.0560), (0.003, 0.0510)]
    stem: Profile = [(0.0015, 0.0505), (0.0015, 0.058), (0.0018, 0.0655), (0.0, 0.066)]
    return lathe([*below, *flank, *above, *stem], segments=40)


def cereal_box() -> Shape:
    """Return a cereal carton, 190 x 280 x 55 mm."""
    return rounded_box((0.190, 0.280, 0.055), 0.0015, CARTON_ATLAS)


def sponge() -> Shape:
    """Return a kitchen sponge lying flat, 105 x 66 x 34 mm, softly rounded."""
    return rounded_box((0.105, 0.066, 0.034), 0.005, SLAB_ATLAS, steps=3).laid_down()


def cutting_board() -> Shape:
    """Return a wooden board lying flat, 300 x 200 x 16 mm: too wide for a small gripper."""
    return rounded_box((0.300, 0.200, 0.016), 0.004, SLAB_ATLAS).laid_down()


def plant() -> Shape:
    """Return a potted plant: a turned pot of earth and a crown of bent leaves."""
    outside: Profile = [(0.0, 0.0), (0.045, 0.0), (0.060, 0.090), (0.066, 0.090), (0.066, 0.108), (0.058, 0.108)]
    pot = lathe([*outside, (0.056, 0.098), (0.0, 0.098)], segments=32)
    leaves = [_leaf(turn, rise) for turn, rise in zip(np.arange(14) * 2.4, np.linspace(0.35, 1.35, 14), strict=True)]
    return joined(pot.painted_at(0.75, 0.5), *leaves)


def _leaf(turn_rad: float, rise_rad: float) -> Shape:
    """A thin closed lens, 170 mm long, that leaves the pot's middle rising and droops towards its tip."""
    blade = lathe(
        [(0.0, -1.0), *((float(np.cos(a)), float(np.sin(a))) for a in np.linspace(-1.2, 1.2, 7)), (0.0, 1.0)],
        segments=12,
    )
    x, y, z = blade.vertices_m.T
    along = 0.006 + 0.085 * (y + 1.0)
    droop = 4.0 * along**2 * np.cos(rise_rad)
    outward = along * np.cos(rise_rad) - 0.002 * x * np.sin(rise_rad)
    upward = 0.095 + along * np.sin(rise_rad) - droop + 0.002 * x * np.cos(rise_rad)
    across = -0.024 * z
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    vertices = np.stack([c * outward + s * across, upward, c * across - s * outward], axis=1)
    return rigid(vertices, blade.faces, blade.uv).painted_at(0.25, 0.5)
