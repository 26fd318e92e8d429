"""Parts are moved as their joints say, and what they cut into is measured."""

import numpy as np
import pytest
from tests.articulate.furniture import block

from blueprint.pipeline.articulate.sweep import motion, overlap_depth_m, sweep
from blueprint.pipeline.scene.props import Joint

HINGE = Joint("door_joint", "revolute", "base", "door", (0, 0, 1), (1.0, 2.0, 0.0), 0.0, np.pi / 2)
SLIDE = Joint("drawer_joint", "prismatic", "base", "drawer", (0, -2, 0), (0, 0, 0), 0.0, 0.5)


def test_a_hinge_turns_about_its_line_and_a_slide_goes_along_its_axis() -> None:
    turned = motion(HINGE, np.pi / 2) @ [2.0, 2.0, 0.3, 1.0]
    np.testing.assert_allclose(turned, (1.0, 3.0, 0.3), atol=1e-12)
    np.testing.assert_allclose(motion(SLIDE, 0.5) @ [0.0, 0.0, 0.0, 1.0], (0.0, -0.5, 0.0))


def test_the_depth_of_an_overlap_is_its_smallest_extent() -> None:
    wall = block((0, 0, 0), (1, 0.1, 1))
    assert overlap_depth_m(block((0.2, 0.08, 0.2), (0.6, 0.3, 0.7)), wall) == pytest.approx(0.02)
    assert overlap_depth_m(block((0.2, 0.1, 0.2), (0.6, 0.3, 0.7)), wall) == 0.0


def test_only_what_is_in_the_way_is_reported_and_what_is_carried_moves_along() -> None:
    base, drawer = block((-1, 0.5, 0), (1, 1, 1)), block((-0.4, 0, 0), (0.4, 0.5, 0.3))
    post = block((-0.1, -0.3, 0), (0.1, -0.25, 0.3))
    knob = block((-0.05, -0.02, 0.1), (0.05, 0.0, 0.2))
    turn = Joint("knob_joint", "revolute", "drawer", "knob", (0, -1, 0), (0, 0, 0.15), -1.0, 1.0)
    solids = {"base": [base], "drawer": [drawer], "knob": [knob]}
    assert sweep([SLIDE, turn], solids) == []
    (found,) = sweep([SLIDE, turn], {**solids, "base": [base, post]})
    assert (found.joint, found.link) == ("drawer_joint", "base")
    assert found.depth_m == pytest.approx(0.05, abs=1e-6)
    assert found.position > 0.25
