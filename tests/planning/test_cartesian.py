"""Straight lines of the tool."""

import numpy as np
import pytest

from blueprint.pipeline.planning.cartesian import STEP_M, poses_between
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose

DOWN = (0.0, 1.0, 0.0, 0.0)


def test_the_tool_goes_straight(workspace: Workspace) -> None:
    """All points lie on the line, within a tenth of a millimetre, and keep the attitude."""
    start = Pose((0.5, -0.1, 0.6), DOWN)
    posture = next(workspace.postures(start))
    line = workspace.line(posture, poses_between(start, np.array([0.1, 0.1, -0.15])))
    assert line is not None
    points = workspace.tool_points_m(line.path_rad) - start.position_m
    direction = np.array([0.1, 0.1, -0.15]) / np.linalg.norm([0.1, 0.1, -0.15])
    assert np.linalg.norm(np.cross(points, direction), axis=1).max() < 1e-4
    assert points[-1] == pytest.approx([0.1, 0.1, -0.15], abs=1e-4)
    assert line.position_error_m < 1e-4
    assert np.array_equal(line.reversed().path_rad[::-1], line.path_rad)


def test_a_line_out_of_reach_is_none(workspace: Workspace) -> None:
    """The arm ends before the line does."""
    start = Pose((0.5, 0.0, 0.6), DOWN)
    posture = next(workspace.postures(start))
    assert workspace.line(posture, poses_between(start, np.array([0.6, 0.0, 0.0]))) is None


def test_steps_are_small_and_end_at_the_end() -> None:
    """Steps of at most 1 cm, from just after the start to the end."""
    poses = poses_between(Pose(), np.array([0.0, 0.0, 0.095]))
    heights = np.array([0.0, *(pose.position_m[2] for pose in poses)])
    assert np.diff(heights).max() <= STEP_M + 1e-12
    assert heights[-1] == pytest.approx(0.095)
