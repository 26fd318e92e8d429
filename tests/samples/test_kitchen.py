import numpy as np
import pytest
from scipy.spatial import ConvexHull, cKDTree

from blueprint.pipeline.samples import kitchen as sample
from blueprint.pipeline.samples.environment import Environment, Item
from blueprint.pipeline.samples.shape import Floats

GRIPPER_OPENING_M = 0.07
CLEARANCE_M = 0.10


@pytest.fixture(params=range(4), ids=lambda seed: f"seed {seed}")
def room(request: pytest.FixtureRequest) -> Environment:
    return sample.build_kitchen(request.param)


def on_the_countertop(room: Environment) -> list[Item]:
    standing = [item for item in room.items if item.fitted and item.rests_on]
    return [item for item in standing if room.items[item.rests_on[0]].label == "countertop"]


def footprint(item: Item) -> Floats:
    """The outline seen from above, a point every 2 mm at least."""
    flat = item.world_vertices_m[:, :2]
    corners = flat[ConvexHull(flat).vertices]
    steps = np.linspace(0.0, 1.0, 160)[:, None, None]
    return ((1.0 - steps) * corners + steps * np.roll(corners, -1, axis=0)).reshape(-1, 2)


def narrowest_m(outline: Floats) -> float:
    angles = np.linspace(0.0, np.pi, 180, endpoint=False)
    across = outline @ np.stack([np.cos(angles), np.sin(angles)])
    return float((across.max(axis=0) - across.min(axis=0)).min())


def test_things_stand_apart_so_that_a_gripper_fits_between(room: Environment) -> None:
    outlines = {item.label: footprint(item) for item in on_the_countertop(room)}
    gaps = {
        (a, b): float(cKDTree(outlines[a]).query(outlines[b])[0].min()) for a in outlines for b in outlines if a < b
    }
    assert min(gaps.values()) > CLEARANCE_M, min(gaps.items(), key=lambda pair: pair[1])


def test_at_least_five_things_fit_a_gripper(room: Environment) -> None:
    narrow = {item.label for item in on_the_countertop(room) if narrowest_m(footprint(item)) < GRIPPER_OPENING_M}
    assert narrow >= {"cereal box", "bottle", "can", "sponge", "apple"}


def test_things_to_grasp_lie_within_one_arm_length(room: Environment) -> None:
    near = [item for item in on_the_countertop(room) if item.label != "cutting board"]
    x = np.concatenate([footprint(item)[:, 0] for item in near])
    assert x.max() - x.min() < 0.9


def test_the_free_area_is_free(room: Environment) -> None:
    low, high = np.array(sample.FREE_AREA_M)
    assert (high - low).min() >= 0.25
    for item in on_the_countertop(room):
        points = footprint(item)
        assert not ((points > low) & (points < high)).all(axis=1).any(), item.label


def test_everything_rests_on_what_it_says(room: Environment) -> None:
    for item in room.items:
        lowest_m = item.world_vertices_m[:, 2].min()
        tops_m = [room.items[number].world_vertices_m[:, 2].max() for number in item.rests_on] or [0.0]
        np.testing.assert_allclose(lowest_m, tops_m, atol=1e-9)
    assert room.items[2].world_vertices_m[:, 2].max() == pytest.approx(0.90)


def test_things_stand_wholly_on_the_countertop(room: Environment) -> None:
    top = room.items[2].world_vertices_m
    for item in on_the_countertop(room):
        outline = footprint(item)
        assert (outline.min(axis=0) > top[:, :2].min(axis=0)).all()
        assert (outline.max(axis=0) < top[:, :2].max(axis=0)).all()


def test_neighbouring_furniture_does_not_overlap(room: Environment) -> None:
    boxes = [
        np.array([item.world_vertices_m.min(axis=0), item.world_vertices_m.max(axis=0)]) for item in room.items[:3]
    ]
    for a in range(3):
        for b in range(a):
            shared = np.minimum(boxes[a][1], boxes[b][1]) - np.maximum(boxes[a][0], boxes[b][0])
            assert shared.min() < 1e-9


def test_the_seed_moves_things_by_millimetres_and_no_furniture() -> None:
    here, there = sample.build_kitchen(0), sample.build_kitchen(1)
    for a, b in zip(here.items, there.items, strict=True):
        shift_m = np.linalg.norm(a.T_world_object[:3, 3] - b.T_world_object[:3, 3])
        assert shift_m < 0.012
        assert (shift_m > 0.0) == (a.rests_on == (2,))


def test_object_poses_are_rotations(room: Environment) -> None:
    for item in room.items:
        turn = item.T_world_object[:3, :3]
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(turn) == pytest.approx(1.0)
        np.testing.assert_allclose(item.shape.bounds_m.sum(axis=0), 0.0, atol=1e-12)
