"""The arm alone: forward kinematics, Jacobian and inverse kinematics, in the frame of the robot's base.

The scene's other bodies are cut away, so that a step costs no more than the arm.
"""

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, multiply_quats, vec3
from blueprint.pipeline.scene.robots import Robot

from .kept import kept
from .model import MJCF_FILE, ROBOT, load_model

Array = NDArray[np.float64]

TOOL_SITE = "tool_center_point"
POSITION_TOLERANCE_M = 1e-3
ROTATION_TOLERANCE_RAD = 5e-3
FEW_JOINTS_TOLERANCE_RAD = 0.08
"""What an arm of fewer than six joints may be off: things turn a little in the hand, and it cannot turn them back."""

_LIMIT_MARGIN_RAD = 0.02
_ITERATIONS = 40
_LOOK_EVERY = 5
_DAMPING, _LEAST_DAMPING = 0.01, 1e-8
_LARGEST_STEP_RAD = 0.6
_ALIKE_RAD = 0.2
"""Postures none of whose joints differ by more are one and the same."""
_UPRIGHT = 0.98
"""Least cosine between a joint's axis and the vertical for it to turn the arm as a whole."""
# Solved well below the tolerance, so that a chain of solutions does not show the tolerance as noise.
_CONVERGED = 1e-5
_IDENTITY = np.eye(6)
_TURN_WEIGHT = 0.03
"""Metres for which an arm of fewer joints gives up a radian: the place comes first, then the attitude."""


@dataclass(frozen=True, eq=False, slots=True)
class IkSolution:
    """Joint angles that reach a pose, with what is left over."""

    arm_rad: Array
    position_error_m: float
    rotation_error_rad: float


