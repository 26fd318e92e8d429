"""Which recorded channel becomes which column of the dataset, with the names that carry units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.states import States
from blueprint.pipeline.formats.lerobot import Feature

POSE_NAMES = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz")
FLOAT = "float32"


@dataclass(frozen=True)
class Columns:
    """The features of a dataset, and how each is read from recorded states."""

    features: tuple[Feature, ...]

    def read(self, states: States, success: bool) -> dict[str, NDArray[Any]]:
        """Return every column of one episode with one row per frame."""
        tool = np.hstack([states.channel("tcp_position_m"), states.channel("tcp_quat_wxyz")])
        props = np.concatenate([states.channel("prop_position_m"), states.channel("prop_quat_wxyz")], axis=2)
        last = np.zeros(len(tool), dtype=bool)
        last[-1] = True
        columns: Mapping[str, NDArray[Any]] = {
            "observation.state": states.channel("joint_position"),
            "observation.velocity": states.channel("joint_velocity"),
            "observation.effort": states.channel("joint_effort"),
            "observation.ee_pose": tool,
            "observation.gripper_width": states.channel("gripper_width_m"),
            "observation.environment_state": props.reshape(len(props), -1),
            "action": states.channel("command"),
            "next.reward": (last & success).astype(np.float64),
            "next.done": last,
            "next.success": last & success,
        }
        return {feature.name: np.asarray(columns[feature.name], dtype=feature.dtype) for feature in self.features}


def columns_of(states: States) -> Columns:
    """Derive the dataset's features from the channels of an episode; all episodes of a scene agree in them."""
    joints, props = states.names("joint_names"), states.names("prop_names")
    commands = states.describe("command")["names"]
    features = (
        Feature("observation.state", FLOAT, tuple(f"{name}.position" for name in joints)),
        Feature("observation.velocity", FLOAT, tuple(f"{name}.velocity" for name in joints)),
        Feature("observation.effort", FLOAT, tuple(f"{name}.effort" for name in joints)),
        Feature("observation.ee_pose", FLOAT, POSE_NAMES),
        Feature("observation.gripper_width", FLOAT, ("width_m",)),
        Feature(
            "observation.environment_state", FLOAT, tuple(f"{prop}.{name}" for prop in props for name in POSE_NAMES)
        ),
        Feature("action", FLOAT, tuple(f"{name}.target" for name in commands)),
        Feature("next.reward", FLOAT, ("reward",)),
        Feature("next.done", "bool", ("done",)),
        Feature("next.success", "bool", ("success",)),
    )
    return Columns(features)
