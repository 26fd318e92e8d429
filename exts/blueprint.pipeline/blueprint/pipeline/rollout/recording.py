"""What is recorded of an episode: states at frame rate and at physics rate, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.pose_arrays import carried, continuous
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.model import ROBOT, CompiledModel
from blueprint.pipeline.sims.protocols import ForceLog, Observation, Sim

Array = NDArray[np.float64]

TIME = "time_s"


class RawState(Protocol):
    """An engine's own state before a step."""

    def row(self) -> Array:
        """Return it as one row, laid out as the engine's `raw_columns` say."""
        ...


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
    raw_columns: Mapping[str, int]

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
            dict(sim.raw_columns),
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
    """The states of one episode as they are made; `raw` has blocks of rows, one row per physics step.

    `opening` is the row of the instant of the first frame, when the targets were still those from before it.
    """

    layout: Layout
    fps: int
    substeps: int
    dt_s: float
    observations: list[Observation] = field(default_factory=list[Observation])
    commands: list[Array] = field(default_factory=list[Array])
    phases: list[int] = field(default_factory=list[int])
    states: list[Array] = field(default_factory=list[Array])
    raw: list[Array] = field(default_factory=list[Array])
    opening: Array | None = None
    forces: ForceLog | None = None
    mounts: dict[str, tuple[int | None, Pose]] = field(default_factory=dict[str, tuple[int | None, Pose]])

    @property
    def frame_count(self) -> int:
        """Number of frames so far."""
        return len(self.observations)

    def add(self, sim: Sim, observation: Observation, command: Array, phase: Phase) -> None:
        """Record one frame: what is measured now, and the command that is sent now."""
        if not self.mounts:
            # Only now is the variant in force, which may have moved cameras on their mounts.
            self.mounts = {camera: sim.camera_mount(camera) for camera in self.layout.camera_names}
        if not self.observations and isinstance(sim, HasRawState):
            self.opening = sim.raw_state().row()
        if not self.observations:
            self.forces = sim.log_forces()
        elif self.forces is not None:
            self.forces.end_frame()
        self.observations.append(observation)
        self.commands.append(command.copy())
        self.phases.append(int(phase))
        self.states.append(sim.save_state())

    def add_step(self, sim: Sim) -> None:
        """Record the state before a physics step that is not driven by a command."""
        if isinstance(sim, HasRawState):
            self.raw.append(sim.raw_state().row()[None])

    def raw_channels(self) -> dict[str, Array]:
        """Return the engine's own states at physics rate by name, (S,) or (S, n); empty where it keeps none."""
        if not self.raw:
            return {}
        return self.raw_parts(np.concatenate(self.raw))

    def raw_parts(self, rows: Array) -> dict[str, Array]:
        """Split rows (S, W) of the engine's states into what they consist of."""
        widths = self.layout.raw_columns
        ends = np.cumsum(list(widths.values())).tolist()
        parts = {name: rows[:, end - width : end] for (name, width), end in zip(widths.items(), ends, strict=True)}
        return {name: part[:, 0] if name == TIME else part for name, part in parts.items()}

    def track(self) -> Track:
        """Return the recorded states as arrays."""
        return track_of(self)


def track_of(recording: Recording) -> Track:
    """Stack a recording's frames."""
    layout, seen = recording.layout, recording.observations
    position, quat = np.stack([o.body_position_m for o in seen]), np.stack([o.body_quat_wxyz for o in seen])
    tool_m, tool_quat = carried(position[:, layout.tool_row], quat[:, layout.tool_row], layout.robot.tool.T_link_tcp)
    props = [
        carried(position[:, row], quat[:, row], T_body_prop)
        for row, T_body_prop in zip(layout.prop_rows, layout.T_body_props, strict=True)
    ]
    empty = np.zeros((len(seen), 0))
    contacts = _contacts(recording)
    joints = np.stack([observation.joint_position for observation in seen])
    return Track(
        recording.fps,
        layout.prop_names,
        contacts.names,
        np.array([observation.time_s for observation in seen]),
        np.array(recording.phases, dtype=np.int64),
        joints,
        np.stack(recording.commands),
        tool_m,
        continuous(tool_quat),
        layout.robot.gripper.widths_of(joints[:, layout.finger_rows]),
        np.stack([place for place, _ in props], axis=1) if props else empty[..., None],
        continuous(np.stack([turn for _, turn in props], axis=1)) if props else empty[..., None],
        contacts.offset,
        contacts.first,
        contacts.second,
        contacts.numbers[:, 0],
        contacts.numbers[:, 1:4],
        layout.joint_names,
        position,
        continuous(quat),
        np.stack([observation.joint_velocity for observation in seen]),
        np.stack([observation.joint_effort for observation in seen]),
        contacts.numbers[:, 4:7],
        contacts.numbers[:, 7:],
        *_peaks(recording, contacts.names),
    )


def camera_poses(recording: Recording, track: Track, camera: str) -> tuple[Array, Array]:
    """Return where a camera was in every frame, (N, 3) and (N, 4)."""
    row, T_mount_camera = recording.mounts[camera]
    if row is None:
        count = track.frame_count
        return np.tile(T_mount_camera.position_m, (count, 1)), np.tile(T_mount_camera.quat_wxyz, (count, 1))
    position, quat = carried(track.body_position_m[:, row], track.body_quat_wxyz[:, row], T_mount_camera)
    return position, continuous(quat)


@dataclass(frozen=True, eq=False, slots=True)
class _Contacts:
    """Contacts of all frames; `numbers` are depth (1), force (3), position (3) and normal (3) of each."""

    names: tuple[str, ...]
    offset: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    numbers: Array


def _contacts(recording: Recording) -> _Contacts:
    seen = [observation.contacts for observation in recording.observations]
    names = {name: row for row, name in enumerate(recording.layout.body_names)}
    met = {name for c in seen for name in (*c.first, *c.second)}
    if recording.forces is not None:
        peaks = recording.forces.peaks()
        met |= {peaks.names[row] for row in {*peaks.first.tolist(), *peaks.second.tolist()}}
    # Room boxes are no bodies of the scene; they are listed behind them.
    for name in sorted(met - set(names)):
        names[name] = len(names)
    parts = [np.column_stack([c.depth_m, c.force_n, c.position_m, c.normal]) for c in seen]
    # Files keep single precision, and what is judged now must be what is judged from the file.
    numbers = np.concatenate(parts).astype(np.float32).astype(np.float64)
    return _Contacts(
        tuple(names),
        np.concatenate([[0], np.cumsum([len(c.first) for c in seen])]).astype(np.int64),
        np.array([names[name] for c in seen for name in c.first], dtype=np.int64),
        np.array([names[name] for c in seen for name in c.second], dtype=np.int64),
        numbers,
    )


def _peaks(
    recording: Recording, names: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array]:
    """Return offsets per frame (N + 1), the two bodies and the force of each pair (R,), by rows of `names`."""
    count = recording.frame_count
    if recording.forces is None:
        none = np.zeros(0, dtype=np.int64)
        return np.zeros(count + 1, dtype=np.int64), none, none, np.zeros(0)
    peaks, rows = recording.forces.peaks(), {name: row for row, name in enumerate(names)}
    of_names = np.array([rows.get(name, -1) for name in peaks.names])
    offset = np.searchsorted(peaks.frame, np.arange(count + 1))
    return offset, of_names[peaks.first], of_names[peaks.second], peaks.force_n.astype(np.float32).astype(np.float64)