class ArmKinematics:
    """Kinematics of one robot; tool poses are in the base's frame."""

    def __init__(self, model: mujoco.MjModel, robot: Robot) -> None:
        self.robot = robot
        self._model, self._data = model, mujoco.MjData(model)
        self._lower_rad = np.array(robot.arm.lower_rad) + _LIMIT_MARGIN_RAD
        self._upper_rad = np.array(robot.arm.upper_rad) - _LIMIT_MARGIN_RAD
        self._site = model.site(TOOL_SITE).id
        self._jacobian = np.zeros((6, model.nv))
        self._free: list[int] = []
        self._turn, self._quat, self._residual = np.zeros((3, 3)), np.zeros(4), np.zeros(6)
        self._weight = 1.0 if robot.takes_any_attitude else _TURN_WEIGHT
        self._pan = self._upright_joint()
        self.missed: tuple[float, float] | None = None

    @classmethod
    def load(cls, model_folder: Path, robot: Robot) -> "ArmKinematics":
        """Cut the arm out of a compiled scene."""
        return cls(arm_model(model_folder, robot), robot)

    def tool_pose(self, arm_rad: Array) -> Pose:
        """Return T_base_tcp."""
        data = self._data
        data.qpos[:] = arm_rad
        mujoco.mj_kinematics(self._model, data)
        T = np.eye(4)
        T[:3, :3] = data.site_xmat[self._site].reshape(3, 3)
        T[:3, 3] = data.site_xpos[self._site]
        return Pose.from_matrix(T)

    def jacobian(self, arm_rad: Array) -> Array:
        """Return the (6, n) Jacobian of the tool point in the base's frame, linear rows first."""
        self._data.qpos[:] = arm_rad
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_jacSite(self._model, self._data, self._jacobian[:3], self._jacobian[3:], self._site)
        return self._jacobian.copy()

    def solve(
        self, T_base_tcp: Pose, seed_rad: Array, *, iterations: int = _ITERATIONS, free_turns: Sequence[int] = ()
    ) -> IkSolution | None:
        """Descend from one seed; returns None unless the residual is within 1 mm and 5 mrad (80 with few joints).

        Damped least squares, the damping falling with the residual (Sugihara 2011); joints at a limit stay there.
        `free_turns` lists axes of the tool (0 to 2) about which it may turn as it likes. What a descent was left with
        in vain, in metres and radians, is kept in `missed`, which is None after one that came there.
        """
        self._free = [3 + axis for axis in free_turns]
        goal_m, goal_R = np.asarray(T_base_tcp.position_m), T_base_tcp.rotation()
        arm_rad = np.minimum(np.maximum(seed_rad, self._lower_rad), self._upper_rad)
        before, error = np.inf, self._error(arm_rad, goal_m, goal_R)
        for iteration in range(iterations):
            size = math.sqrt(float(error @ error))
            looks = iteration % _LOOK_EVERY == _LOOK_EVERY - 1
            if size < _CONVERGED or (looks and size > 0.6 * before):
                break
            before = size if looks else before
            arm_rad = self._stepped(arm_rad, error, size)
            error = self._error(arm_rad, goal_m, goal_R)
        return self._judged(arm_rad, error)

    def facing(self, T_base_tcp: Pose) -> Array:
        """Return home with the arm turned about its upright joint so that the tool is on the target's side."""
        home = np.array(self.robot.arm.home_rad)
        if self._pan is None:
            return home
        at, sign, (x, y), heading = self._pan
        turn = math.atan2(T_base_tcp.position_m[1] - y, T_base_tcp.position_m[0] - x) - heading
        home[at] += sign * math.remainder(turn, 2 * math.pi)
        home[at] = min(max(home[at], self._lower_rad[at]), self._upper_rad[at])
        return home

    def seeds_toward(self, T_base_tcp: Pose) -> list[Array]:
        """List starting points for a target: home turned towards it, then with wrist and elbow turned either way.

        An arm on a lift also starts from a higher and a lower one.
        """
        home = self.facing(T_base_tcp)
        span = self._upper_rad - self._lower_rad
        seeds = [home]
        lifts = [at for at, axis in enumerate(self.robot.arm.axes) if axis.kind == "prismatic"]
        raised = [(at, share) for at in lifts for share in (0.35, -0.35)]
        elbow = len(lifts) + 2
        turned = ((-1, 0.25), (-1, -0.25), (elbow, 0.15), (elbow, -0.15), (-1, 0.45), (-1, -0.45))
        for joint, share in (*raised, *turned):
            seed = home.copy()
            seed[joint] += share * span[joint]
            seeds.append(np.clip(seed, self._lower_rad, self._upper_rad))
        return seeds

    def solutions(self, T_base_tcp: Pose, seeds_rad: Iterable[Array]) -> Iterator[IkSolution]:
        """Yield the distinct solutions from several seeds, in the seeds' order."""
        found: list[Array] = []
        for seed in seeds_rad:
            solution = self.solve(T_base_tcp, seed)
            if solution is None or any(np.abs(solution.arm_rad - old).max() <= _ALIKE_RAD for old in found):
                continue
            found.append(solution.arm_rad)
            yield solution

    def _upright_joint(self) -> tuple[int, float, tuple[float, float], float] | None:
        """Return the first joint that turns about the vertical at home: place, sense, where it is, heading of the tool.

        None for an arm without one.
        """
        x, y, _ = self.tool_pose(np.array(self.robot.arm.home_rad)).position_m
        for at, axis in enumerate(self._data.xaxis):
            if self.robot.arm.axes[at].kind == "revolute" and abs(axis[2]) > _UPRIGHT:
                anchor_x, anchor_y, _ = self._data.xanchor[at].tolist()
                # To a milliradian, so that rounding in the asset does not move every solution.
                heading = round(math.atan2(y - anchor_y, x - anchor_x), 3)
                return at, math.copysign(1.0, axis[2]), (anchor_x, anchor_y), heading
        return None

    def _error(self, arm_rad: Array, goal_m: Array, goal_R: Array) -> Array:
        """Return what is left to a goal, (6,): metres, then the weighted rotation vector, in the base's frame.

        With free turns, the rotation vector is in the tool's frame and without them.
        """
        data = self._data
        data.qpos[:] = arm_rad
        mujoco.mj_kinematics(self._model, data)
        mujoco.mju_mulMatMatT(self._turn, goal_R, data.site_xmat[self._site].reshape(3, 3))
        mujoco.mju_mat2Quat(self._quat, self._turn.ravel())
        mujoco.mju_quat2Vel(self._residual[3:], self._quat, 1.0)
        self._residual[:3] = goal_m - data.site_xpos[self._site]
        if self._free:
            self._residual[3:] = data.site_xmat[self._site].reshape(3, 3).T @ self._residual[3:]
            self._residual[self._free] = 0.0
        self._residual[3:] *= self._weight
        return self._residual

    def _stepped(self, arm_rad: Array, error: Array, size: float) -> Array:
        """Return the posture after one step towards a goal; what a limit stops is taken over by the other joints."""
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_jacSite(self._model, self._data, self._jacobian[:3], self._jacobian[3:], self._site)
        J = self._jacobian
        if self._free:
            J[3:] = self._data.site_xmat[self._site].reshape(3, 3).T @ J[3:]
            J[self._free] = 0.0
        if self._weight != 1.0:
            J[3:] *= self._weight
        damping = _IDENTITY * (_DAMPING * size * size + _LEAST_DAMPING)
        step = J.T @ np.linalg.solve(J @ J.T + damping, error)
        ahead = arm_rad + step
        past = (ahead > self._upper_rad) | (ahead < self._lower_rad)
        if past.any():
            J = np.where(past, 0.0, J)
            step = J.T @ np.linalg.solve(J @ J.T + damping, error)
        step *= min(1.0, _LARGEST_STEP_RAD / max(float(np.abs(step).max()), 1e-12))
        return np.minimum(np.maximum(arm_rad + step, self._lower_rad), self._upper_rad)

    def _judged(self, arm_rad: Array, error: Array) -> IkSolution | None:
        away_m = math.sqrt(float(error[:3] @ error[:3]))
        away_rad = math.sqrt(float(error[3:] @ error[3:])) / self._weight
        most_rad = ROTATION_TOLERANCE_RAD if self._weight == 1.0 else FEW_JOINTS_TOLERANCE_RAD
        if away_m > POSITION_TOLERANCE_M or away_rad > most_rad:
            self.missed = (away_m, away_rad)
            return None
        self.missed = None
        return IkSolution(arm_rad, away_m, away_rad)


