"""Putting props down."""

import pytest

from blueprint.pipeline.assemble.supports import main_support, put_down
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.supports import FLOOR_SURFACE, Standing, WorldSurface

TABLE = WorldSurface("table", "top", Pose((0.0, 0.0, 0.7)), (0.5, 0.4))
SHELF = WorldSurface("shelf", "low", Pose((2.0, 0.0, 0.4)), (0.3, 0.2))


@pytest.mark.parametrize("gap", [0.012, -0.0006])
def test_a_prop_is_moved_straight_onto_its_support(gap: float) -> None:
    start = Pose.from_yaw((0.1, 0.2, 0.7 + gap), 0.5)
    move = put_down("mug", start, Standing(TABLE, gap))
    assert move.T_world_prop.position_m == pytest.approx((0.1, 0.2, 0.7))
    assert move.T_world_prop.quat_wxyz == start.quat_wxyz
    assert f"stands on table/top; the scan has its lowest collider point {1000 * gap:.2f} mm above" in move.why


def test_the_main_support_holds_most() -> None:
    standings = {name: Standing(surface, 0.0) for name, surface in
                 (("a", TABLE), ("b", SHELF), ("c", SHELF), ("d", TABLE))}  # fmt: skip
    assert main_support(standings, ("a", "b", "c")) == SHELF
    assert main_support(standings, ("a", "b", "c", "d")) == TABLE
    assert main_support(standings, ("nobody",)) == FLOOR_SURFACE
