"""Putting props on their supports."""

from collections.abc import Mapping, Sequence

import numpy as np

from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.supports import FLOOR_SURFACE, Standing, WorldSurface


def put_down(prop: str, T_world_prop: Pose, standing: Standing) -> MoveProp:
    """Move a prop straight up or down until its lowest collider point is on its support."""
    position = np.asarray(T_world_prop.position_m) - (0.0, 0.0, standing.gap_m)
    support = standing.surface.prop or "room"
    why = (
        f"stands on {support}/{standing.surface.name}; the scan has its lowest collider point "
        f"{1000 * standing.gap_m:.2f} mm above that plane"
    )
    return MoveProp(prop, Pose(vec3(position), T_world_prop.quat_wxyz), why)


def main_support(standings: Mapping[str, Standing], wanted: Sequence[str]) -> WorldSurface:
    """Return the surface on which most of the wanted props stand; the larger one where two hold as many."""
    surfaces = [standings[prop].surface for prop in wanted if prop in standings]
    if not surfaces:
        return FLOOR_SURFACE
    distinct = list(dict.fromkeys(surfaces))
    return max(distinct, key=lambda surface: (surfaces.count(surface), float(np.prod(surface.half_size_m))))
