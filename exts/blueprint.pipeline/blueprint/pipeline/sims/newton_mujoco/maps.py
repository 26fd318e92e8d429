"""The index maps of a compiled model: which name has which address. Runs in the compiling process."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from .importer import GAP_M, Imported, import_scene  # isort: skip  # registers USD schemas, so it comes before pxr

import mujoco
import numpy as np
from pxr import Usd, UsdGeom

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.sims.model import (
    MJCF_FILE,
    ROBOT,
    CompiledModel,
    FreeJoint,
    ModelActuator,
    ModelBody,
    ModelGeom,
    ModelJoint,
    save_model,
)

from .labels import Labels
from .mjcf import TIMESTEP_S, write_mjcf

FREE = int(mujoco.mjtJoint.mjJNT_FREE)
HINGE = int(mujoco.mjtJoint.mjJNT_HINGE)


class RobotDiffers(RunError):
    """The robot's USD drives other joints than its description commands."""

    def __init__(self, robot: str, described: Sequence[str], driven: Sequence[str]) -> None:
        super().__init__(
            f"robot {robot!r}: its description commands {', '.join(described)}, "
            f"its USD has drives on {', '.join(driven)}"
        )


def write_model(usd_path: Path, model_folder: Path, manifest: SceneManifest) -> CompiledModel:
    """Import a scene and write `model.xml` and `model.json`."""
    with tempfile.TemporaryDirectory(prefix="blueprint-draft-") as scratch:
        imported = import_scene(usd_path, Path(scratch) / "draft.xml")
        labels = Labels(manifest)
        mj = imported.mj
        bodies = {mj.body(i).name: labels.link(path) for i, path in enumerate(imported.body_paths) if path}
        joints = {mj.joint(j).name: _joint_name(imported, labels, j) for j in range(mj.njnt)}
        geoms = {mj.geom(g).name: path for g, path in enumerate(imported.geom_paths)}
        target = model_folder / MJCF_FILE
        written = write_mjcf(mj, imported.draft_path, target, bodies=bodies, joints=joints, geoms=geoms)
    model = _describe(imported, written, manifest, labels, Poses(usd_path))
    save_model(model_folder, model)
    return model


class Poses:
    """World poses of prims as authored, in double precision."""

    def __init__(self, usd_path: Path) -> None:
        self._stage = Usd.Stage.Open(str(usd_path))
        self._cache = UsdGeom.XformCache()

    def world(self, prim_path: str) -> Pose:
        """Return T_world_prim without scale."""
        matrix = self._cache.GetLocalToWorldTransform(self._stage.GetPrimAtPath(prim_path)).RemoveScaleShear()
        return Pose.from_matrix(np.array(matrix).T)


def _joint_name(imported: Imported, labels: Labels, joint: int) -> str:
    if imported.mj.jnt_type[joint] == FREE:
        return labels.link(imported.body_paths[imported.mj.jnt_bodyid[joint]])
    return labels.joint(imported.joint_paths[joint])


def _describe(
    imported: Imported, mj: mujoco.MjModel, manifest: SceneManifest, labels: Labels, poses: Poses
) -> CompiledModel:
    moving = [_body(labels, path, False, poses) for path in imported.body_paths if path]
    still = [_body(labels, path, True, poses) for path in labels.fixed_links(imported.body_paths)]
    free = _free_joints(imported, mj, labels, poses)
    joints = [_joint(imported, mj, labels, j) for j in range(mj.njnt) if mj.jnt_type[j] != FREE]
    start = np.array(mj.qpos0, dtype=np.float64)
    for joint in free:
        pose = poses.world(imported.body_paths[mj.body(joint.body).id])
        start[joint.qpos_address : joint.qpos_address + 7] = (*pose.position_m, *pose.quat_wxyz)
    for index, value in imported.scalar_start.items():
        start[mj.jnt_qposadr[index]] = value
    servos = [a for a in range(mj.nu) if mj.actuator_biasprm[a, 1] != 0]
    ctrl = np.zeros(mj.nu)
    ctrl[servos] = [imported.scalar_target[int(mj.actuator_trnid[a, 0])] for a in servos]
    return CompiledModel(
        manifest.id,
        TIMESTEP_S,
        GAP_M,
        tuple(sorted([*moving, *still], key=lambda body: (not body.name.startswith(f"{ROBOT}/"), body.fixed))),
        tuple(sorted(joints, key=lambda joint: not joint.name.startswith(f"{ROBOT}/"))),
        tuple(free),
        _actuators(mj, servos, load_robot(manifest.robot.name)),
        tuple(ModelGeom(path, labels.link(path)) for path in imported.geom_paths),
        tuple(start.tolist()),
        tuple(ctrl.tolist()),
    )


def _body(labels: Labels, path: str, fixed: bool, poses: Poses) -> ModelBody:
    root = labels.root(path)
    T_world_body = poses.world(path)
    T_prop_body = poses.world(root).inverse() @ T_world_body if root else T_world_body
    return ModelBody(labels.link(path), path, fixed, T_world_body, T_prop_body)


def _free_joints(imported: Imported, mj: mujoco.MjModel, labels: Labels, poses: Poses) -> list[FreeJoint]:
    joints = []
    for j in range(mj.njnt):
        path = imported.body_paths[mj.jnt_bodyid[j]]
        root = labels.root(path)
        if mj.jnt_type[j] == FREE and root is not None:
            T_prop_body = poses.world(root).inverse() @ poses.world(path)
            address, dof = int(mj.jnt_qposadr[j]), int(mj.jnt_dofadr[j])
            joints.append(FreeJoint(labels.owner(path) or root, mj.joint(j).name, address, dof, T_prop_body))
    return joints


def _joint(imported: Imported, mj: mujoco.MjModel, labels: Labels, j: int) -> ModelJoint:
    lower, upper = mj.jnt_range[j].tolist() if mj.jnt_limited[j] else (None, None)
    return ModelJoint(
        mj.joint(j).name,
        imported.joint_paths[j],
        labels.link(imported.body_paths[mj.jnt_bodyid[j]]),
        "revolute" if mj.jnt_type[j] == HINGE else "prismatic",
        int(mj.jnt_qposadr[j]),
        int(mj.jnt_dofadr[j]),
        lower,
        upper,
    )


def _actuators(mj: mujoco.MjModel, servos: Sequence[int], robot: Robot) -> tuple[ModelActuator, ...]:
    found = {mj.joint(mj.actuator_trnid[a, 0]).name: a for a in servos}
    driven = [name for name in found if name.startswith(f"{ROBOT}/")]
    order = [f"{ROBOT}/{name}" for name in (*robot.arm.joints, *robot.gripper.joints)]
    every = [f"{ROBOT}/{name}" for arm in robot.arms for name in (*arm.joints, *arm.gripper.joints)]
    # Arms that do not act hold still where their drives' targets are.
    if driven and set(driven) != set(every):
        raise RobotDiffers(robot.name, every, driven)
    return tuple(_actuator(mj, found[name]) for name in order if name in found)


def _actuator(mj: mujoco.MjModel, a: int) -> ModelActuator:
    joint = int(mj.actuator_trnid[a, 0])
    lower, upper = mj.jnt_range[joint].tolist()
    return ModelActuator(mj.joint(joint).name, a, lower, upper, float(mj.jnt_actfrcrange[joint, 1]))
