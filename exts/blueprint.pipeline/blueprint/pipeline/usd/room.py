"""The room on a stage: fixed boxes, each visible as a mesh and solid as one large box."""

import numpy as np
from pxr import Usd, UsdGeom

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.rooms import RoomBox

from .author import author_look, author_mesh, bind_look
from .names import ROOM, body_path, physics_material_path, prim_name
from .physics import apply_labels, apply_material, author_collider, bind_physics_material
from .transforms import set_pose

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def box_mesh(half_extents_m: Vec3) -> TriangleMesh:
    """Return a box about the origin as twelve triangles wound outwards."""
    faces = [triangle for a, b, c, d in _QUADS for triangle in ((a, b, c), (a, c, d))]
    return TriangleMesh(_CORNERS * np.asarray(half_extents_m), np.array(faces, dtype=np.int32))


def define_room(stage: Usd.Stage, boxes: tuple[RoomBox, ...]) -> None:
    """Write the room's boxes below its prim."""
    Usd.ModelAPI(UsdGeom.Xform.Define(stage, ROOM)).SetKind("component")
    UsdGeom.Scope.Define(stage, f"{ROOM}/Looks")
    for box in boxes:
        _define_box(stage, box)


def _define_box(stage: Usd.Stage, box: RoomBox) -> None:
    path = body_path(ROOM, box.name)
    prim = UsdGeom.Xform.Define(stage, path).GetPrim()
    set_pose(prim, box.T_world_box)
    apply_labels(prim, {"class": box.name})
    prim.SetCustomDataByKey("blueprint:room", box.why)
    appearance = Appearance(box.color_rgb, roughness=0.9)
    look = f"{ROOM}/Looks/{prim_name(box.name)}"
    author_look(stage, look, appearance, None, None)
    bind_look(stage, author_mesh(stage, f"{path}/visual", box_mesh(box.half_extents_m), appearance), look)
    friction = SetMaterial("room", box.name, box.name, 0.0, box.static_friction, box.dynamic_friction, 0.0, box.why)
    apply_material(stage, ROOM, friction)
    collider = author_collider(stage, f"{path}/collider", BoxPiece(Pose(), box.half_extents_m), None)
    bind_physics_material(stage, collider, physics_material_path(ROOM, box.name))
