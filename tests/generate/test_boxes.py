"""Boxes around what is seen, and around the links themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.generate.boxes import UNKNOWN, LinkBoxes, boxes_of_ids
from blueprint.pipeline.scene.poses import Pose, quat_from_rotation


@given(st.integers(0, 2**32 - 1))
def test_boxes_are_tight(seed: int) -> None:
    """Every pixel of a thing is inside, and each side has one."""
    ids = np.random.default_rng(seed).integers(0, 5, (7, 9)) * (np.random.default_rng(seed + 1).random((7, 9)) < 0.3)
    seen = boxes_of_ids(ids, None, 6)
    for thing in range(1, 7):
        left, top, right, bottom = seen.box_px[thing - 1].tolist()
        rows, columns = np.nonzero(ids == thing)
        assert seen.visible_px[thing - 1] == len(rows)
        if not len(rows):
            assert (left, top, right, bottom) == (-1, -1, -1, -1)
            continue
        assert (left, top, right - 1, bottom - 1) == (columns.min(), rows.min(), columns.max(), rows.max())


def test_what_covers_a_pixel_is_counted_for_each_thing() -> None:
    """Thing 1 hides half of thing 2; thing 70 has no bit, so that nothing is known of it."""
    ids = np.array([[1, 1, 0, 70]])
    covered = np.array([[0b11, 0b01, 0b10, 0]], dtype=np.uint64)
    seen = boxes_of_ids(ids, covered, 70)
    assert seen.covered_px[:3].tolist() == [2, 2, 0]
    assert seen.visible_px[:2].tolist() == [2, 0]
    assert seen.covered_px[69] == UNKNOWN
    assert (boxes_of_ids(ids, None, 3).covered_px == UNKNOWN).all()


def test_boxes_in_space_hold_their_link_wherever_it_stands() -> None:
    """A link with an off-centre shape, turned about all axes: corners of the box are those of the turned points."""
    random = np.random.default_rng(5)
    points = {
        "can/body": random.normal(size=(30, 3)) * (0.1, 0.2, 0.3) + (0.5, 0.0, -0.2),
        "idle/base": np.zeros((1, 3)),
    }
    boxes = LinkBoxes.around(points, ["robot/hand", "can/body"])
    assert boxes.links == ("can/body",)
    rotation = np.linalg.qr(random.normal(size=(3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    pose = Pose((1.0, 2.0, 3.0), quat_from_rotation(rotation))
    (T,) = boxes.placed(np.array([pose.position_m]), pose.rotation()[None])
    local = (np.linalg.inv(T) @ np.c_[pose.apply(points["can/body"]), np.ones(30)].T)[:3].T
    assert np.abs(local).max(axis=0) == pytest.approx(boxes.size_m[0] / 2)
    assert local.min(axis=0) == pytest.approx(-boxes.size_m[0] / 2)
