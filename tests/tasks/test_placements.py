"""Target regions and the sentences that name them."""

from collections.abc import Mapping

import numpy as np
import pytest

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.tasks.placements import (
    Footprints,
    Placement,
    RegionRules,
    draw_placements,
    pick_place_task,
    support_of,
)

BOX = np.array([[x, y, z] for x in (-0.03, 0.03) for y in (-0.02, 0.02) for z in (0.0, 0.08)])
CRATE = np.array([[x, y, z] for x in (-0.06, 0.06) for y in (-0.06, 0.06) for z in (0.0, 0.12)])
POSES = {"box": Pose.from_yaw((0.5, -0.2, 0.3), 0.3), "crate": Pose((0.45, 0.3, 0.3))}
BASE_M = np.zeros(3)


def drawn(assembled: Assembled, poses: Mapping[str, Pose] = POSES, *, reach_m: float = 0.7) -> list[Placement]:
    """Draw regions for the box."""
    found = support_of(assembled.manifest, poses["box"])
    assert found is not None
    prints = Footprints({"box": BOX, "crate": CRATE}, poses)
    return list(draw_placements("box", *found, prints, BASE_M, reach_m, stream(1, 0, "region")))


def test_regions_are_on_the_table_within_reach_and_clear(assembled: Assembled) -> None:
    """Whatever is drawn keeps every rule."""
    rules, placements = RegionRules(), drawn(assembled)
    assert len(placements) > 10
    for placement in placements:
        center, half = np.array(placement.region.center_m[:2]), np.array(placement.region.half_size_m)
        assert (np.abs(center - [0.6, 0.0]) + half <= [0.35, 0.5]).all()
        assert np.linalg.norm(center) <= 0.7
        gap = np.abs(center - [0.45, 0.3]) - half - 0.06
        assert gap.max() >= rules.gap_m - 1e-9
        assert (
            np.linalg.norm(np.subtract(placement.T_world_prop.position_m, POSES["box"].position_m))
            >= rules.least_move_m
        )


def test_the_prop_lies_in_the_middle_of_its_region(assembled: Assembled) -> None:
    """With the margin all around."""
    for placement in drawn(assembled):
        flat = placement.T_world_prop.apply(BOX)[:, :2] - placement.region.center_m[:2]
        room = np.array(placement.region.half_size_m) - np.abs(flat).max(axis=0)
        assert room == pytest.approx([RegionRules().margin_m] * 2, abs=1e-9)
        assert placement.T_world_prop.position_m[2] == pytest.approx(0.3)


def test_out_of_reach_nothing_is_drawn(assembled: Assembled) -> None:
    """A robot that reaches 10 cm has no region."""
    assert drawn(assembled, reach_m=0.1) == []


def test_a_floating_prop_has_no_support(assembled: Assembled) -> None:
    """Half a metre above the table is on nothing."""
    assert support_of(assembled.manifest, Pose((0.5, -0.2, 0.8))) is None
    found = support_of(assembled.manifest, Pose((0.5, -0.2, 0.301)))
    assert found is not None
    assert found[0].prop.id == "table"


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ((0.5, 0.2, 0.3), "further to the left"),
        ((0.5, -0.45, 0.3), "further to the right"),
        ((0.75, -0.2, 0.3), "further back"),
        ((0.3, -0.2, 0.3), "nearer to the robot"),
    ],
)
def test_the_sentence_says_where(assembled: Assembled, goal: tuple[float, float, float], words: str) -> None:
    """As seen from behind the robot."""
    region = drawn(assembled)[0].region
    moved = type(region)(region.name, region.support, goal, region.half_size_m, region.yaw_rad)
    task = pick_place_task("episode", assembled.manifest, "box", moved, POSES)
    assert task.instruction == f"Pick up the box and place it {words} on the table."
