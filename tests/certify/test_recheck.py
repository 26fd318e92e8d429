"""The second measurement: its geometry against closed forms and the first one's, its goals on a recorded story."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.datasets import BODIES, MUG

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.plane_geometry import apart, hull, outside
from blueprint.pipeline.certify.recheck import hull_distance_m, recheck
from blueprint.pipeline.certify.second_poses import SecondPoses, turned
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import (
    AtRest,
    ForceBelow,
    Goal,
    InRegion,
    Inside,
    JointWithin,
    NoCollision,
    NotRaised,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.judgement import judge
from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.outlines import depth_inside_m, gap_between_m, outline_of
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.track import load_track
from blueprint.pipeline.scene.pose_arrays import rotations
from blueprint.pipeline.scene.poses import Pose

PLACES = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=5, max_size=12)


@given(PLACES, st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
def test_polygons_agree_with_extents(points: list[tuple[float, float]], point: tuple[float, float]) -> None:
    """Corner by corner, and by how far outlines reach along directions: the same distances."""
    there = hull(points)
    if len(there) < 3:
        return
    depth = depth_inside_m(np.array([point]), outline_of(np.array([points])))[0]
    away = outside(point, there)
    assert away == pytest.approx(max(0.0, -depth), rel=1e-3, abs=1e-6)


@given(PLACES, PLACES, st.floats(-4, 4))
def test_distances_of_polygons_agree(
    first: list[tuple[float, float]], second: list[tuple[float, float]], shift: float
) -> None:
    """Two ways to say how far two outlines are apart."""
    second = [(x + shift, y) for x, y in second]
    if len(hull(first)) < 3 or len(hull(second)) < 3:
        return
    gap = gap_between_m(np.array([first]), np.array([second]))[0]
    assert apart(hull(first), hull(second)) == pytest.approx(max(0.0, gap), rel=2e-3, abs=1e-6)


def test_quaternion_products_turn_as_matrices_do() -> None:
    """Of random turns and points."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        quat, points = rng.normal(size=4), rng.normal(size=(5, 3))
        quat /= np.linalg.norm(quat)
        assert turned(quat, points) == pytest.approx(points @ rotations(quat[None])[0].T, abs=1e-12)


@given(st.floats(0.01, 2), st.floats(-0.4, 0.4))
def test_hulls_are_as_far_apart_as_boxes_are(gap_m: float, aside_m: float) -> None:
    """Two unit cubes face to face; overlapping ones have no distance."""
    cube = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    found_m = hull_distance_m(cube, cube + np.array([1 + gap_m, aside_m, aside_m]))
    assert found_m == pytest.approx(gap_m, abs=1e-6)
    assert hull_distance_m(cube, cube + np.array([0.9, aside_m, aside_m])) == 0.0


@pytest.fixture
def recorded(sound: Path) -> tuple[States, Task]:
    """One successful episode."""
    files = DatasetFiles(sound)
    return States(files.source(0) / "states.h5"), files.task(0)


def test_the_other_poses_are_the_same_to_single_precision(recorded: tuple[States, Task]) -> None:
    """Of what moves; and they are other numbers."""
    states, _ = recorded
    poses = SecondPoses(states)
    row = BODIES.index(f"{MUG}/body")
    first, second = states.channel("body_position_m")[:, row], poses.poses[f"{MUG}/body"][0]
    assert second == pytest.approx(first, abs=1e-6)
    assert not np.array_equal(first, second)


def lifted(region: Region, by_m: float) -> Region:
    """Return a region on a higher shelf."""
    x_m, y_m, z_m = region.center_m
    return replace(region, center_m=(x_m, y_m, z_m + by_m))


def test_both_measurements_agree_on_every_goal(recorded: tuple[States, Task]) -> None:
    """Goals that the story meets and goals that it does not, each alone."""
    states, task = recorded
    track, geometry = load_track(states), Geometry(states.link_corners_m())
    rise_m = float(np.ptp(track.prop_position_m[:, 0, 2]))
    region = next(task.regions())
    room = Pose(tuple((track.prop_position_m[-1, 0] - track.tcp_position_m[-1]).tolist()))
    meets: list[tuple[Goal, bool]] = [
        (InRegion(MUG, region), True),
        (InRegion(MUG, replace(region, half_size_m=(0.02, 0.02))), False),
        (InRegion(MUG, lifted(region, 0.05)), False),
        (InRegion(MUG, lifted(region, -0.05)), False),
        (Raised(MUG, rise_m - 0.01), True),
        (Raised(MUG, rise_m + 0.01), False),
        (NotRaised(MUG, rise_m + 0.01), True),
        (NotRaised(MUG, rise_m - 0.01), False),
        (Released(MUG), True),
        (AtRest(MUG), True),
        (Upright(MUG, 3.0), True),
        (Undisturbed(MUG, 5.0), True),
        (Undisturbed(MUG, 0.01), False),
        (ForceBelow(25.0), True),
        (ForceBelow(15.0), False),
        (NoCollision((MUG,), 5.0), True),
        (NoCollision((), 5.0), False),
        (JointWithin("robot/panda_joint1", 2.0, 3.0), False),
        (Inside(MUG, BODIES[0], room, (1e-6, 1e-6, 1e-6)), False),
        (TiltedOver(MUG, MUG, 3.1, 0.1), False),
    ]
    # These hold from the start on, so that alone they would be no task.
    raised = Raised(MUG, rise_m - 0.01)
    lasting: list[Goal] = [
        JointWithin("robot/panda_joint1", -3.0, 3.0),
        Inside(MUG, f"{MUG}/body", Pose(), (0.01, 0.01, 0.01)),
    ]
    for goal in lasting:
        both, alone = replace(task, goals=(raised, goal), safety=()), replace(task, goals=(goal,), safety=())
        assert judge(track, both, geometry).success
        assert recheck(states, both).confirmed
        assert judge(track, alone, geometry).failure is FailureCode.ALREADY_DONE
        assert recheck(states, alone).reason == "that anything was left to do at the start"
    for goal, expected in meets:
        alone = replace(task, goals=(goal,), safety=())
        assert judge(track, alone, geometry).success is expected, goal
        assert recheck(states, alone).confirmed is expected, goal
