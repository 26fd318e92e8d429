"""The arm alone: forward kinematics, Jacobian and inverse kinematics, in the frame of the robot's base.

The scene's other bodies are cut away, because their degrees of freedom make the quadratic programme infeasible.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mink
import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, multiply_quats, vec3
from blueprint.pipeline.scene.robots import Robot

from .model import MJCF_FILE, ROBOT, load_model

Array = NDArray[np.float64]

TOOL_SITE = "tool_center_point"
POSITION_TOLERANCE_M = 1e-3
ROTATION_TOLERANCE_RAD = 5e-3

_STEP_S = 0.1
_LIMIT_MARGIN_RAD = 0.02
_ITERATIONS = 60
_STALLED_M = 1e-4
# Solved well below the tolerance, so that a chain of solutions does not show the tolerance as noise.
_CONVERGED = 1e-5


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
        self._configuration = mink.Configuration(model)
        self._tool = mink.FrameTask(TOOL_SITE, "site", position_cost=1.0, orientation_cost=1.0, lm_damping=1e-4)
        self._posture = mink.PostureTask(model, cost=1e-3)
        self._limits = [mink.ConfigurationLimit(model, min_distance_from_limits=_LIMIT_MARGIN_RAD)]
        self._lower_rad = np.array(robot.arm.lower_rad) + _LIMIT_MARGIN_RAD
        self._upper_rad = np.array(robot.arm.upper_rad) - _LIMIT_MARGIN_RAD
        self._site = model.site(TOOL_SITE).id
        self._jacobian = np.zeros((6, model.nv))

    @classmethod
    def load(cls, model_folder: Path, robot: Robot) -> "ArmKinematics":
        """Cut the arm out of a compiled scene."""
        return cls(arm_model(model_folder, robot), robot)

    def tool_pose(self, arm_rad: Array) -> Pose:
        """Return T_base_tcp."""
        self._configuration.update(arm_rad)
        data = self._configuration.data
        T = np.eye(4)
        T[:3, :3] = data.site_xmat[self._site].reshape(3, 3)
        T[:3, 3] = data.site_xpos[self._site]
        return Pose.from_matrix(T)

    def jacobian(self, arm_rad: Array) -> Array:
        """Return the (6, n) Jacobian of the tool point in the base's frame, linear rows first."""
        self._configuration.update(arm_rad)
        mujoco.mj_jacSite(
            self._configuration.model,
            self._configuration.data,
            self._jacobian[:3],
            self._jacobian[3:],
            self._site,
        )
        return self._jacobian.copy()

    def solve(self, T_base_tcp: Pose, seed_rad: Array, *, iterations: int = _ITERATIONS) -> IkSolution | None:
        """Descend from one seed; returns None unless the residual is within 1 mm and 5 mrad."""
        w, x, y, z = T_base_tcp.quat_wxyz
        wxyz_xyz = np.array([w, x, y, z, *T_base_tcp.position_m])
        self._tool.set_target(mink.SE3(wxyz_xyz))
        self._configuration.update(np.clip(seed_rad, self._lower_rad, self._upper_rad))
        self._posture.set_target(self._configuration.q)
        before = np.inf
        for iteration in range(iterations):
            error = self._tool.compute_error(self._configuration)
            size = float(np.linalg.norm(error))
            if size < _CONVERGED or (iteration % 10 == 9 and before - size < _STALLED_M * before):
                break
            before = size if iteration % 10 == 9 else before
            velocity = mink.solve_ik(
                self._configuration, [self._tool, self._posture], _STEP_S, "daqp", limits=self._limits
            )
            self._configuration.integrate_inplace(velocity, _STEP_S)
        return self._judged(T_base_tcp)

    def seeds_toward(self, T_base_tcp: Pose) -> list[Array]:
        """List starting points for a target: home turned towards it, then with wrist and elbow turned either way."""
        home = np.array(self.robot.arm.home_rad)
        x, y, _ = T_base_tcp.position_m
        home[0] = np.clip(np.arctan2(y, x), self._lower_rad[0], self._upper_rad[0])
        span = self._upper_rad - self._lower_rad
        seeds = [home]
        for joint, share in ((-1, 0.25), (-1, -0.25), (2, 0.15), (2, -0.15), (-1, 0.45), (-1, -0.45)):
            seed = home.copy()
            seed[joint] += share * span[joint]
            seeds.append(np.clip(seed, self._lower_rad, self._upper_rad))
        return seeds

    def solve_any(self, T_base_tcp: Pose, seeds_rad: Iterable[Array]) -> IkSolution | None:
        """Return the first solution found from several seeds."""
        return next((found for seed in seeds_rad if (found := self.solve(T_base_tcp, seed)) is not None), None)

    def solutions(self, T_base_tcp: Pose, seeds_rad: Iterable[Array]) -> list[IkSolution]:
        """Return the distinct solutions from several seeds, in the seeds' order."""
        found: list[IkSolution] = []
        for seed in seeds_rad:
            solution = self.solve(T_base_tcp, seed)
            if solution is not None and all(np.abs(solution.arm_rad - old.arm_rad).max() > 0.2 for old in found):
                found.append(solution)
        return found

    def _judged(self, T_base_tcp: Pose) -> IkSolution | None:
        arm_rad = self._configuration.q.copy()
        reached = self.tool_pose(arm_rad)
        away_m = float(np.linalg.norm(np.subtract(reached.position_m, T_base_tcp.position_m)))
        away_rad = rotation_between_rad(reached, T_base_tcp)
        if away_m > POSITION_TOLERANCE_M or away_rad > ROTATION_TOLERANCE_RAD:
            return None
        return IkSolution(arm_rad, away_m, away_rad)


def rotation_between_rad(first: Pose, second: Pose) -> float:
    """Return the angle between two attitudes, exact near zero where the arc cosine is not."""
    R = first.rotation().T @ second.rotation()
    sine = np.linalg.norm([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / 2
    return float(np.arctan2(sine, (np.trace(R) - 1) / 2))


def arm_model(model_folder: Path, robot: Robot) -> mujoco.MjModel:
    """Compile the arm of a compiled scene on its own: base at the origin, fingers rigid, tool point as a site."""
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
