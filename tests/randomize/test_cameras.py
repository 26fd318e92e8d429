"""Drawn camera poses."""

import numpy as np
import pytest

from blueprint.pipeline.randomize.cameras import CameraJitter, draw_camera
from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose, angle_between_rad
from blueprint.pipeline.scene.randomness import stream

POSE = Pose((1.0, 2.0, 3.0), (0.5, 0.5, -0.5, 0.5))


@pytest.mark.parametrize(("mount", "shift_m", "turn_deg"), [("", 0.03, 2.0), ("/World/robot/hand", 0.002, 0.5)])
def test_a_camera_stays_near_its_place(mount: str, shift_m: float, turn_deg: float) -> None:
    camera = Camera("side", mount, POSE, 200.0, 256, 256, "/World/cameras/side")
    shifts, turns = [], []
    for seed in range(200):
        pose = draw_camera(camera, stream(seed, 1, "camera"), CameraJitter()).T_mount_camera
        shifts.append(np.linalg.norm(np.subtract(pose.position_m, POSE.position_m)))
        turns.append(np.rad2deg(angle_between_rad(pose, POSE)))
    assert shift_m / 2 < max(shifts) <= shift_m + 1e-12
    assert turn_deg / 2 < max(turns) <= turn_deg + 1e-6
