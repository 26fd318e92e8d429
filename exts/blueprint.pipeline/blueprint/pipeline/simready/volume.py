"""How much room a link takes, and whether its mesh models walls of matter or only the outline of a thing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .hulls import exact_hull_of, hull_volume_m3
from .solids import Solid
from .walls import Walls, measure_walls

_THIN_WALL = 0.12
"""Wall thickness over the hull's size below which a mesh is taken for the wall itself, not for a filled outline."""

_HOLLOW = 0.5
"""Share of its hull that a mesh of mere walls encloses at most."""

_CLOSED_SPREAD, _HULLS_SPREAD = 0.15, 0.4
"""Of a volume's logarithm: three times the 5 % by which scales are off, and what hulls add where a mesh is open."""


@dataclass(frozen=True)
class Volume:
    """A volume of matter in m3, the area of its scanned surface, how it was found and how sure that is.

    `walls_only` says that the mesh models walls of matter; `walls` is what rays measured of them. `spread` is the
    standard deviation of the volume's logarithm.
    """

    volume_m3: float
    walls_only: bool
    why: str
    area_m2: float
    spread: float
    walls: Walls | None = None


def enclosed_volume(solid: Solid, hulls: Sequence[TriangleMesh], *, is_link: bool = False) -> Volume:
    """Measure what a link encloses; an open surface is estimated from its convex pieces and says so.

    A thin link of something that moves, such as a door, is a board and no empty box.
    """
    scanned_m2 = solid.area_m2 - solid.patched_m2
    if not solid.closed or solid.volume_m3 <= 0:
        volume = sum(hull_volume_m3(hull) for hull in hulls)
        why = f"{volume:.2g} m3 (the mesh has holes: volume of its convex pieces, review)"
        return Volume(volume, False, why, scanned_m2, _HULLS_SPREAD)
    patched = f", holes of {solid.patched_m2 * 1e4:.1f} cm2 closed" if solid.patched_m2 > 0 else ""
    walls = measure_walls(solid)
    thin = is_walls_only(solid, walls, hollow=1.0 if is_link else _HOLLOW)
    kind = f"of solid wall, {1e3 * walls.thickness_m:.1f} mm thick by rays" if thin and walls else "enclosed"
    spread = _CLOSED_SPREAD + solid.patched_m2 / solid.area_m2
    return Volume(solid.volume_m3, thin, f"{solid.volume_m3:.2g} m3 {kind}{patched}", scanned_m2, spread, walls)


def is_walls_only(solid: Solid, walls: Walls | None, hollow: float = _HOLLOW) -> bool:
    """Whether a closed mesh models walls of matter, as of a mug or a table, rather than the outline of a thing.

    `hollow` is the share of the hull that walls fill at most.
    """
    hull_m3 = hull_volume_m3(exact_hull_of(solid.vertices_m))
    thin_m = _THIN_WALL * float(np.cbrt(hull_m3))
    return walls is not None and solid.volume_m3 <= hollow * hull_m3 and walls.thickness_m < thin_m
