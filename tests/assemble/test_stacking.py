"""Gaps between convex pieces."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.pipeline.assemble.stacking import gap_above_m, piece_gap_m
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.shapes import PropShape, box_corners

Array = NDArray[np.float64]


def block(half_m: Vec3, at_m: Sequence[float] = (0.0, 0.0, 0.0)) -> Array:
    """Return the corners of a box."""
    return np.add(box_corners(half_m), at_m)


CUBE = block((0.5, 0.5, 0.5))


def test_boxes_are_as_far_apart_as_their_faces() -> None:
    assert piece_gap_m(np.add(CUBE, [0.3, 0.2, 1.25]), CUBE) == pytest.approx(0.25)
    assert piece_gap_m(np.add(CUBE, [0.3, 0.2, 0.9]), CUBE) == pytest.approx(-0.1)
    assert piece_gap_m(np.add(CUBE, [1.2, 0.0, 1.0]), CUBE) is None


def test_an_edge_over_an_edge_is_found_between_the_corners() -> None:
    """Two wedges cross: neither has a corner above or below the other's ridge."""
    ridge = np.array([[-1.0, 0, 0], [1.0, 0, 0], [0, -0.2, -1.0], [0, 0.2, -1.0]])
    keel = np.array([[0, -1.0, 0.07], [0, 1.0, 0.07], [-0.2, 0, 1.0], [0.2, 0, 1.0]])
    assert piece_gap_m(keel, ridge) == pytest.approx(0.07)


def test_pieces_beside_one_another_do_not_lift_a_thing_out_of_a_vessel() -> None:
    """A cup that touches the vessel's wall by a hair stands on the vessel's bottom."""
    bottom = block((0.1, 0.1, 0.01))
    wall = block((0.005, 0.1, 0.06), (0.1, 0.0, 0.05))
    cup = block((0.05, 0.05, 0.05), (0.0455, 0.0, 0.062))
    vessel = PropShape((bottom, wall))
    gap = gap_above_m(PropShape((cup,)), Pose(), vessel, Pose(), near_m=0.001, slack_m=0.01)
    assert gap == pytest.approx(0.002)
    far = gap_above_m(PropShape((cup,)), Pose((0.0, 0.0, 0.5)), vessel, Pose(), near_m=0.001, slack_m=0.01)
    assert far is None
