"""Write a variant's edits into a loaded model: poses, mass, friction, cameras, lights."""

from collections.abc import Sequence
from dataclasses import replace

import mujoco
import numpy as np

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.scene.edits import Edit, MoveCamera, MoveProp, SetLight, SetMass, SetMaterial
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.model import CompiledModel, ModelBody

Pristine = dict[str, np.ndarray]
CHANGING = ("body_mass", "body_inertia", "body_ipos", "body_iquat", "geom_friction")


class UnsupportedEdit(InputError):
    """An edit that needs the scene to be compiled anew."""

    def __init__(self, edit: str, reason: str = "it changes what was compiled") -> None:
        super().__init__(
            f"edit {edit!r} cannot be applied to a loaded scene: {reason}. "
            "Can be applied: move_prop, set_mass, set_material, move_camera, set_light"
        )


def remember(model: mujoco.MjModel) -> Pristine:
    """Copy what edits may change."""
    return {name: np.array(getattr(model, name)) for name in CHANGING}


class Variation:
    """One variant's numbers over a scene; `manifest` holds its cameras and lights."""

    def __init__(self, maps: CompiledModel, manifest: SceneManifest, model: mujoco.MjModel, pristine: Pristine) -> None:
        self.manifest, self.qpos = manifest, np.array(maps.qpos)
        self._maps, self._model = maps, model
        for name, values in pristine.items():
            getattr(model, name)[:] = values

    def apply(self, edits: Sequence[Edit]) -> None:
        """Apply edits in order; raises UnsupportedEdit and UnknownName."""
        for edit in edits:
            match edit:
                case MoveProp():
                    self._move(edit)
                case SetMass():
                    self._weigh(edit)
                case SetMaterial():
                    self._rub(edit)
                case MoveCamera():
                    self._aim(edit)
                case SetLight():
                    self._light(edit)
                case _:
                    raise UnsupportedEdit(edit.edit)
        # Inertia enters the constraint solver through numbers that MuJoCo derives once.
        mujoco.mj_setConst(self._model, mujoco.MjData(self._model))

    def _move(self, edit: MoveProp) -> None:
        joints = self._maps.free_joints_of(edit.prop)
        if not joints:
            raise UnsupportedEdit(edit.edit, f"{edit.prop!r} does not move freely")
        for joint in joints:
            pose = edit.T_world_prop @ self._maps.body(joint.body).T_prop_body
            self.qpos[joint.qpos_address : joint.qpos_address + 7] = (*pose.position_m, *pose.quat_wxyz)

    def _weigh(self, edit: SetMass) -> None:
        link = self._link(edit.prop, edit.body)
        if link.fixed:
            return
        T_prop_center = Pose(edit.center_of_mass_m, edit.principal_axes_quat_wxyz)
        T_body_center = link.T_prop_body.inverse() @ T_prop_center
        body = self._model.body(link.name).id
        self._model.body_mass[body], self._model.body_inertia[body] = edit.mass_kg, edit.inertia_kg_m2
        self._model.body_ipos[body] = T_body_center.position_m
        self._model.body_iquat[body] = T_body_center.quat_wxyz

    def _rub(self, edit: SetMaterial) -> None:
        name = self._link(edit.prop, edit.body).name
        for geom in self._maps.geoms:
            if geom.body == name:
                self._model.geom_friction[self._model.geom(geom.name).id, 0] = edit.dynamic_friction

    def _aim(self, edit: MoveCamera) -> None:
        cameras = self.manifest.cameras
        if edit.camera not in {camera.name for camera in cameras}:
            raise UnknownName("camera", edit.camera, [camera.name for camera in cameras])
        moved = [
            replace(camera, T_mount_camera=edit.T_mount_camera) if camera.name == edit.camera else camera
            for camera in cameras
        ]
        self.manifest = replace(self.manifest, cameras=tuple(moved))

    def _light(self, edit: SetLight) -> None:
        lights = self.manifest.lights
        if edit.light not in {light.name for light in lights}:
            raise UnknownName("light", edit.light, [light.name for light in lights])
        values = {"direction": edit.direction, "color_rgb": edit.color_rgb, "intensity": edit.intensity}
        changed = [replace(light, **values) if light.name == edit.light else light for light in lights]
        self.manifest = replace(self.manifest, lights=tuple(changed))

    def _link(self, prop: str, body: str) -> ModelBody:
        name = f"{prop}/{body}"
        known = {link.name: link for link in self._maps.bodies}
        if name not in known:
            raise UnknownName("link", name, known)
        return known[name]
