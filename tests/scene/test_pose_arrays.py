"""Many poses at once say what single poses say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.pose_arrays import carried, continuous, lengths, rotations
from blueprint.pipeline.scene.poses import Pose, vec3

NUMBERS = st.lists(st.floats(-2, 2), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1)
PLACES = st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))


def unit(values: list[float]) -> tuple[float, float, float, float]:
    """Return a unit quaternion."""
    w, x, y, z = (np.array(values) / np.linalg.norm(values)).tolist()
    return (w, x, y, z)


@given(PLACES, NUMBERS, PLACES, NUMBERS)
def test_what_is_carried_is_where_the_product_says(
    place: tuple[float, float, float], turn: list[float], inside: tuple[float, float, float], spin: list[float]
) -> None:
    """`T_world_body @ T_body_child`, for a row of one."""
    body, child = Pose(place, unit(turn)), Pose(inside, unit(spin))
    position, quat = carried(np.array([body.position_m]), np.array([body.quat_wxyz]), child)
    expected = body @ child
    assert vec3(position[0]) == pytest.approx(expected.position_m, abs=1e-12)
    assert quat[0] == pytest.approx(expected.quat_wxyz, abs=1e-12)
    assert rotations(np.array([turn]))[0] == pytest.approx(Pose((0, 0, 0), unit(turn)).rotation(), abs=1e-12)


def test_signs_never_jump() -> None:
    """A turn through a full circle, with signs thrown at random, comes out smooth and with its first sign."""
    half = np.linspace(0, np.pi, 50)
    quat = np.stack([np.cos(half), np.zeros(50), np.zeros(50), np.sin(half)], axis=1)
    signs = np.random.default_rng(3).choice([-1.0, 1.0], 50)
    signs[0] = 1.0
    assert continuous(quat * signs[:, None]) == pytest.approx(quat, abs=0)


def test_lengths_are_along_the_last_axis() -> None:
    """Three, four, five."""
    assert lengths(np.array([[[3.0, 4.0]], [[0.0, 1.0]]])).tolist() == [[5.0], [1.0]]
