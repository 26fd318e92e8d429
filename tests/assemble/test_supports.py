"""Putting props down."""

import pytest

from blueprint.pipeline.assemble.supports import Support, main_support, put_down
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.supports import FLOOR_SURFACE, WorldSurface

TABLE = WorldSurface("table", "top", Pose((0.0, 0.0, 0.7)), (0.5, 0.4))
SHELF = WorldSurface("shelf", "low", Pose((2.0, 0.0, 0.4)), (0.3, 0.2))


@pytest.mark.parametrize("gap", [0.012, -0.0006])
def test_a_prop_is_moved_straight_onto_its_support(gap: float) -> None:
    start = Pose.from_yaw((0.1, 0.2, 0.7 + gap), 0.5)
    move = put_down("mug", start, Support("table/top", gap, TABLE))
    assert move.T_world_prop.position_m == pytest.approx((0.1, 0.2, 0.7))
    assert move.T_world_prop.quat_wxyz == start.quat_wxyz
    assert move.why == f"stands on table/top; the scan has its colliders {1000 * gap:.2f} mm above it"


def test_the_main_support_holds_most() -> None:
    feet = (("a", TABLE), ("b", SHELF), ("c", SHELF), ("d", TABLE))
    rests = {name: Support(f"{foot.prop}/{foot.name}", 0.0, foot) for name, foot in feet}
    assert main_support(rests, ("a", "b", "c")) == SHELF
    assert main_support(rests, ("a", "b", "c", "d")) == TABLE
    assert main_support(rests, ("nobody",)) == FLOOR_SURFACE
