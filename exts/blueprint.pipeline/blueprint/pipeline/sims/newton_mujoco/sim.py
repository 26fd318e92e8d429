"""The default simulator: a compiled model stepped by MuJoCo, seen through cameras that draw what Newton reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import numpy as np

from blueprint.pipeline.errors import RunError, UnknownName
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.sims.instances import instance_names
from blueprint.pipeline.sims.protocols import Array, Contacts, Frame, Observation, SceneFiles
from blueprint.pipeline.sims.sensing import sensed

from .bodies import Bodies, camera_named
from .command_queue import CommandQueue
from .contacts import measure_contacts
from .force_log import MujocoForceLog
from .hypotheses import Change, apply_changes
from .load import TOUCH_SENSOR, load_mujoco
from .variation import Variation, remember

if TYPE_CHECKING:
    from blueprint.pipeline.sims.camera import SceneRenderer

FULL_STATE = int(mujoco.mjtState.mjSTATE_INTEGRATION)
STEPPED_STATE = int(
    mujoco.mjtState.mjSTATE_TIME
    | mujoco.mjtState.mjSTATE_QPOS
    | mujoco.mjtState.mjSTATE_QVEL
    | mujoco.mjtState.mjSTATE_WARMSTART
    | mujoco.mjtState.mjSTATE_CTRL
)
"""What decides the next step; MuJoCo writes it in this order."""
SPEED_LIMIT = 500.0
"""m/s or rad/s; nothing in a room comes near it, a state that blows up passes it within a few steps."""


class SimulationDiverged(RunError):
    """A state stopped being finite, or something moves absurdly fast."""

    def __init__(self, scene: str, time_s: float, joint: str, speed: float) -> None:
        self.time_s, self.joint = time_s, joint
        super().__init__(
            f"{scene}: the simulation diverged {time_s:.3f} s after the start: {joint} moves at {speed:.3g} "
            f"m/s or rad/s, plausible are at most {SPEED_LIMIT:g}. Look for deep overlap at the start, or for a link "
            "that weighs far less than a gram"
        )


@dataclass(frozen=True, eq=False, slots=True)
class RawState:
    """MuJoCo's own state between two steps, from which the next steps repeat bit by bit."""

    time_s: float
    qpos: Array
    qvel: Array
    ctrl: Array
    qacc_warmstart: Array
    actuator_force: Array

    def row(self) -> Array:
        """Return it as one row, laid out as `MujocoSim.raw_columns` says."""
        time_s = np.array([self.time_s])
        parts = (time_s, self.qpos, self.qvel, self.qacc_warmstart, self.ctrl, self.actuator_force)
        return np.concatenate(parts)


