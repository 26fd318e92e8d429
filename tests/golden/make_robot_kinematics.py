"""Write robot_kinematics.json: hand poses of every shipped robot at drawn postures, for another library to judge."""

import json
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.chains import forward_kinematics
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot, load_robot, robot_names
from blueprint.pipeline.usd.chains import read_chain

FILE = Path(__file__).parent / "robot_kinematics.json"
POSTURES = 12


def drawn_postures(robot: Robot) -> list[dict[str, object]]:
    """Return joints by name and x, y, z, quaternion (wxyz) of the tool in the base's frame, from the USD's joints."""
    rng = np.random.default_rng(5)
    arms = rng.uniform(robot.arm.lower_rad, robot.arm.upper_rad, (POSTURES, len(robot.arm.axes)))
    arms = np.round(np.vstack([robot.arm.home_rad, arms]), 6)
    chain = read_chain(robot.asset_folder / Path(robot.usd_path).name, robot)
    tools = forward_kinematics(chain, {name: arms[:, at] for at, name in enumerate(robot.arm.joints)})
    found: list[dict[str, object]] = []
    for arm, tool in zip(arms, tools, strict=True):
        pose = Pose.from_matrix(tool)
        numbers = [round(value, 7) for value in (*pose.position_m, *pose.quat_wxyz)]
        found.append({"joints": dict(zip(robot.arm.joints, arm.tolist(), strict=True)), "tool": numbers})
    return found


def all_robots() -> dict[str, list[dict[str, object]]]:
    """Return the postures of every shipped robot."""
    return {name: drawn_postures(load_robot(name)) for name in robot_names()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(all_robots(), indent=1) + "\n", encoding="utf-8")
