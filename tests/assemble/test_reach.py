"""Grasps at which the gripper fits nowhere are dropped before any place of the robot is tried."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from blueprint.pipeline.assemble.reach import BACK_M, GRASPS_PER_PROP, free_grasps
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot

MARGIN_M = 0.01


class Counter:
    """A world with a counter top at z = 0: what the gripper has of room is its height over it."""

    robot = load_robot("franka_panda")

    def __init__(self) -> None:
        self.ignored: list[tuple[str, ...]] = []

    def links_of(self, prop: str) -> tuple[str, ...]:
        return (f"{prop}/body",)

    def gripper_clearance_m(self, T_world_tcp: Pose, arm_rad: object, ignoring: Sequence[str] = ()) -> float:
        self.ignored.append(tuple(ignoring))
        return T_world_tcp.position_m[2]


def grasp(height_m: float, *, downwards: bool = True) -> Pose:
    # The hand comes along the z axis of the grasp and draws back against it.
    return Pose((0.0, 0.0, height_m), (0.0, 1.0, 0.0, 0.0) if downwards else (1.0, 0.0, 0.0, 0.0))


def free(world: Counter, grasps: Mapping[str, Sequence[Pose]]) -> dict[str, list[Pose]]:
    return free_grasps(cast(Any, world), grasps, MARGIN_M)


def test_what_touches_in_the_grasp_or_on_the_way_back_is_dropped() -> None:
    above, inside, from_below = grasp(0.05), grasp(-0.01), grasp(BACK_M + MARGIN_M / 2, downwards=False)
    assert free(Counter(), {"mug": [inside, above, from_below], "board": [inside]}) == {"mug": [above], "board": []}


def test_only_in_the_grasp_may_the_gripper_be_about_its_object() -> None:
    world = Counter()
    free(world, {"mug": [grasp(0.05)]})
    assert world.ignored == [("mug/body",), ()]


@pytest.mark.parametrize("count", [3, GRASPS_PER_PROP, 2 * GRASPS_PER_PROP])
def test_a_spread_of_what_is_free_is_kept_best_first(count: int) -> None:
    grasps = [grasp(0.05 + number / 1000) for number in range(count)]
    kept = free(Counter(), {"mug": grasps})["mug"]
    assert len(kept) == min(count, GRASPS_PER_PROP)
    assert kept[0] == grasps[0]
    assert [grasps.index(each) for each in kept] == sorted(grasps.index(each) for each in kept)
