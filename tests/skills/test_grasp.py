"""What room a hand needs at a grasp: open, closed, and where its force has pressed the thing together."""

from dataclasses import replace

import numpy as np
import pytest

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills.grasp import fitting_grasps, plan_grasp
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation

BOX = Step("grasp", {"object": "box"})


def swing(means: Means, monkeypatch: pytest.MonkeyPatch, lower_m: float) -> None:
    """Let the hand, where it closes more than 1 cm below the thing's width, reach so much deeper into the table."""
    world = means.workspace.world
    width_m = [world.robot.gripper.max_width_m]
    narrowest_m = min(grasp.width_m for grasp in means.tables["box"].grasps) - 0.01
    nearest, set_gripper = world.gripper_nearest, world.set_gripper

    def set_width(width: float) -> None:
        width_m[0] = width
        set_gripper(width)

    def lowered(T_world_tcp: Pose, *rest) -> tuple[float, str]:
        deeper = lower_m if width_m[0] < narrowest_m else 0.0
        return nearest(T_world_tcp @ Pose((0.0, 0.0, deeper)), *rest)

    monkeypatch.setattr(world, "set_gripper", set_width)
    monkeypatch.setattr(world, "gripper_nearest", lowered)


def test_a_hand_that_reaches_deeper_when_pressed_together_stays_back(
    means: Means, start: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight = [grasp for grasp in means.tables["box"].grasps if grasp.tilt_rad < 0.1][:1]
    assert tight
    means.tables = {**means.tables, "box": replace(means.tables["box"], grasps=tuple(tight))}
    plain = next(plan_grasp(means, start, BOX))[-1].after
    swing(means, monkeypatch, 0.2)
    assert list(fitting_grasps(means, start, "box")) == []
    assert list(plan_grasp(means, start, BOX)) == []
    monkeypatch.undo()
    again = next(plan_grasp(means, start, BOX))[-1].after
    np.testing.assert_allclose(again.arm_rad, plain.arm_rad)
