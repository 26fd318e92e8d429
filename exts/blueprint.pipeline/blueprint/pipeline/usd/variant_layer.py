"""A variant's root: its edits over the scene, as one layer."""

from pathlib import Path

from pxr import Sdf, Usd, UsdGeom, UsdPhysics

from blueprint.pipeline.errors import UnknownName
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
from blueprint.pipeline.scene.manifests import Camera, SceneManifest
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.variants import Variant

from .apply import EditNotApplicable, apply_scene_edits
from .cameras import set_focal_length
from .joints import apply_joint_dynamics
from .layers import new_stage, save_layer
from .names import WORLD, physics_material_path, prop_path
from .physics import apply_labels
from .robot_variation import apply_drive, apply_latency, apply_start
from .scene_looks import Looks, apply_look
from .transforms import set_pose

PLAIN = (MoveProp, SetMass, SetMaterial, MoveCamera, SetLight)
"""Edits that also other layers over a scene take."""

FURTHER = (SetRestitution, SetJointDynamics, SetLook, AddDistractor, SetDrive, SetStart, SetLatency, SetLens, SetSensor)


def write_variant(
    path: Path, scene_file: str, manifest: SceneManifest, robot: Robot, variant: Variant, looks: Looks
) -> None:
    """Write a variant's root; `scene_file` names the scene relative to it, `looks` are what the scene's props wear."""
    root = new_stage(WORLD[1:])
    root.OverridePrim(WORLD)
    plain = [edit for edit in variant.edits if isinstance(edit, PLAIN)]
    cameras = {camera.name: camera.prim_path for camera in manifest.cameras}
    lights = {light.name: light.prim_path for light in manifest.lights}
    apply_scene_edits(root, plain, camera_paths=cameras, light_paths=lights)
    layer = _Layer(root, manifest, robot, looks, scene_file.rpartition("/")[0] + "/")
    for edit in variant.edits:
        if not isinstance(edit, PLAIN):
            layer.apply(edit)
    save_layer(root, path, strongest_first=[scene_file], references=layer.references)


class _Layer:
    """The opinions that only variants have."""

    def __init__(self, stage: Usd.Stage, manifest: SceneManifest, robot: Robot, looks: Looks, to_scene: str) -> None:
        self._stage, self._manifest, self._robot = stage, manifest, robot
        self._looks, self._to_scene = looks, to_scene
        self.references: dict[str, str] = {}

    def apply(self, edit: Edit) -> None:
        """Write one edit; raises EditNotApplicable and UnknownName."""
        stage = self._stage
        match edit:
            case SetRestitution():
                _restitution(stage, edit)
            case SetJointDynamics():
                apply_joint_dynamics(stage, prop_path(edit.prop), self._manifest.prop(edit.prop).prop, edit)
            case SetLook():
                apply_look(stage, edit, self._looks, self._to_scene)
            case AddDistractor():
                self._set_up(edit)
            case SetDrive():
                apply_drive(stage, self._robot, edit)
            case SetStart():
                apply_start(stage, self._robot, edit)
            case SetLatency():
                apply_latency(stage, edit)
            case SetLens():
                camera = self._manifest.camera(edit.camera)
                set_focal_length(stage.OverridePrim(camera.prim_path), edit.focal_px, camera.width_px)
            case SetSensor():
                _sensor(stage, self._manifest.camera(edit.camera), edit)
            case _:
                raise EditNotApplicable(edit, "variant", (*PLAIN, *FURTHER))

    def _set_up(self, edit: AddDistractor) -> None:
        known = {entry.prop.id: entry for entry in self._manifest.props}
        # A sample asset is no prop of the scene, only its spare is.
        entry = known.get(edit.prop) or known.get(edit.like)
        if entry is None:
            raise UnknownName("prop", edit.like, known)
        path = prop_path(edit.prop)
        prim = UsdGeom.Xform.Define(self._stage, path).GetPrim()
        set_pose(prim, edit.T_world_prop)
        apply_labels(prim, {"distractor": edit.like})
        prim.SetCustomDataByKey("blueprint:distractor", edit.why)
        self.references[path] = f"{self._to_scene}{entry.asset_path}"


def _restitution(stage: Usd.Stage, edit: SetRestitution) -> None:
    prim = stage.OverridePrim(physics_material_path(prop_path(edit.prop), edit.body))
    UsdPhysics.MaterialAPI.Apply(prim).CreateRestitutionAttr(edit.restitution)
    # The mean of the two, which engines take otherwise, would halve every bounce on furniture that has none.
    attribute = prim.CreateAttribute(
        "physxMaterial:restitutionCombineMode", Sdf.ValueTypeNames.Token, False, Sdf.VariabilityUniform
    )
    attribute.Set("max")


def _sensor(stage: Usd.Stage, camera: Camera, edit: SetSensor) -> None:
    prim = stage.OverridePrim(camera.prim_path)
    prim.CreateAttribute("exposure", Sdf.ValueTypeNames.Float, False).Set(edit.exposure_stops)
    # USD knows no noise; programs that add it read it here.
    prim.SetCustomDataByKey("blueprint:rgb_noise_std_of_255", edit.rgb_std)
    prim.SetCustomDataByKey("blueprint:depth_noise_std_m_at_1_m", edit.depth_std_m)
    prim.SetCustomDataByKey("blueprint:noise_seed", edit.seed)
