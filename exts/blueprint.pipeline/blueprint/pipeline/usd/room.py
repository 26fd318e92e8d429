"""The room on a stage: fixed boxes, each visible as a mesh and solid as one large box."""

from pathlib import Path

import numpy as np
from pxr import Usd, UsdGeom

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose, Vec2, Vec3
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import Array

from .author import author_look, author_mesh, bind_look
from .names import ROOM, body_path, physics_material_path, prim_name
from .payloads import Payloads
from .physics import apply_labels, apply_material, author_collider, bind_physics_material
from .transforms import set_pose

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_TOP = 5
# Inside the texture's outermost texel, whose colour is that of all that the texture does not cover.
_RIM = 1e-4


def box_mesh(half_extents_m: Vec3) -> TriangleMesh:
    """Return a box about the origin as twelve triangles wound outwards."""
    faces = [triangle for a, b, c, d in _QUADS for triangle in ((a, b, c), (a, c, d))]
    return TriangleMesh(_CORNERS * np.asarray(half_extents_m), np.array(faces, dtype=np.int32))


def textured_box_mesh(half_extents_m: Vec3, texture_half_m: Vec2 | None = None) -> TriangleMesh:
    """Return a box whose +Z face shows a texture, u along x and v along y, and its rim's colour all around it.

    `texture_half_m` limits the texture to a rectangle about the face's middle.
    """
    half = np.asarray(half_extents_m)
    inner = half[:2] if texture_half_m is None else np.minimum(texture_half_m, half[:2])
    sides = [_CORNERS[list(quad)] * half for number, quad in enumerate(_QUADS) if number != _TOP]
    quads = [*((corners, np.full((4, 2), _RIM)) for corners in sides), *_top_quads(half, inner)]
    vertices = np.concatenate([corners for corners, _ in quads])
    uv = np.concatenate([st for _, st in quads]).astype(np.float32)
    first = 4 * np.arange(len(quads), dtype=np.int32)[:, None]
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])]).astype(np.int32)
    return TriangleMesh(vertices, faces, uv)


def _top_quads(half: Array, inner: Array) -> list[tuple[Array, Array]]:
    """Return the +Z face as a rectangle with the texture and up to four strips around it: corners and coordinates."""
    (x, y), (X, Y), z = inner, half[:2], half[2]
    rectangles = [(-x, -y, x, y), (-X, -Y, X, -y), (-X, y, X, Y), (-X, -y, -x, y), (x, -y, X, y)]
    found: list[tuple[Array, Array]] = []
    for number, (left, low, right, high) in enumerate(rectangles):
        if right > left and high > low:
            corners = np.array([[left, low, z], [right, low, z], [right, high, z], [left, high, z]])
            whole = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
            found.append((corners, np.clip(whole, _RIM, 1 - _RIM) if number == 0 else np.full((4, 2), _RIM)))
    return found


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
    textured = appearance.texture is not None
    mesh = textured_box_mesh(box.half_extents_m, box.texture_half_m) if textured else box_mesh(box.half_extents_m)
    bind_look(stage, author_mesh(stage, f"{path}/visual", mesh, appearance), look)
