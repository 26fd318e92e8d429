"""Write a variant's edits into a loaded model: poses, physics, the robot's servos and start, cameras, lights, looks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mujoco
import numpy as np

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.scene.edits import (
    AddDistractor,
    Edit,
    MoveCamera,
    MoveProp,
    SetDrive,
    SetJointDynamics,
    SetLatency,
    SetLens,
    SetLight,
    SetLook,
    SetMass,
    SetMaterial,
    SetRestitution,
    SetSensor,
    SetStart,
)
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.variants import with_views
from blueprint.pipeline.sims.model import ROBOT, CompiledModel, ModelBody
from blueprint.pipeline.sims.sensing import IDEAL, Sensing

from .restitution import set_restitution

Pristine = dict[str, np.ndarray]
CHANGING = (
    *("body_mass", "body_inertia", "body_ipos", "body_iquat", "body_gravcomp"),
    *("geom_friction", "geom_solref", "geom_solmix", "geom_contype", "geom_conaffinity"),
    *("body_contype", "body_conaffinity"),
    *("dof_frictionloss", "dof_damping", "actuator_gainprm", "actuator_biasprm"),
)


class UnsupportedEdit(InputError):
    """An edit that needs the scene to be compiled anew."""

    def __init__(self, edit: str, reason: str = "it changes what was compiled") -> None:
        super().__init__(
            f"edit {edit!r} cannot be applied to a loaded scene: {reason}. Can be applied: {', '.join(APPLICABLE)}"
        )


def remember(model: mujoco.MjModel) -> Pristine:
    """Copy what edits may change."""
    return {name: np.array(getattr(model, name)) for name in CHANGING}


class Variation:
    """One variant's numbers over a scene; `manifest` holds its cameras and lights, `looks` what props wear.

    `qpos` and `ctrl` are where it starts, `sensing` and `exposure_stops` are by camera, `latency_s` is how late
    commands take effect.
    """

    def __init__(self, maps: CompiledModel, manifest: SceneManifest, model: mujoco.MjModel, pristine: Pristine) -> None:
        self.manifest, self.qpos, self.ctrl = manifest, np.array(maps.qpos), np.array(maps.ctrl)
        self.looks: dict[str, SetLook] = {}
        self.sensing: dict[str, Sensing] = {}
        self.exposure_stops: dict[str, float] = {}
        self.latency_s = 0.0
        self._maps, self._model, self._pristine = maps, model, pristine
        for name, values in pristine.items():
            getattr(model, name)[:] = values
        for spare in manifest.spares:
            self._park(spare)

    def apply(self, edits: Sequence[Edit]) -> None:
        """Apply edits in order; raises UnsupportedEdit and UnknownName."""
        for edit in edits:
            writer = _WRITERS.get(edit.edit)
            if writer is None:
                raise UnsupportedEdit(edit.edit)
            writer(self, edit)
        # Inertia enters the constraint solver through numbers that MuJoCo derives once.
        mujoco.mj_setConst(self._model, mujoco.MjData(self._model))

    def sensing_of(self, camera: str) -> Sensing:
        """Return how a camera's sensor answers."""
        return self.sensing.get(camera, IDEAL)

    # --- where things stand

    def move(self, edit: MoveProp) -> None:
        """Place a prop that moves freely."""
        self._place(edit.edit, edit.prop, edit.T_world_prop)

    def set_up(self, edit: AddDistractor) -> None:
        """Take a spare out of the pool and set it up."""
        if edit.prop not in self.manifest.spares:
            reason = f"this scene was compiled without the spare {edit.prop!r}; it has {self._spares()}"
            raise UnsupportedEdit(edit.edit, reason)
        for name in ("geom_contype", "geom_conaffinity"):
            for geom in self._geoms_of_prop(edit.prop):
                getattr(self._model, name)[geom] = self._pristine[name][geom]
        for name in ("body_contype", "body_conaffinity", "body_gravcomp"):
            for body in self._bodies_of_prop(edit.prop):
                getattr(self._model, name)[body] = self._pristine[name][body]
        self._place(edit.edit, edit.prop, edit.T_world_prop)

    def _park(self, spare: str) -> None:
        """Let a spare float where it was compiled, touching nothing."""
        for geom in self._geoms_of_prop(spare):
            self._model.geom_contype[geom] = self._model.geom_conaffinity[geom] = 0
        for body in self._bodies_of_prop(spare):
            # The broad phase has masks of its own, per body.
            self._model.body_contype[body] = self._model.body_conaffinity[body] = 0
            self._model.body_gravcomp[body] = 1.0

    def _place(self, edit: str, prop: str, T_world_prop: Pose) -> None:
        joints = self._maps.free_joints_of(prop)
        if not joints:
            raise UnsupportedEdit(edit, f"{prop!r} does not move freely")
        for joint in joints:
            pose = T_world_prop @ self._maps.body(joint.body).T_prop_body
            self.qpos[joint.qpos_address : joint.qpos_address + 7] = (*pose.position_m, *pose.quat_wxyz)

    # --- physics of props

    def weigh(self, edit: SetMass) -> None:
        """Set mass, inertia and where its centre is."""
        link = self._link(edit.prop, edit.body)
        if link.fixed:
            return
        T_prop_center = Pose(edit.center_of_mass_m, edit.principal_axes_quat_wxyz)
        T_body_center = link.T_prop_body.inverse() @ T_prop_center
        body = self._model.body(link.name).id
        self._model.body_mass[body], self._model.body_inertia[body] = edit.mass_kg, edit.inertia_kg_m2
        self._model.body_ipos[body] = T_body_center.position_m
        self._model.body_iquat[body] = T_body_center.quat_wxyz

    def rub(self, edit: SetMaterial) -> None:
        """Set sliding friction; MuJoCo has one for rest and motion."""
        for geom in self._geoms(edit.prop, edit.body):
            self._model.geom_friction[geom, 0] = edit.dynamic_friction

    def bounce(self, edit: SetRestitution) -> None:
        """Let a link bounce."""
        for geom in self._geoms(edit.prop, edit.body):
            set_restitution(self._model, geom, edit.restitution)

    def resist(self, edit: SetJointDynamics) -> None:
        """Set how a joint of furniture resists; its damping is a servo that holds it at rest where one was compiled."""
        name = f"{edit.prop}/{edit.joint}"
        known = {joint.name: joint for joint in self._maps.joints if not joint.name.startswith(f"{ROBOT}/")}
        if name not in known:
            raise UnknownName("joint", name, known)
        dof = known[name].dof_address
        self._model.dof_frictionloss[dof] = edit.friction
        actuator = mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_ACTUATOR, name)
        if actuator < 0:
            self._model.dof_damping[dof] = edit.damping
        else:
            self._model.actuator_gainprm[actuator, 0] = edit.damping
            self._model.actuator_biasprm[actuator, 2] = -edit.damping

    # --- the robot

    def tune(self, edit: SetDrive) -> None:
        """Multiply a servo's gains."""
        known = {actuator.joint: actuator.index for actuator in self._maps.actuators}
        name = f"{ROBOT}/{edit.joint}"
        if name not in known:
            raise UnknownName("joint of the robot", name, known)
        at = known[name]
        self._model.actuator_gainprm[at, 0] *= edit.stiffness_factor
        self._model.actuator_biasprm[at, 1] *= edit.stiffness_factor
        self._model.actuator_biasprm[at, 2] *= edit.damping_factor

    def start(self, edit: SetStart) -> None:
        """Start joints elsewhere, their servos holding them there."""
        known = {actuator.joint: actuator.index for actuator in self._maps.actuators}
        for joint, position in edit.positions_rad.items():
            name = f"{ROBOT}/{joint}"
            if name not in known:
                raise UnknownName("joint of the robot", name, known)
            self.qpos[self._maps.joint(name).qpos_address] = self.ctrl[known[name]] = position

    def delay(self, edit: SetLatency) -> None:
        """Remember how late commands take effect."""
        self.latency_s = edit.delay_s

    # --- what is seen

    def see(self, edit: MoveCamera | SetLens | SetLight) -> None:
        """Change a camera's place or lens, or a lamp."""
        self.manifest = with_views(self.manifest, (edit,))

    def sense(self, edit: SetSensor) -> None:
        """Remember how a camera's sensor answers."""
        self.manifest.camera(edit.camera)
        self.sensing[edit.camera] = Sensing(edit.rgb_std, edit.depth_std_m, edit.seed)
        self.exposure_stops[edit.camera] = edit.exposure_stops

    def dress(self, edit: SetLook) -> None:
        """Remember what a prop wears."""
        known = {entry.prop.id for entry in self.manifest.props}
        for prop in (edit.prop, edit.texture_of) if edit.texture_of else (edit.prop,):
            if prop not in known:
                raise UnknownName("prop", prop, known)
        self.looks[edit.prop] = edit

    # --- finding things

    def _link(self, prop: str, body: str) -> ModelBody:
        name = f"{prop}/{body}"
        known = {link.name: link for link in self._maps.bodies}
        if name not in known:
            raise UnknownName("link", name, known)
        return known[name]

    def _geoms(self, prop: str, body: str) -> list[int]:
        name = self._link(prop, body).name
        return [self._model.geom(geom.name).id for geom in self._maps.geoms if geom.body == name]

    def _geoms_of_prop(self, prop: str) -> list[int]:
        return [self._model.geom(geom.name).id for geom in self._maps.geoms if geom.body.startswith(f"{prop}/")]

    def _bodies_of_prop(self, prop: str) -> list[int]:
        return [self._model.body(joint.body).id for joint in self._maps.free_joints_of(prop)]

    def _spares(self) -> str:
        return ", ".join(self.manifest.spares) or "none"


_WRITERS: Mapping[str, Callable[[Variation, Any], None]] = {
    "move_prop": Variation.move,
    "add_distractor": Variation.set_up,
    "set_mass": Variation.weigh,
    "set_material": Variation.rub,
    "set_restitution": Variation.bounce,
    "set_joint_dynamics": Variation.resist,
    "set_drive": Variation.tune,
    "set_start": Variation.start,
    "set_latency": Variation.delay,
    "move_camera": Variation.see,
    "set_lens": Variation.see,
    "set_sensor": Variation.sense,
    "set_light": Variation.see,
    "set_look": Variation.dress,
}
APPLICABLE = tuple(_WRITERS)
