"""Margins of goals: their values on made-up tracks, and what turning the world does not change."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.episode.stories import (
    CAN,
    COUNT,
    DRAWER,
    FINGER,
    GEOMETRY,
    REGION,
    TABLE,
    about_x,
    moved,
    story,
    touched,
    with_joint,
    with_touches,
)

from blueprint.pipeline.episode.goals import (
    Apart,
    AtRest,
    ForceBelow,
    InRegion,
    Inside,
    JointWithin,
    NoCollision,
    NotRaised,
    OnTop,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.margins import margin
from blueprint.pipeline.episode.outlines import depth_inside_m, gap_between_m, outline_of
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.poses import Pose

TRAY_TOP_M = 0.42
YAW = st.floats(-np.pi, np.pi)


def placed(x_m: float, y_m: float, z_m: float) -> Track:
    """Return the story with the can standing somewhere all the time."""
    return moved(story(), "can", lambda p, _: p.__setitem__(slice(None), (x_m, y_m, z_m)))


def test_heights_are_of_the_lowest_point() -> None:
    """Ten centimetres of lift leave five over a demand of five, and are five above a bound of five."""
    assert margin(Raised("can", 0.05), story(), GEOMETRY).max() == pytest.approx(0.05)
    assert margin(NotRaised("can", 0.05), story(), GEOMETRY).min() == pytest.approx(-0.05)
    tipped = moved(story(), "can", lambda _, q: q.__setitem__(slice(1, None), about_x(np.full(COUNT - 1, np.pi / 2))))
    # Lying on its side about its base's middle, its lowest corner is 2 cm deeper than the base was.
    assert margin(Raised("can", 0.05), tipped, GEOMETRY).max() == pytest.approx(0.03)


@given(YAW, st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_a_region_turns_with_what_lies_in_it(yaw_rad: float, x_m: float, y_m: float) -> None:
    """Turning region and object together about the region's centre changes nothing."""
    center = np.array(REGION.center_m)
    turn = np.array([[np.cos(yaw_rad), -np.sin(yaw_rad), 0], [np.sin(yaw_rad), np.cos(yaw_rad), 0], [0, 0, 1]])
    before = margin(InRegion("can", REGION), placed(*(center + np.array([x_m, y_m, 0]))), GEOMETRY)
    there = placed(*(center + turn @ np.array([x_m, y_m, 0])))
    quat = np.array([np.cos(yaw_rad / 2), 0, 0, np.sin(yaw_rad / 2)])
    turned = moved(there, "can", lambda _, q: q.__setitem__(slice(None), quat))
    after = margin(InRegion("can", replace(REGION, yaw_rad=yaw_rad)), turned, GEOMETRY)
    assert after == pytest.approx(before, abs=1e-12)
    assert -before[0] == pytest.approx(max(abs(x_m) + 0.03 - 0.06, abs(y_m) + 0.02 - 0.05), abs=1e-12)


@pytest.mark.parametrize(
    ("height_m", "expected_m"), [(0.009, 0.03), (-0.009, 0.03), (0.03, -0.02), (-0.4, -0.39), (0.01 + 1e-6, -1e-6)]
)
def test_a_region_is_on_its_surface(height_m: float, expected_m: float) -> None:
    """On the floor below it, or on top of something that stands in it, is not in it."""
    x_m, y_m, z_m = REGION.center_m
    found = margin(InRegion("can", REGION), placed(x_m, y_m, z_m + height_m), GEOMETRY)
    assert found == pytest.approx(np.full(COUNT, expected_m), abs=1e-9)


@pytest.mark.parametrize(
    ("x_m", "height_m", "expected_m"),
    [(0.5, 0.0, 0.01), (0.5, 0.004, 0.006), (0.5, -0.015, -0.005), (0.56, 0.0, 0.01), (0.61, 0.0, -0.03)],
)
def test_on_top_is_a_matter_of_height_and_of_the_middle(x_m: float, height_m: float, expected_m: float) -> None:
    """The tray is 16 cm wide; a can may stand over its edge as long as its middle does not."""
    there = placed(x_m, 0.5, TRAY_TOP_M + height_m)
    assert margin(OnTop("can", "tray"), there, GEOMETRY)[-1] == pytest.approx(expected_m, abs=1e-9)


