"""Apply edits as layers: the one place where decisions become USD opinions.

Three layers take edits: `articulate` and `simready` inside an asset, where the prop is the root prim, and layers over
a scene (placement, settle, variants), where it stands at /World/props.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pxr import Usd

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import (
    AddGrasp,
    AddJoint,
    AddRegion,
    AddSupport,
    Edit,
    MoveCamera,
    MoveProp,
    PlaceRobot,
    ReplaceMesh,
    SetColliders,
    SetJointDynamics,
    SetLight,
    SetMass,
    SetMaterial,
    SetSemantics,
    SplitBody,
)
from blueprint.pipeline.scene.props import Prop

from .annotations import apply_grasp, apply_region
from .author import author_bodies, author_mesh, split_prefix, visual_path
from .joints import apply_joint_dynamics, apply_joints
from .lights import author_light
from .names import ROBOT, body_path, prim_name, prop_path
from .payloads import Payloads
from .physics import (
    apply_colliders,
    apply_mass,
    apply_material,
    apply_semantics,
    override_friction,
    override_mass,
)
from .transforms import set_pose


class EditNotApplicable(RunError):
    """An edit that has no meaning in the layer it was given to."""

    def __init__(self, edit: Edit, layer: str, takes: Iterable[type]) -> None:
        names = ", ".join(sorted(kind.__name__ for kind in takes))
        super().__init__(f"layer {layer!r} cannot take {type(edit).__name__}; it takes {names}")


def apply_articulation(
    stage: Usd.Stage, prop: Prop, edits: Sequence[Edit], payloads: Payloads, asset_folder: Path
) -> None:
    """Write the articulate layer of a prop as the scan has it: split links, joints."""
    root = f"/{prim_name(prop.id)}"
    for edit in edits:
        if isinstance(edit, SplitBody):
            _apply_split(stage, root, prop, edit, payloads, asset_folder)
        elif not isinstance(edit, AddJoint):
            raise EditNotApplicable(edit, "articulate", (SplitBody, AddJoint))
    joints = tuple(edit for edit in edits if isinstance(edit, AddJoint))
    apply_joints(stage, root, edited_prop(prop, edits), joints)


def _apply_split(
    stage: Usd.Stage, root: str, prop: Prop, edit: SplitBody, payloads: Payloads, asset_folder: Path
) -> None:
    """Switch the scan's meshes off, which stay in their layer, and write the parts."""
    whole = body_path(root, edit.body)
    if any(part.name == edit.body for part in edit.parts):
        for index in range(len(prop.body(edit.body).visuals)):
            stage.OverridePrim(visual_path(root, edit.body, index)).SetActive(False)
    else:
        stage.OverridePrim(whole).SetActive(False)
    author_bodies(stage, root, edit.parts, payloads, asset_folder, prefix=split_prefix(edit.body))
    stage.OverridePrim(root).SetCustomDataByKey(f"blueprint:split_{prim_name(edit.body)}", edit.why)


def apply_repairs(
    stage: Usd.Stage, prop: Prop, articulation: Sequence[Edit], repairs: Sequence[Edit], payloads: Payloads
) -> None:
    """Write the repair layer: mended meshes over those of the scan and of its parts."""
    root, edited = f"/{prim_name(prop.id)}", edited_prop(prop, articulation)
    prefixes = {
        part.name: split_prefix(edit.body)
        for edit in articulation
        if isinstance(edit, SplitBody)
        for part in edit.parts
    }
    for edit in repairs:
        if not isinstance(edit, ReplaceMesh):
            raise EditNotApplicable(edit, "repair", (ReplaceMesh,))
        path = visual_path(root, edit.body, edit.visual, prefixes.get(edit.body, ""))
        appearance = edited.body(edit.body).visuals[edit.visual].appearance
        prim = author_mesh(stage, path, payloads.mesh(edit.mesh), appearance)
        prim.SetCustomDataByKey("blueprint:mesh", edit.why)


def apply_physics(stage: Usd.Stage, prop: Prop, edits: Sequence[Edit], payloads: Payloads) -> None:
    """Write the simready layer of an articulated prop: every link is a rigid body, furniture's too.

    What stands still in a scene is fixed there, so that the asset can be used in any other.
    """
    root = f"/{prim_name(prop.id)}"
    grasps = [edit for edit in edits if isinstance(edit, AddGrasp)]
    # Materials first, because colliders are bound to them.
    for edit in sorted(edits, key=lambda edit: not isinstance(edit, SetMaterial)):
        match edit:
            case SetMaterial():
                apply_material(stage, root, edit)
            case SetMass():
                apply_mass(stage, root, edit)
            case SetColliders():
                apply_colliders(stage, root, edit, payloads)
            case SetSemantics():
                apply_semantics(stage, root, edit)
            case SetJointDynamics():
                apply_joint_dynamics(stage, root, prop, edit)
            case AddSupport():
                stage.OverridePrim(root).SetCustomDataByKey(
                    f"blueprint:support_{prim_name(edit.surface.name)}", edit.why
                )
            case AddRegion():
                apply_region(stage, root, edit)
            case AddGrasp():
                apply_grasp(stage, root, edit, grasps.index(edit) + 1)
            case _:
                taken = (
                    SetMaterial,
                    SetMass,
                    SetColliders,
                    SetSemantics,
                    SetJointDynamics,
                    AddSupport,
                    AddRegion,
                    AddGrasp,
                )
                raise EditNotApplicable(edit, "simready", taken)


def apply_scene_edits(
    stage: Usd.Stage, edits: Sequence[Edit], *, camera_paths: Mapping[str, str], light_paths: Mapping[str, str]
) -> None:
    """Write edits over an assembled scene; cameras and lights are found by the manifest's prim paths."""
    for edit in edits:
        match edit:
            case MoveProp():
                prim = stage.OverridePrim(prop_path(edit.prop))
                set_pose(prim, edit.T_world_prop)
                prim.SetCustomDataByKey("blueprint:pose", edit.why)
            case PlaceRobot():
                set_pose(stage.OverridePrim(ROBOT), edit.T_world_base)
            case SetMass():
                override_mass(stage, prop_path(edit.prop), edit)
            case SetMaterial():
                override_friction(stage, prop_path(edit.prop), edit)
            case MoveCamera():
                set_pose(stage.OverridePrim(camera_paths[edit.camera]), edit.T_mount_camera)
            case SetLight():
                author_light(stage.OverridePrim(light_paths[edit.light]), edit)
            case _:
                taken = (MoveProp, PlaceRobot, SetMass, SetMaterial, MoveCamera, SetLight)
                raise EditNotApplicable(edit, "scene", taken)
