"""The room as fixed boxes: a floor slab under everything, and the walls and the ceiling that the scan shows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from blueprint.pipeline.scene.poses import Pose, Vec3, vec3
from blueprint.pipeline.scene.rooms import RoomBox, RoomPlane
from blueprint.pipeline.scene.shapes import Array, convex_outline

from .cameras import Sight, hidden_count

THICKNESS_M = 0.1
"""What is thinner lets fast things through."""
FLOOR_MARGIN_M = 4.0
"""How far the floor extends beyond the props, so that no camera sees its edge from nearby."""
FLOOR_COLOR = (0.80, 0.78, 0.75)
FLOOR = "floor"

_BEHIND_M = 5.0
_FAR_M = 50.0
_ALONG = 1e-3


def room_boxes(planes: Sequence[RoomPlane], corners_m: Array) -> tuple[RoomBox, ...]:
    """Return the room around props whose corners have shape (N, 3); what the scan does not show is not made up."""
    floor = next((plane for plane in planes if plane.kind == "floor"), None)
    walls = [_behind(plane) for plane in planes if plane.kind != "floor"]
    return (floor_slab(corners_m, floor), *walls)


def floor_slab(corners_m: Array, plane: RoomPlane | None = None) -> RoomBox:
    """Return the floor below props whose corners have shape (N, 3); its upper face is z = 0.

    With the scan's floor it lies around that, so that the middles of both agree, and has its looks.
    """
    low, high = corners_m[:, :2].min(axis=0), corners_m[:, :2].max(axis=0)
    if plane is None:
        # Rounded outwards, so that a prop that moves by a hair does not move the floor.
        half = np.ceil((high - low) / 2 + FLOOR_MARGIN_M)
        x, y = np.round((low + high) / 2, 1)
        why = "the floor plane of the scan is z = 0; a thick slab holds what a thin one lets through"
        size = (float(half[0]), float(half[1]), THICKNESS_M / 2)
        return RoomBox(FLOOR, Pose((float(x), float(y), -THICKNESS_M / 2)), size, FLOOR_COLOR, 0.8, 0.7, why)
    middle = np.asarray(plane.T_world_plane.position_m)[:2]
    reach = np.maximum(np.abs(low - middle), np.abs(high - middle)) + FLOOR_MARGIN_M
    x, y = np.ceil(np.maximum(reach, plane.half_size_m)).tolist()
    # The world's floor is z = 0 by definition; the fit's own height is its residual.
    T_world_box = Pose((float(middle[0]), float(middle[1]), -THICKNESS_M / 2))
    return RoomBox(
        FLOOR,
        T_world_box,
        (x, y, THICKNESS_M / 2),
        FLOOR_COLOR if plane.appearance.texture else plane.appearance.base_color_rgb,
        0.8,
        0.7,
        f"{plane.why}; the slab goes on around it with its colour",
        appearance=plane.appearance,
        texture_half_m=plane.half_size_m,
    )


def _behind(plane: RoomPlane) -> RoomBox:
    """Return the slab behind a wall or a ceiling; its +Z face is the plane."""
    T_world_box = plane.T_world_plane @ Pose((0.0, 0.0, -THICKNESS_M / 2))
    size = (*plane.half_size_m, THICKNESS_M / 2)
    color = plane.appearance.base_color_rgb
    return RoomBox(plane.name, T_world_box, size, color, 0.6, 0.5, plane.why, appearance=plane.appearance)


def see_through(boxes: Sequence[RoomBox], eyes_m: Sequence[Vec3], light: Vec3, targets_m: Array) -> tuple[RoomBox, ...]:
    """Return the boxes with those invisible that hide a target (M, 3) from a camera, or keep the light from it."""
    sun = vec3(targets_m.mean(axis=0) - _FAR_M * np.asarray(light))
    found: list[RoomBox] = []
    for box in boxes:
        sight = Sight(targets_m, targets_m, box.T_world_box, box.half_extents_m)
        hides = [name for name, eye in (*(("a camera", eye) for eye in eyes_m), ("the light", sun))
                 if hidden_count(eye, sight)]  # fmt: skip
        if box.name != FLOOR and hides:
            box = replace(box, visible=False, why=f"{box.why}; invisible, for it would hide the scene from {hides[0]}")
        found.append(box)
    return tuple(found)


def beyond_walls_m(planes: Sequence[RoomPlane]) -> list[Array]:
    """Return the outlines of the ground behind each wall, where nothing can stand."""
    found: list[Array] = []
    for plane in planes:
        if plane.kind == "wall":
            x = plane.half_size_m[0]
            corners = np.array([[-x, 0, 0.0], [x, 0, 0.0], [x, 0, -_BEHIND_M], [-x, 0, -_BEHIND_M]])
            found.append(convex_outline(plane.T_world_plane.apply(corners)[:, :2]))
    return found
