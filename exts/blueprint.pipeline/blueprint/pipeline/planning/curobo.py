"""The door to cuRobo 2 (motion planning on NVIDIA GPUs), behind the same interface as the planner on the CPU.

Written against cuRobo's documentation of `curobo.motion_planner`, `curobo.scene` and `curobo.types`; not run, as it
needs an NVIDIA GPU. What it finds is looked at with this project's own colliders before it counts, like any other way.
"""

from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import MissingTool, UnknownName
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.solids import convex_solid

from .motion import Free, Motion, SearchBounds, densified
from .workspace import Workspace

Array = NDArray[np.float64]

ROBOT_FILES = {"franka_panda": "franka.yml"}
"""cuRobo's own descriptions, with its spheres around the links, of robots that this project has too."""
INSTALL = "git clone https://github.com/NVlabs/curobo && cd curobo && pip install .[cu12-torch]"
_ATTACHED = "attached_object"
_CACHE = {"mesh": 256, "cuboid": 8}


class CuroboPlanner:
    """Plans by optimisation on the GPU; raises MissingTool, or UnknownName for a robot that cuRobo has no file of."""

    def __init__(self, workspace: Workspace) -> None:
        if workspace.robot.name not in ROBOT_FILES:
            raise UnknownName("robot", workspace.robot.name, ROBOT_FILES, where="cuRobo")
        self._workspace, self._modules = workspace, _modules()
        config = self._modules["motion_planner"].MotionPlannerCfg.create(
            robot=ROBOT_FILES[workspace.robot.name], collision_cache=dict(_CACHE), max_goalset=1
        )
        self._planner: Any = self._modules["motion_planner"].MotionPlanner(config)
        self._planner.warmup()

    def plan(self, start_rad: Array, goal_rad: Array, free: Free, *, seed: int, bounds: SearchBounds) -> Motion | None:
        """Return a way from start to goal; None when `bounds` are spent."""
        del seed  # cuRobo's seeds are its own, set back before every plan.
        self._planner.reset_seed()
        start, goal = self._state(start_rad), self._state(goal_rad)
        carried = self._bring_about(start_rad, start)
        try:
            for attempt in range(bounds.searches):
                result = self._planner.plan_cspace(goal, start, max_attempts=attempt + 1)
                if result is None or not bool(result.success.any()):
                    continue
                path = densified(self._path(result, start_rad, goal_rad))
                clearance_m = free.path_m(path)
                if clearance_m is not None:
                    return Motion(path, attempt, clearance_m)
            return None
        finally:
            if carried:
                self._planner.attachment_manager.detach(_ATTACHED)

    def _bring_about(self, start_rad: Array, start: Any) -> bool:
        """Give cuRobo everything that stands in the scene as it is now; returns whether something is carried."""
        world = self._workspace.world
        T_base_world = world.T_world_base.inverse()
        world.tool_pose(start_rad)
        carried = world.carried_link
        meshes = [
            self._mesh(f"{name}/{at}", T_base_world @ T_world_link, corners)
            for name, T_world_link, pieces in world.scenery()
            for at, corners in enumerate(pieces)
        ]
        scene = self._modules["scene"].Scene(mesh=[mesh for mesh in meshes if not mesh.name.startswith(f"{carried}/")])
        self._planner.update_world(scene)
        if carried:
            held = [mesh for mesh in meshes if mesh.name.startswith(f"{carried}/")]
            self._planner.attachment_manager.attach(start, held, link_name=_ATTACHED)
        return bool(carried)

    def _mesh(self, name: str, T_base_body: Pose, corners_m: Array) -> Any:
        solid = convex_solid(corners_m)
        pose = [*T_base_body.position_m, *T_base_body.quat_wxyz]
        return self._modules["scene"].Mesh(
            name=name, vertices=solid.corners_m.tolist(), faces=solid.triangles.tolist(), pose=pose
        )

    def _state(self, arm_rad: Array) -> Any:
        names = list(self._workspace.robot.arm.joints)
        return self._modules["types"].JointState.from_numpy(names, np.asarray(arm_rad[None], dtype=np.float32))

    def _path(self, result: Any, start_rad: Array, goal_rad: Array) -> Array:
        """Return the postures (K, n) of a result, with start and goal exactly as they were asked for."""
        names = list(self._workspace.robot.arm.joints)
        found = result.get_interpolated_plan().reorder(names).position.reshape(-1, len(names))
        path = np.asarray(found.cpu().numpy(), dtype=np.float64)
        return np.vstack([start_rad[None], path[1:-1], goal_rad[None]])


def _modules() -> dict[str, ModuleType]:
    """Import cuRobo where it is asked for; raises MissingTool that says how it is installed."""
    if find_spec("curobo") is None:
        raise MissingTool("cuRobo", "the planner 'curobo'", INSTALL)
    from curobo import motion_planner, scene, types  # pyright: ignore

    return {"motion_planner": motion_planner, "scene": scene, "types": types}