def arm_model(model_folder: Path, robot: Robot) -> mujoco.MjModel:
    """Compile the arm of a compiled scene on its own: base at the origin, fingers rigid, tool point as a site."""
    what = f"arm of {robot.model_dump_json()}"
    return copy.copy(kept(what, model_folder / MJCF_FILE, lambda path: _compile_arm(path.parent, robot)))


def _compile_arm(model_folder: Path, robot: Robot) -> mujoco.MjModel:
    compiled = load_model(model_folder)
    spec = mujoco.MjSpec.from_file(str(model_folder / MJCF_FILE))
    for part in (*spec.equalities, *spec.actuators, *spec.sensors, *spec.geoms):
        spec.delete(part)
    T_base_world = compiled.body(f"{ROBOT}/{robot.base_link}").T_world_body.inverse()
    for body in list(spec.worldbody.bodies):
        if not body.name.startswith(f"{ROBOT}/"):
            spec.delete(body)
            continue
        T_base_body = T_base_world @ Pose(vec3(body.pos), multiply_quats(body.quat, (1.0, 0.0, 0.0, 0.0)))
        body.pos, body.quat = T_base_body.position_m, T_base_body.quat_wxyz
    for joint in list(spec.joints):
        if joint.name.rsplit("/", 1)[-1] not in robot.arm.joints:
            spec.delete(joint)
    tool = spec.body(f"{ROBOT}/{robot.tool.link}")
    tool.add_site(name=TOOL_SITE, pos=robot.tool.position_m, quat=robot.tool.quat_wxyz)
    return spec.compile()
