"""The robot: how its servos are tuned, how late it answers, and where its arm starts."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.edits import Edit, SetDrive, SetLatency, SetStart
from blueprint.pipeline.scene.robots import Robot

from .drawn import Row

Array = NDArray[np.float64]
HALVINGS = 6
"""A start that touches something comes nearer to home by halves; after these it starts at home."""


def servo_edits(robot: Robot, row: Row) -> Iterator[Edit]:
    """Yield tuning and latency."""
    for joint in robot.arm.joints:
        keys = ("drive_stiffness", joint), ("drive_damping", joint)
        if any(key in row for key in keys):
            stiffness, damping = (float(row[key][0]) if key in row else 1.0 for key in keys)
            why = f"drawn: stiffness x {stiffness:.3f}, damping x {damping:.3f}"
            yield SetDrive(robot.name, joint, stiffness, damping, why)
    if ("latency", robot.name) in row:
        delay_s = float(row["latency", robot.name][0])
        yield SetLatency(robot.name, delay_s, f"drawn: commands take effect {1000 * delay_s:.1f} ms late")


def start_edit(robot: Robot, row: Row, is_clear: Callable[[Array], bool]) -> SetStart | None:
    """Return where the arm starts, within its limits and free of collisions; None where that does not vary."""
    arm = robot.arm
    if not any(("start_pose", joint) in row for joint in arm.joints):
        return None
    home = np.asarray(arm.home_rad)
    offset = np.array([row[key][0] if (key := ("start_pose", joint)) in row else 0.0 for joint in arm.joints])
    for halving in range(HALVINGS):
        share = 0.5**halving
        start = np.clip(home + share * offset, arm.lower_rad, arm.upper_rad)
        if is_clear(start):
            largest = float(np.abs(start - home).max())
            shortened = f", {share:g} of what was drawn, which touched something" if halving else ""
            why = f"drawn: up to {largest:.3f} rad off home{shortened}"
            return SetStart(robot.name, dict(zip(arm.joints, start.tolist(), strict=True)), why)
    return SetStart(
        robot.name, dict(zip(arm.joints, home.tolist(), strict=True)), "starts at home: every draw touched something"
    )
