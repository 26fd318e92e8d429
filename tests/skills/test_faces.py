"""Spots to push lie on the face that looks against the way, off handles, far from the hinge first."""

import numpy as np

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills.faces import Spot, spots_to_push

FACE_Y_M = -0.01


def box(center: tuple[float, float, float], half: tuple[float, float, float]) -> np.ndarray:
    """The corners of a box."""
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    return np.array(center) + signs * np.array(half)


LEAF = box((0.25, 0.0, 0.5), (0.25, 0.01, 0.4))
BAR = box((0.4, -0.04, 0.5), (0.01, 0.03, 0.06))
SHUTS = Pose.from_yaw((0.0, 0.0, 0.0), 0.03)
"""The first bit of a turn about the z axis, in which the far end of the leaf goes along +y."""


def test_spots_are_on_the_face_against_the_way() -> None:
    for ahead, side in ((SHUTS, 1.0), (SHUTS.inverse(), -1.0)):
        spots = spots_to_push([LEAF, BAR], ahead)
        assert len(spots) >= 12
        np.testing.assert_allclose([spot.point_m[1] for spot in spots], side * FACE_Y_M, atol=1e-6)
        np.testing.assert_allclose([spot.normal for spot in spots], [[0.0, -side, 0.0]] * len(spots), atol=1e-6)


def test_the_bar_is_left_out_and_the_far_side_comes_first() -> None:
    spots = spots_to_push([LEAF, BAR], SHUTS)
    assert not any(abs(x - 0.4) < 0.01 and abs(z - 0.5) < 0.06 for x, _, z in (spot.point_m for spot in spots))
    assert spots[0].point_m[0] > 0.4
    assert {round(0.9 - spot.point_m[2], 3) for spot in spots} >= {0.035, 0.02}


def test_nothing_is_pushed_where_no_face_looks_against_the_way() -> None:
    """A wedge, whose every side slants."""
    wedge = np.array([[0, 0, 0], [0.3, 0.3, 0], [-0.3, 0.3, 0], [0, 0, 0.5], [0.3, 0.3, 0.5], [-0.3, 0.3, 0.5]])
    assert spots_to_push([wedge], Pose((0.0, 0.01, 0.0))) == []


def test_a_spot_is_carried_with_its_normal() -> None:
    carried = Spot((1.0, 0.0, 0.0), (1.0, 0.0, 0.0)).carried(Pose.from_yaw((0.0, 0.0, 1.0), np.pi / 2))
    np.testing.assert_allclose(carried.point_m, [0.0, 1.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(carried.normal, [0.0, 1.0, 0.0], atol=1e-12)