def test_a_plate_carries_deeper_than_its_rim() -> None:
    """Where the goal says so."""
    there = placed(0.5, 0.5, TRAY_TOP_M - 0.015)
    assert margin(OnTop("can", "tray", sink_m=0.02), there, GEOMETRY)[-1] == pytest.approx(0.005)


def test_a_room_moves_with_its_link() -> None:
    """The drawer is pulled out and takes the can along; the can is inside throughout, 5 cm from its end."""
    track = placed(0.05, 0.8, 0.0)
    position = track.body_position_m.copy()
    pull = np.linspace(0, 0.3, COUNT)
    for body in (CAN, DRAWER):
        position[:, track.body_names.index(body), 1] += pull
    pulled = replace(track, body_position_m=position)
    goal = Inside("can", DRAWER, Pose((0.0, 0.0, 0.05)), (0.1, 0.1, 0.05))
    assert margin(goal, pulled, GEOMETRY) == pytest.approx(np.full(COUNT, 0.05), abs=1e-12)
    left = margin(goal, replace(pulled, body_position_m=track.body_position_m + 0), GEOMETRY)
    assert left[0] == pytest.approx(0.05)
    assert margin(goal, placed(0.25, 0.8, 0.0), GEOMETRY)[0] == pytest.approx(-0.15)


def test_joints_have_two_bounds() -> None:
    """The margin is the distance to the nearer one."""
    track = with_joint(story(), np.linspace(0, 0.3, COUNT))
    found = margin(JointWithin("cabinet/slide", 0.1, 0.25), track, GEOMETRY)
    assert found[[0, -1]] == pytest.approx([-0.1, -0.05])
    assert found.max() == pytest.approx(0.075, abs=2e-3)


def test_tilting_counts_over_the_target_and_for_its_time() -> None:
    """The can leans 2 rad from frame 30 to 59 over the tray; asked for are 1.5 rad for 0.4 s, 12 frames."""
    above = placed(0.5, 0.5, 0.6)
    leaning = np.where((np.arange(COUNT) >= 30) & (np.arange(COUNT) < 60), 2.0, 0.0)
    tilted = moved(above, "can", lambda _, q: q.__setitem__(slice(None), about_x(leaning)))
    goal = TiltedOver("can", "tray", 1.5, 0.4)
    holds = np.flatnonzero(margin(goal, tilted, GEOMETRY) >= 0)
    # The lip is 10 cm out from the base's middle at 2 rad: beyond the tray's edge by 1 cm, unless it is wide enough.
    assert not len(holds)
    nearer = moved(tilted, "can", lambda p, _: p[:, 1].__iadd__(0.05))
    holds = np.flatnonzero(margin(goal, nearer, GEOMETRY) >= 0)
    assert holds.tolist() == list(range(41, 60))
    assert margin(goal, nearer, GEOMETRY)[0] == pytest.approx(-1.5)
    below = moved(nearer, "can", lambda p, _: p[:, 2].__isub__(0.3))
    assert (margin(goal, below, GEOMETRY) < 0).all()


@given(YAW)
def test_heading_is_no_lean(yaw_rad: float) -> None:
    """Turning about the vertical leaves a prop upright, however it stood at the start."""
    half = yaw_rad / 2 * np.linspace(0, 1, COUNT)
    turning = np.stack([np.cos(half), np.zeros(COUNT), np.zeros(COUNT), np.sin(half)], axis=1)
    lying = np.array([np.cos(0.6), np.sin(0.6), 0.0, 0.0])
    w, x, _, z = turning.T
    both = np.stack(
        [w * lying[0] - x * lying[1], w * lying[1] + x * lying[0], z * lying[1], z * lying[0]], axis=1
    )  # fmt: skip
    turned = moved(story(), "can", lambda _, q: q.__setitem__(slice(None), both))
    assert margin(Upright("can", 0.2), turned, GEOMETRY) == pytest.approx(np.full(COUNT, 0.2), abs=1e-7)


