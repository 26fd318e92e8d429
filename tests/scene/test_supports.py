"""Which surface a prop stands on."""

import numpy as np
import pytest

from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import PropShape, box_corners
from blueprint.pipeline.scene.supports import FLOOR_SURFACE, find_support, world_surfaces

CUBE = PropShape((box_corners((0.05, 0.05, 0.05)) + np.array([0.0, 0.0, 0.05]),))
SHELF = [
    SupportSurface("low", "body", Pose((0.0, 0.0, 0.4)), (0.5, 0.2), 0.02),
    SupportSurface("high", "body", Pose((0.0, 0.0, 0.8)), (0.5, 0.2), 0.02),
]
SURFACES = [*world_surfaces("shelf", Pose.from_yaw((1.0, 2.0, 0.0), 1.5707963), SHELF), FLOOR_SURFACE]


@pytest.mark.parametrize(
    ("position", "expected", "gap"),
    [
        ((1.0, 2.0, 0.803), "high", 0.003),
        ((1.0, 2.4, 0.398), "low", -0.002),
        # The shelf is turned: along x it is only 0.4 m deep.
        ((1.4, 2.0, 0.8), None, None),
        ((1.4, 2.0, 0.001), "floor", 0.001),
        ((1.0, 2.0, 0.6), None, None),
    ],
)
def test_the_nearest_surface_within_reach_holds(position: tuple, expected: str | None, gap: float | None) -> None:
    standing = find_support(CUBE, Pose(position), SURFACES, reach_m=0.03)
    assert (standing.surface.name if standing else None) == expected
    if standing:
        assert standing.gap_m == pytest.approx(gap)
