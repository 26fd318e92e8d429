"""What is recorded of an episode: states at frame rate and at physics rate, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.model import ROBOT, CompiledModel
from blueprint.pipeline.sims.protocols import Observation, Sim

Array = NDArray[np.float64]


class RawState(Protocol):
    """An engine's own state before a step."""

    time_s: float
    qpos: Array
    qvel: Array
    ctrl: Array
    qacc_warmstart: Array
    actuator_force: Array


@runtime_checkable
class HasRawState(Protocol):
    """An engine whose episodes can be stepped again bit by bit."""

    def raw_state(self) -> RawState:
        """Return the state before the next step."""
        ...


@dataclass(frozen=True)
class Layout:
    """Which rows of an observation are what."""

    joint_names: tuple[str, ...]
    body_names: tuple[str, ...]
    prop_names: tuple[str, ...]
    camera_names: tuple[str, ...]
    robot: Robot
    tool_row: int
    finger_rows: NDArray[np.intp]
    arm_rows: NDArray[np.intp]
    prop_rows: NDArray[np.intp]
    T_body_props: tuple[Pose, ...]

    @classmethod
    def of_scene(cls, sim: Sim, compiled: CompiledModel, robot: Robot, cameras: Sequence[str]) -> "Layout":
        """Find the rows of one scene."""
        joints = {name.rsplit("/", 1)[-1]: row for row, name in enumerate(sim.joint_names) if name.startswith(ROBOT)}
        bodies = {name: row for row, name in enumerate(sim.body_names)}
        # A movable prop is followed by its first free link.
        free = {joint.prop: joint for joint in reversed(compiled.free_joints)}
        props = tuple(sorted(free))
        return cls(
            sim.joint_names,
            sim.body_names,
            props,
            tuple(cameras),
            robot,
            bodies[f"{ROBOT}/{robot.tool.link}"],
            np.array([joints[name] for name in robot.gripper.joints], dtype=np.intp),
            np.array([joints[name] for name in robot.arm.joints], dtype=np.intp),
            np.array([bodies[free[prop].body] for prop in props], dtype=np.intp),
            tuple(free[prop].T_prop_body.inverse() for prop in props),
        )

    def pose(self, observation: Observation, row: int) -> Pose:
        """Return T_world_body of one row."""
        w, x, y, z = observation.body_quat_wxyz[row].tolist()
        return Pose(vec3(observation.body_position_m[row]), (w, x, y, z))

    def tool_pose(self, observation: Observation) -> Pose:
        """Return T_world_tcp, from the simulated link that carries the tool."""
        return self.pose(observation, self.tool_row) @ self.robot.tool.T_link_tcp

    def prop_poses(self, observation: Observation) -> dict[str, Pose]:
        """Return T_world_prop of every movable prop."""
        rows = zip(self.prop_names, self.prop_rows, self.T_body_props, strict=True)
        return {name: self.pose(observation, int(row)) @ T_body_prop for name, row, T_body_prop in rows}

    def gripper_width_m(self, observation: Observation) -> float:
        """Return the distance between the pads."""
        return self.robot.gripper.width_of(observation.joint_position[self.finger_rows])


@dataclass
class Recording:
    """The states of one episode as they are made."""

    layout: Layout
    fps: int
    substeps: int
    dt_s: float
    observations: list[Observation] = field(default_factory=list[Observation])
    commands: list[Array] = field(default_factory=list[Array])
    phases: list[int] = field(default_factory=list[int])
    cameras: list[Mapping[str, Pose]] = field(default_factory=list[Mapping[str, Pose]])
    states: list[Array] = field(default_factory=list[Array])
    raw: list[RawState] = field(default_factory=list[RawState])

    @property
    def frame_count(self) -> int:
        """Number of frames so far."""
        return len(self.observations)

    def add(self, sim: Sim, observation: Observation, command: Array, phase: Phase) -> None:
        """Record one frame: what is measured now, and the command that is sent now."""
        self.observations.append(observation)
        self.commands.append(command.copy())
        self.phases.append(int(phase))
        self.cameras.append({name: sim.camera_pose(name) for name in self.layout.camera_names})
        self.states.append(sim.save_state())

    def add_step(self, sim: Sim) -> None:
        """Record the state before a physics step."""
        if isinstance(sim, HasRawState):
            self.raw.append(sim.raw_state())

    def track(self) -> Track:
        """Return the recorded states as arrays."""
        return track_of(self)


def track_of(recording: Recording) -> Track:
    """Stack a recording's frames."""
    layout, seen = recording.layout, recording.observations
    tools = [layout.tool_pose(observation) for observation in seen]
    props = [layout.prop_poses(observation) for observation in seen]
    rows = {name: row for row, name in enumerate(layout.body_names)}
    # Room boxes are no bodies of the scene; they are listed behind them.
    others = sorted({name for o in seen for name in (*o.contacts.first, *o.contacts.second)} - set(rows))
    rows.update({name: len(layout.body_names) + at for at, name in enumerate(others)})
    counts = [len(observation.contacts.first) for observation in seen]
    return Track(
        recording.fps,
        layout.prop_names,
        (*layout.body_names, *others),
        np.array([observation.time_s for observation in seen]),
        np.array(recording.phases, dtype=np.int64),
        np.stack([observation.joint_position for observation in seen]),
        np.stack(recording.commands),
        np.array([pose.position_m for pose in tools]),
        _continuous(np.array([pose.quat_wxyz for pose in tools])),
        np.array([layout.gripper_width_m(observation) for observation in seen]),
        np.array([[frame[name].position_m for name in layout.prop_names] for frame in props]),
        _continuous(np.array([[frame[name].quat_wxyz for name in layout.prop_names] for frame in props])),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array([rows[name] for o in seen for name in o.contacts.first], dtype=np.int64),
        np.array([rows[name] for o in seen for name in o.contacts.second], dtype=np.int64),
        np.concatenate([observation.contacts.depth_m for observation in seen]),
        np.concatenate([observation.contacts.force_n.reshape(-1, 3) for observation in seen]),
        layout.joint_names,
        np.stack([observation.body_position_m for observation in seen]),
        _continuous(np.stack([observation.body_quat_wxyz for observation in seen])),
        np.stack([observation.joint_velocity for observation in seen]),
        np.stack([observation.joint_effort for observation in seen]),
        np.concatenate([observation.contacts.position_m.reshape(-1, 3) for observation in seen]),
        np.concatenate([observation.contacts.normal.reshape(-1, 3) for observation in seen]),
    )


def _continuous(quat_wxyz: Array) -> Array:
    """Choose signs so that quaternions do not jump between frames; axis 0 is time."""
    result = quat_wxyz.copy()
    for frame in range(1, len(result)):
        against = (result[frame] * result[frame - 1]).sum(axis=-1, keepdims=True)
        result[frame] = np.where(against < 0, -result[frame], result[frame])
    return result
