"""Straight lines of the tool."""

import numpy as np
import pytest

from blueprint.pipeline.planning.cartesian import STEP_M, poses_between, straight_line
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


def test_what_is_not_free_is_found_before_the_line_is_solved(workspace: Workspace) -> None:
    """A few postures far apart are looked at first; the rest of a line that ends in something is never sought."""
    start = Pose((0.5, 0.0, 0.6), DOWN)
    posture = next(workspace.postures(start))
    poses = [workspace.world.T_world_base.inverse() @ pose for pose in poses_between(start, np.array([0.0, 0.2, 0.0]))]
    looked_at: list[np.ndarray] = []

    def is_free(posture_rad: np.ndarray) -> bool:
        looked_at.append(posture_rad)
        return len(looked_at) < 2

    assert straight_line(workspace.kinematics, posture, poses, (), is_free) is None
    assert len(looked_at) == 2
    away = workspace.kinematics.tool_pose(looked_at[0]).position_m
    assert away == pytest.approx(poses[-1].position_m, abs=1e-3)


def test_every_point_of_a_line_is_looked_at(workspace: Workspace) -> None:
    """Those between the first few, too; something thin may stand there."""
    start = Pose((0.5, 0.0, 0.6), DOWN)
    posture = next(workspace.postures(start))
    poses = [workspace.world.T_world_base.inverse() @ pose for pose in poses_between(start, np.array([0.0, 0.2, 0.0]))]
    free = straight_line(workspace.kinematics, posture, poses, (), lambda _: True)
    assert free is not None
    for thin in free.path_rad:
        blocked = straight_line(workspace.kinematics, posture, poses, (), lambda q, at=thin: not np.array_equal(q, at))
        assert blocked is None


def test_joints_never_jump_along_a_line(workspace: Workspace) -> None:
    """Between two points of a line no joint moves by more than a quarter of a radian."""
    start = Pose((0.45, -0.2, 0.55), DOWN)
    posture = next(workspace.postures(start))
    line = workspace.line(posture, poses_between(start, np.array([0.05, 0.35, -0.1])))
    assert line is not None
    assert np.abs(np.diff(line.path_rad, axis=0)).max() < 0.25