class MujocoSim:
    """One scene; implements `Sim`.

    `joint_effort` is what the actuators put on a joint, gravity compensation included (MuJoCo's `qfrc_actuator`).
    """

    engine = "mujoco"

    def __init__(self, files: SceneFiles, device: str = "cpu") -> None:
        self.maps, self.model = load_mujoco(files.model_folder)
        self.data, self._scratch = mujoco.MjData(self.model), mujoco.MjData(self.model)
        self._files, self._pristine = files, remember(self.model)
        self._renderer: SceneRenderer | None = None
        self._device = device
        self.dt_s = self.maps.timestep_s
        self.joint_names = tuple(joint.name for joint in self.maps.joints)
        self.body_names = tuple(body.name for body in self.maps.bodies)
        self.instance_names = instance_names(files.manifest)
        nq, nv, nu = self.model.nq, self.model.nv, self.model.nu
        self.raw_columns: Mapping[str, int] = {
            "time_s": 1,
            "qpos": nq,
            "qvel": nv,
            "qacc_warmstart": nv,
            "ctrl": nu,
            "actuator_force": nu,
        }
        self._qpos_rows = np.array([joint.qpos_address for joint in self.maps.joints], dtype=np.intp)
        self._dof_rows = np.array([joint.dof_address for joint in self.maps.joints], dtype=np.intp)
        self._servos = np.array([actuator.index for actuator in self.maps.actuators], dtype=np.intp)
        owners = {geom.name: geom.body for geom in self.maps.geoms}
        self._geom_bodies = [owners[self.model.geom(geom).name] for geom in range(self.model.ngeom)]
        # The engine's own memory: it holds 0 while the robot touches nothing.
        self._touch = self.data.sensor(TOUCH_SENSOR).data
        self._bodies = Bodies(self.maps, self.model)
        self._moving = {self.body_names[row]: body for row, body in self._bodies.moving}
        self.reset()

    def reset(self, edits: Sequence[Edit] = ()) -> None:
        """Go to the authored state with edits applied; raises UnsupportedEdit and UnknownName."""
        self._variation = Variation(self.maps, self._files.manifest, self.model, self._pristine)
        self._variation.apply(edits)
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:], self.data.ctrl[:] = self._variation.qpos, self._variation.ctrl
        self._commands = CommandQueue(round(self._variation.latency_s / self.dt_s))
        self._log: MujocoForceLog | None = None

    def save_state(self) -> Array:
        """Return the full state; the edits given to `reset` are not in it."""
        state = np.empty(mujoco.mj_stateSize(self.model, FULL_STATE))
        mujoco.mj_getState(self.model, self.data, state, FULL_STATE)
        return state

    def restore_state(self, state: Array) -> None:
        """Return to a saved state."""
        mujoco.mj_setState(self.model, self.data, state, FULL_STATE)

    def raw_state(self) -> RawState:
        """Return MuJoCo's state as copies, for recording every step."""
        data = self.data
        return RawState(
            float(data.time),
            np.array(data.qpos),
            np.array(data.qvel),
            np.array(data.ctrl),
            np.array(data.qacc_warmstart),
            np.array(data.actuator_force),
        )

    def restore_raw(self, raw: RawState) -> None:
        """Return to a recorded state; the step after it equals the recorded one bit by bit."""
        data = self.data
        data.time = raw.time_s
        data.qpos[:], data.qvel[:], data.ctrl[:] = raw.qpos, raw.qvel, raw.ctrl
        data.qacc_warmstart[:] = raw.qacc_warmstart

    def set_command(self, command: Array) -> None:
        """Set the position targets of the robot's actuators, in rad and m; with a latency they take effect later."""
        self._commands.send(command)
        self._take_due()

    def drive(self, commands: Array) -> Array:
        """Send one command per step (S, n) and advance; returns the state before each step (S, W).

        Raises SimulationDiverged, by the first and the last state of the span alone.
        """
        data, width = self.data, mujoco.mj_stateSize(self.model, STEPPED_STATE)
        rows, queue, log = np.empty((len(commands), sum(self.raw_columns.values()))), self._commands, self._log
        targets, pushed, servos, touch = data.ctrl, data.actuator_force, self._servos, self._touch
        for command, row in zip(commands, rows, strict=True):
            if queue.delays:
                queue.send(command)
                self._take_due()
            else:
                targets[servos] = command
            mujoco.mj_getState(self.model, data, row[:width], STEPPED_STATE)
            row[width:] = pushed
            mujoco.mj_step(self.model, data, 1)
            if log is not None and touch[0]:
                log.note(data)
            if queue.waiting:
                queue.pass_step()
        self._check_finite()
        return rows

    def log_forces(self) -> MujocoForceLog:
        """Begin to note the robot's contact forces in every step."""
        self._log = MujocoForceLog(self.model, self._geom_bodies)
        return self._log

    def set_controls(self, ctrl: Array) -> None:
        """Set the targets of all actuators, in the engine's own order, as they were recorded."""
        self.data.ctrl[:] = ctrl

    def suppose(self, changes: Sequence[Change]) -> None:
        """Change physical numbers from now on, for good; raises UnknownName and ImplausibleChange."""
        apply_changes(self.model, self.maps, changes)

    def set_joint(self, joint: str, position: float) -> None:
        """Put a joint of furniture somewhere else at once, at rest, rad or m; raises UnknownName."""
        row = self._joint_row(joint)
        self.data.qpos[self._qpos_rows[row]], self.data.qvel[self._dof_rows[row]] = position, 0.0

    def set_force(self, body: str, force_n: Vec3) -> None:
        """Load a moving link at its centre of mass, world axes; raises UnknownName."""
        if body not in self._moving:
            raise UnknownName("moving link", body, self._moving)
        self.data.xfrc_applied[self._moving[body], :3] = force_n

    def set_effort(self, joint: str, effort: float) -> None:
        """Load a one-axis joint, in N m or N; raises UnknownName."""
        self.data.qfrc_applied[self._dof_rows[self._joint_row(joint)]] = effort

    def step(self, count: int = 1) -> None:
        """Advance `count` steps; raises SimulationDiverged."""
        while count and (self._commands.waiting or self._log is not None):
            self._take_due()
            mujoco.mj_step(self.model, self.data, 1)
            if self._log is not None and self._touch[0]:
                self._log.note(self.data)
            if self._commands.waiting:
                self._commands.pass_step()
            count -= 1
        self._take_due()
        if count:
            mujoco.mj_step(self.model, self.data, count)
        self._check_finite()

    def _check_finite(self) -> None:
        # A comparison with nan is false, so this also catches what is not finite.
        if not (np.abs(self.data.qvel) < SPEED_LIMIT).all() or not np.isfinite(self.data.qpos).all():
            self._raise_diverged()

    def _joint_row(self, joint: str) -> int:
        if joint not in self.joint_names:
            raise UnknownName("joint", joint, self.joint_names)
        return self.joint_names.index(joint)

    def _raise_diverged(self) -> None:
        speeds = np.abs(self.data.qvel)
        worst = int(np.argmax(np.where(np.isfinite(speeds), speeds, np.inf)))
        joint = self.model.joint(self.model.dof_jntid[worst]).name
        raise SimulationDiverged(self.maps.scene, float(self.data.time), joint, float(speeds[worst]))

    def observe(self) -> Observation:
        """Measure the present instant without touching the state that is stepped."""
        data = self._evaluate()
        position, quat = self._bodies.poses(data)
        velocity, spin = self._bodies.velocities(data)
        return Observation(
            float(data.time),
            data.qpos[self._qpos_rows],
            data.qvel[self._dof_rows],
            data.qfrc_actuator[self._dof_rows],
            position,
            quat,
            velocity,
            spin,
            measure_contacts(self.model, data, self._geom_bodies),
        )

    def contacts(self) -> Contacts:
        """Measure the touching points of the present instant."""
        return measure_contacts(self.model, self._evaluate(), self._geom_bodies)

    def render(self, cameras: Sequence[str], *, covered: bool = False) -> Mapping[str, Frame]:
        """Render cameras by name; with `covered`, frames also tell what is hidden where."""
        from blueprint.pipeline.sims.camera import Look, SceneRenderer, Scenery

        renderer = self._renderer = self._renderer or SceneRenderer.of_scene(self._files, self.maps, self._device)
        manifest = self._variation.manifest
        position, quat = self._bodies.poses(self._evaluate())
        shown = [camera_named(manifest, name) for name in cameras]
        views = [(camera, self._bodies.camera_pose(camera, position, quat)) for camera in shown]
        looks = tuple((prop, Look(edit.tint_rgb, edit.texture_of)) for prop, edit in self._variation.looks.items())
        scenery = Scenery(manifest.lights, looks, tuple(self._variation.exposure_stops.items()))
        frames = renderer.render(position, quat, views, scenery, covered=covered)
        step = round(float(self.data.time) / self.dt_s)
        return {
            name: sensed(frame, self._variation.sensing_of(name), step)
            for name, frame in zip(cameras, frames, strict=True)
        }

    def camera(self, name: str) -> Camera:
        """Return a camera as the present variant has it."""
        return camera_named(self._variation.manifest, name)

    def camera_pose(self, camera: str) -> Pose:
        """Return T_world_camera at the present instant."""
        position, quat = self._bodies.poses(self._evaluate())
        return self._bodies.camera_pose(camera_named(self._variation.manifest, camera), position, quat)

    def camera_mount(self, camera: str) -> tuple[int | None, Pose]:
        """Return the row of the link that carries a camera, None for the world, and the camera's pose in it."""
        return self._bodies.mount(camera_named(self._variation.manifest, camera))

    def close(self) -> None:
        """Forget the scene; what cameras hold is kept for the next sim of the same scene."""
        self._renderer = None

    def _take_due(self) -> None:
        command = self._commands.due()
        if command is not None:
            self.data.ctrl[self._servos] = command

    def _evaluate(self) -> mujoco.MjData:
        # mj_forward on the stepped data would move the solver's warm start, so that looking changed the future.
        mujoco.mj_setState(self.model, self._scratch, self.save_state(), FULL_STATE)
        mujoco.mj_forward(self.model, self._scratch)
        return self._scratch
