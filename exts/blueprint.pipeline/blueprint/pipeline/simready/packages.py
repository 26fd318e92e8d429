"""What a closed package weighs: its walls, and what is sold in packages of its size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.scene.categories import Content

from .confidence import spread_of_range


@dataclass(frozen=True)
class PackageMass:
    """Mass of content and walls in kg, the spread of the content's logarithm, and the arithmetic."""

    content_kg: float
    walls_kg: float
    spread: float
    why: str


def weigh_package(
    contents: Sequence[Content], volume_m3: float, area_m2: float, material: str, density_kg_m3: float
) -> PackageMass:
    """Weigh a package of an outer volume, filled with what is sold in that size.

    Where several kinds are sold in one size, the geometric middle of their densities is taken: it is the guess whose
    factor of error is smallest at worst.
    """
    sold = sold_in(contents, 1e3 * volume_m3)
    middle = math.exp(sum(math.log(math.sqrt(low * high)) for low, high in _ranges(sold)) / len(sold))
    lowest, highest = min(low for low, _ in _ranges(sold)), max(high for _, high in _ranges(sold))
    # Never more than the room: a scan's error must not make the inside negative.
    wall_m = min(
        math.exp(sum(math.log(kind.wall_m) for kind in sold) / len(sold)) if _walled(sold) else 0.0,
        0.3 * volume_m3 / area_m2,
    )
    walls_m3 = wall_m * area_m2
    content_kg, walls_kg = middle * (volume_m3 - walls_m3), density_kg_m3 * walls_m3
    kinds = " or ".join(kind.kind for kind in sold)
    walls = f" + {1e3 * wall_m:.2g} mm of {material} {density_kg_m3:g} kg/m3 x {area_m2:.2g} m2" if wall_m else ""
    why = (
        f"{kinds}, as sold in {1e3 * volume_m3:.2g} l, {lowest:g}-{highest:g}, middle {middle:.0f} kg/m3 "
        f"x {volume_m3 - walls_m3:.2g} m3 inside{walls} = {content_kg + walls_kg:.3g} kg"
        f" ({'; '.join(kind.source for kind in sold)})"
    )
    return PackageMass(content_kg, walls_kg, spread_of_range(lowest, highest), why)


def sold_in(contents: Sequence[Content], volume_l: float) -> list[Content]:
    """Return the kinds of content that are sold in an outer volume; the nearest in size where none is."""

    def off(kind: Content) -> float:
        low, high = kind.volume_l
        return max(math.log(low / volume_l), math.log(volume_l / high), 0.0)

    least = min(off(kind) for kind in contents)
    return [kind for kind in contents if off(kind) == least]


def _ranges(sold: Sequence[Content]) -> list[tuple[float, float]]:
    return [kind.density_kg_m3 for kind in sold]


def _walled(sold: Sequence[Content]) -> bool:
    return all(kind.wall_m > 0 for kind in sold)
