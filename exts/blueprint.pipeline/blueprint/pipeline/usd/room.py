"""The room on a stage: fixed boxes, each visible as a mesh and solid as one large box."""

from pathlib import Path

from pxr import Usd, UsdGeom

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.room_meshes import room_box_mesh
from blueprint.pipeline.scene.rooms import RoomBox

from .author import author_look, author_mesh, bind_look
from .names import ROOM, body_path, physics_material_path, prim_name
from .payloads import Payloads
from .physics import apply_labels, apply_material, author_collider, bind_physics_material
from .transforms import set_pose


def define_room(stage: Usd.Stage, boxes: tuple[RoomBox, ...], payloads: Payloads, folder: Path) -> None:
    """Write the room's boxes below its prim; textures are copied below the scene's folder."""
    Usd.ModelAPI(UsdGeom.Xform.Define(stage, ROOM)).SetKind("component")
    UsdGeom.Scope.Define(stage, f"{ROOM}/Looks")
    for box in boxes:
        _define_box(stage, box, payloads, folder)


def _define_box(stage: Usd.Stage, box: RoomBox, payloads: Payloads, folder: Path) -> None:
    path = body_path(ROOM, box.name)
    prim = UsdGeom.Xform.Define(stage, path).GetPrim()
    set_pose(prim, box.T_world_box)
    apply_labels(prim, {"class": box.name})
    prim.SetCustomDataByKey("blueprint:room", box.why)
    if box.visible:
        _define_visual(stage, box, path, payloads, folder)
    friction = SetMaterial("room", box.name, box.name, 0.0, box.static_friction, box.dynamic_friction, 0.0, box.why)
    apply_material(stage, ROOM, friction)
    collider = author_collider(stage, f"{path}/collider", BoxPiece(Pose(), box.half_extents_m), None)
    bind_physics_material(stage, collider, physics_material_path(ROOM, box.name))


def _define_visual(stage: Usd.Stage, box: RoomBox, path: str, payloads: Payloads, folder: Path) -> None:
    look = f"{ROOM}/Looks/{prim_name(box.name)}"
    appearance = box.appearance or Appearance(box.color_rgb, roughness=0.9)
    author_look(stage, look, appearance, payloads, folder)
    bind_look(stage, author_mesh(stage, f"{path}/visual", room_box_mesh(box), appearance), look)
