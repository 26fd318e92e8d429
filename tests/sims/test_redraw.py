"""Only what can have changed is traced again, and nothing else had to be."""

import numpy as np
import pytest
from tests.sims.scenes import CAMERAS, TABLE_TOP_M

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.redraw import CUBE, box_corners_m, changed_pixels

TOP = CAMERAS[1]
DOWN = np.array([0.0, 0.0, -1.0])
SLANTED = np.array([0.6, 0.0, -0.8])
SMALL = CUBE * 0.02 + (0.6, 0.0, TABLE_TOP_M + 0.2)


def test_a_box_changes_the_pixels_that_it_covers() -> None:
    mask = changed_pixels(TOP, TOP.T_mount_camera, [SMALL], None, 0.0)
    assert mask is not None
    rows, columns = np.nonzero(mask)
    # 4 cm at 0.88 m and 150 px, and two pixels of margin.
    assert (rows.min(), rows.max()) == pytest.approx((48 - 3.4 - 2, 48 + 3.4 + 2), abs=1)
    assert (columns.min(), columns.max()) == pytest.approx((64 - 3.4 - 2, 64 + 3.4 + 2), abs=1)


def test_its_shadow_is_included_down_to_the_floor() -> None:
    mask = changed_pixels(TOP, TOP.T_mount_camera, [SMALL], SLANTED, 0.0)
    assert mask is not None
    fall_m = TABLE_TOP_M + 0.2
    column = 64 + 150 * fall_m * 0.6 / 0.8 / 1.4
    assert mask[48, int(column)]
    assert not mask[48, 50]
    below = changed_pixels(TOP, TOP.T_mount_camera, [SMALL], DOWN, 0.0)
    assert below is not None
    assert below.sum() < mask.sum()


def test_what_cannot_be_outlined_is_said_to_be_unknown() -> None:
    behind = Pose((0.6, 0.0, 0.4))
    assert changed_pixels(TOP, behind, [SMALL], None, 0.0) is None
    assert changed_pixels(TOP, TOP.T_mount_camera, [SMALL], np.array([1.0, 0.0, -0.01]), 0.0) is None


def test_nothing_moved_changes_nothing() -> None:
    mask = changed_pixels(TOP, TOP.T_mount_camera, [], SLANTED, 0.0)
    assert mask is not None
    assert not mask.any()


def test_box_corners_hold_all_points() -> None:
    points = np.random.default_rng(2).normal(size=(50, 3))
    corners = box_corners_m(points)
    assert corners.min(axis=0) == pytest.approx(points.min(axis=0))
    assert corners.max(axis=0) == pytest.approx(points.max(axis=0))


def test_pictures_of_a_moving_scene_equal_those_traced_afresh(sim: MujocoSim) -> None:
    """The arm swings over the table and its shadow over the block; ten times a second both ways agree bit by bit."""
    home = np.array((0.0, -0.3, 0.0, -2.2, 0.0, 1.9, 0.785, 0.04, 0.04))
    sim.render(["side", "top"])
    for moment in range(6):
        sim.set_command(home + np.eye(9)[0] * 0.15 * moment)
        sim.step(24)
        quick = sim.render(["side", "top"])
        assert sim._renderer is not None
        sim._renderer._shots.clear()
        afresh = sim.render(["side", "top"])
        for name in ("side", "top"):
            assert quick[name].rgb.tobytes() == afresh[name].rgb.tobytes()
            assert quick[name].depth_m.tobytes() == afresh[name].depth_m.tobytes()
            assert quick[name].instance.tobytes() == afresh[name].instance.tobytes()


def test_a_picture_that_was_handed_out_can_be_changed(sim: MujocoSim) -> None:
    first = sim.render(["top"])["top"]
    kept = first.rgb.copy()
    first.rgb[:] = 0
    assert sim.render(["top"])["top"].rgb.tobytes() == kept.tobytes()