def test_apart_is_between_outlines_and_without_touch() -> None:
    """The can's side is 5 cm from the tray's; a contact between them is no gap at all."""
    beside = placed(0.5 + 0.08 + 0.03 + 0.05, 0.5, 0.4)
    assert margin(Apart("can", "tray", 0.02), beside, GEOMETRY) == pytest.approx(np.full(COUNT, 0.03), abs=1e-9)
    touching = with_touches(beside, [7], (CAN, "tray/body", (1.0, 0, 0)))
    assert np.flatnonzero(margin(Apart("can", "tray", 0.02), touching, GEOMETRY) < 0).tolist() == [7]


def test_release_needs_an_open_hand_and_no_touch() -> None:
    """From the first wide frame on, and not in one in which a finger comes back."""
    released = margin(Released("can"), story(), GEOMETRY) >= 0
    assert released.tolist() == [frame < 10 or frame >= 55 for frame in range(COUNT)]
    back = with_touches(story(), [70], (FINGER, CAN, (0, 0, 4.0)))
    assert margin(Released("can"), back, GEOMETRY)[70] == pytest.approx(-4.0, abs=2e-3)


def test_rest_is_of_every_point() -> None:
    """Turning on the spot by 0.2 rad/s moves the top's edge faster than a centimetre per second."""
    turning = about_x(0.2 * np.arange(COUNT) / 30)
    turned = moved(placed(0.5, 0.0, 0.4), "can", lambda _, q: q.__setitem__(slice(None), turning))
    radius = float(np.hypot(0.02, 0.1))
    assert margin(AtRest("can"), turned, GEOMETRY)[-1] == pytest.approx(0.01 - 0.2 * radius, rel=1e-3)
    assert (margin(AtRest("can"), placed(0.5, 0.0, 0.4), GEOMETRY) == 0.01).all()


def test_what_is_not_handled_may_be_neither_moved_nor_pushed() -> None:
    """Distances from the start, and the strongest of all pairs per frame."""
    shoved = moved(story(), "tray", lambda p, _: p[50:, 0].__iadd__(0.03))
    assert margin(Undisturbed("tray", 0.05), shoved, GEOMETRY)[[0, 60]] == pytest.approx([0.05, 0.02])
    pushed = with_touches(story(), [40], (TABLE, FINGER, (0, 0, 3.0)), (TABLE, FINGER, (0, 0, 4.0)))
    assert margin(NoCollision(("can",), 5.0), pushed, GEOMETRY)[[39, 40]] == pytest.approx([5.0, -2.0])
    assert margin(ForceBelow(30.0), pushed, GEOMETRY)[[5, 40]] == pytest.approx([30.0, 10.0])
    opposed = with_touches(story(), [40], (FINGER, TABLE, (0, 0, 7.0)), (TABLE, FINGER, (0, 0, 7.0)))
    assert margin(NoCollision(("can",), 5.0), opposed, GEOMETRY)[40] == pytest.approx(5.0)


def test_without_contacts_there_is_no_force() -> None:
    """Nothing was measured, and nothing is made up."""
    empty = touched(story(), [[]] * COUNT)
    assert (margin(ForceBelow(30.0), empty, GEOMETRY) == 30.0).all()


@given(YAW, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_outlines_are_measured_as_they_are(yaw_rad: float, x_m: float, y_m: float) -> None:
    """Of a turned rectangle of 20 by 10 cm, whose distance to a point is known in closed form."""
    corners = np.array([[x, y, 0.0] for x in (-0.1, 0.1) for y in (-0.05, 0.05)])
    cosine, sine = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    turned = (corners @ turn.T)[None]
    point = turn @ np.array([x_m, y_m, 0.0])
    beyond = np.array([abs(x_m) - 0.1, abs(y_m) - 0.05])
    exact = -beyond.max() if beyond.max() < 0 else -np.linalg.norm(np.maximum(beyond, 0))
    assert depth_inside_m(point[None], outline_of(turned))[0] == pytest.approx(exact, rel=6e-4, abs=1e-12)
    if exact < 0:
        assert gap_between_m(turned, point[None, None])[0] == pytest.approx(-exact, rel=6e-4, abs=1e-12)
