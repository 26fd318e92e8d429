"""Which recorded channel becomes which column of the dataset, with the names that carry units."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.touches import ROBOT
from blueprint.pipeline.formats.lerobot import Feature

POSE_NAMES = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz")
WRENCH_NAMES = ("fx_n", "fy_n", "fz_n", "tx_nm", "ty_nm", "tz_nm")
PAD_NAMES = ("force_n", "center_x_m", "center_z_m", "extent_x_m", "extent_z_m", "count")
FLOAT = "float32"


@dataclass(frozen=True)
class Columns:
    """The features of a dataset, and how each is read from recorded states."""

    features: tuple[Feature, ...]

    def read(self, states: States, success: bool) -> dict[str, NDArray[Any]]:
        """Return every column of one episode with one row per frame."""
        columns = {**_measured(states), **_learned(states, success)}
        return {feature.name: np.asarray(columns[feature.name], dtype=feature.dtype) for feature in self.features}


def columns_of(states: States) -> Columns:
    """Derive the dataset's features from the channels of an episode; all episodes of a scene agree in them."""
    own, furniture, props = robot_joints(states), furniture_joints(states), states.names("prop_names")
    joints, fingers = states.names("joint_names"), states.describe("pad_force_n")["names"]
    features = [
        Feature("observation.state", FLOAT, tuple(f"{joints[row]}.position" for row in own)),
        Feature("observation.velocity", FLOAT, tuple(f"{joints[row]}.velocity" for row in own)),
        Feature("observation.effort", FLOAT, tuple(f"{joints[row]}.effort" for row in own)),
        Feature("observation.ee_pose", FLOAT, POSE_NAMES),
        Feature("observation.ee_wrench", FLOAT, WRENCH_NAMES),
        Feature("observation.gripper_width", FLOAT, ("width_m",)),
        Feature("observation.tactile", FLOAT, tuple(f"{finger}.{name}" for finger in fingers for name in PAD_NAMES)),
        Feature("observation.contact", FLOAT, ("robot_force_n", "robot_count")),
        Feature("observation.environment_state", FLOAT, tuple(f"{p}.{name}" for p in props for name in POSE_NAMES)),
        Feature("observation.furniture_state", FLOAT, tuple(f"{joints[row]}.position" for row in furniture)),
        Feature("action", FLOAT, tuple(f"{name}.target" for name in states.describe("command")["names"])),
        Feature("next.reward", FLOAT, ("reward",)),
        Feature("next.done", "bool", ("done",)),
        Feature("next.success", "bool", ("success",)),
    ]
    # A scene without furniture that moves has no such joints, and a column without numbers is none.
    return Columns(tuple(feature for feature in features if feature.names))


def robot_joints(states: States) -> list[int]:
    """Return the rows of the robot's joints, which alone a robot of flesh and steel would know."""
    return [row for row, name in enumerate(states.names("joint_names")) if name.split("/", 1)[0] == ROBOT]


def furniture_joints(states: States) -> list[int]:
    """Return the rows of the joints of furniture."""
    return [row for row, name in enumerate(states.names("joint_names")) if name.split("/", 1)[0] != ROBOT]


def _measured(states: States) -> dict[str, NDArray[Any]]:
    own, position = robot_joints(states), states.channel("joint_position")
    props = np.concatenate([states.channel("prop_position_m"), states.channel("prop_quat_wxyz")], axis=2)
    pads = [states.channel("pad_force_n")[..., None], states.channel("pad_center_m"), states.channel("pad_extent_m")]
    pads.append(states.channel("pad_count")[..., None])
    count = len(position)
    return {
        "observation.state": position[:, own],
        "observation.velocity": states.channel("joint_velocity")[:, own],
        "observation.effort": states.channel("joint_effort")[:, own],
        "observation.ee_pose": np.hstack([states.channel("tcp_position_m"), states.channel("tcp_quat_wxyz")]),
        "observation.ee_wrench": states.channel("ee_wrench"),
        "observation.gripper_width": states.channel("gripper_width_m"),
        "observation.tactile": np.concatenate(pads, axis=2).reshape(count, -1),
        "observation.contact": states.channel("robot_touch"),
        "observation.environment_state": props.reshape(count, -1),
        "observation.furniture_state": position[:, furniture_joints(states)],
        "action": states.channel("command"),
    }


def _learned(states: States, success: bool) -> dict[str, NDArray[Any]]:
    """Return what learning formats call next: what the frame after the action shows; the last has none but itself."""
    reward, done = states.channel("reward"), states.channel("done")
    last = np.arange(len(done)) == len(done) - 1
    return {
        "next.reward": np.concatenate([reward[1:], reward[-1:]]),
        "next.done": np.concatenate([done[1:], done[-1:]]) | last,
        "next.success": last & success,
    }
