"""Give the room's planes the photo's colours, where the photo shows them, and their middle colour where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.columns import Columns, cross
from blueprint.pipeline.scene.contacts import Solid
from blueprint.pipeline.scene.meshes import save_texture
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.rooms import RoomPlane
from blueprint.pipeline.scene.scans import PhotoCamera

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

TEXEL_M = 0.006
MAX_TEXELS = 1024
LEAST_SEEN = 0.01
"""A plane of which the photo shows less than this gets one colour."""

_NEAR_M = 0.05
_BORDER_PX = 5
# Silhouettes are widened by the border, which hides that they are coarse.
_COARSE_PX = 2
_WHITE = 250
_SLACK_M = 0.02


@dataclass(frozen=True, eq=False)
class PhotoView:
    """The photo with its camera; `covered` (height, width) marks the pixels that show objects, not the room."""

    camera: PhotoCamera
    pixels: Pixels
    covered: Mask


def look_at_room(
    camera: PhotoCamera, photo: Path, cutouts: Sequence[Path], solids: Sequence[Solid]
) -> PhotoView | None:
    """Open the photo and mark what objects hide, by the scan's own cut-outs and by the posed meshes."""
    pixels = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    if pixels is None:
        return None
    covered = np.zeros(pixels.shape[:2], dtype=bool)
    for path in cutouts:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is not None and picture.shape == pixels.shape:
            covered |= (picture < _WHITE).any(axis=2)
    scaled = _for_picture(camera, pixels.shape[1])
    for solid in solids:
        covered |= _silhouette(scaled, solid, pixels.shape[:2])
    # Edges are blurred, and poses are off by a pixel or two.
    kernel = np.ones((2 * _BORDER_PX + 1, 2 * _BORDER_PX + 1), np.uint8)
    wide = cv2.dilate(covered.astype(np.uint8), kernel).astype(bool)
    return PhotoView(scaled, np.asarray(pixels, dtype=np.uint8), wide)


def painted(record: Path, plane: RoomPlane, planes: Sequence[RoomPlane], view: PhotoView) -> RoomPlane:
    """Return a plane with the photo's colours as a texture in the record, and the share that the photo shows."""
    size_m = 2 * np.asarray(plane.half_size_m)
    texel_m = max(TEXEL_M, float(size_m.max()) / MAX_TEXELS)
    columns, rows = np.maximum(np.ceil(size_m / texel_m), 2).astype(int)
    x = ((np.arange(columns) + 0.5) / columns * 2 - 1) * plane.half_size_m[0]
    y = (1 - (np.arange(rows) + 0.5) / rows * 2) * plane.half_size_m[1]
    grid = np.stack([*np.meshgrid(x, y), np.zeros((rows, columns))], axis=-1).reshape(-1, 3)
    points = plane.T_world_plane.apply(grid)
    seen, place = _seen(points, plane, planes, view)
    share = float(seen.mean())
    if share < LEAST_SEEN:
        return replace(plane, why=f"{plane.why}; the photo shows {share:.0%} of it, so it has one colour")
    place = place.reshape(rows, columns, 2).astype(np.float32)
    texture = cv2.remap(view.pixels, place[..., 0], place[..., 1], cv2.INTER_LINEAR)
    mask = seen.reshape(rows, columns)
    middle = np.median(texture[mask], axis=0)
    # The rim is the middle colour, which continues around the plane.
    mask[[0, -1], :] = False
    mask[:, [0, -1]] = False
    texture = np.where(mask[..., None], texture, np.round(middle)).astype(np.uint8)
    encoded, content = cv2.imencode(".png", texture, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    assert encoded
    ref = save_texture(record, content.tobytes(), int(columns), int(rows))
    why = f"{plane.why}; the photo shows {share:.0%} of it, the rest has the middle colour of what is seen"
    return replace(plane, appearance=Appearance((1.0, 1.0, 1.0), ref, roughness=0.9), why=why)


def _seen(points: Floats, plane: RoomPlane, planes: Sequence[RoomPlane], view: PhotoView) -> tuple[Mask, Floats]:
    """Return which points the camera sees, and the pixel of each, shape (N, 2)."""
    place, depth = _project(view.camera, points)
    height, width = view.covered.shape
    inside = (depth > _NEAR_M) & (place >= 0).all(axis=1) & (place <= np.array([width - 1, height - 1])).all(axis=1)
    eye = np.asarray(view.camera.T_world_camera.position_m)
    facing = (eye - np.asarray(plane.T_world_plane.position_m)) @ plane.T_world_plane.rotation()[:, 2] > 0
    seen = inside & facing
    nearest = np.clip(np.round(place), 0, [width - 1, height - 1]).astype(int)
    seen &= ~np.where(inside, view.covered[nearest[:, 1], nearest[:, 0]], True)
    for other in planes:
        if other is not plane:
            seen &= ~_crosses(eye, points, other)
    return seen, place


def _crosses(eye: Floats, points: Floats, plane: RoomPlane) -> Mask:
    """Return which lines of sight pass through another plane's rectangle before they reach their point."""
    T_plane_world = plane.T_world_plane.inverse()
    start, ends = T_plane_world.apply(eye), T_plane_world.apply(points)
    through = (start[2] > _SLACK_M) & (ends[:, 2] < -_SLACK_M)
    t = start[2] / np.where(through, start[2] - ends[:, 2], 1.0)
    at = start + t[:, None] * (ends - start)
    return through & (np.abs(at[:, :2]) <= np.asarray(plane.half_size_m)).all(axis=1)


def _project(camera: PhotoCamera, points: Floats) -> tuple[Floats, Floats]:
    local = camera.T_world_camera.inverse().apply(points)
    depth = -local[:, 2]
    scale = camera.focal_px / np.where(depth > _NEAR_M, depth, 1.0)
    x = camera.width_px / 2 + scale * local[:, 0] - 0.5
    y = camera.height_px / 2 - scale * local[:, 1] - 0.5
    return np.stack([x, y], axis=1), depth


def _silhouette(camera: PhotoCamera, solid: Solid, shape: tuple[int, ...]) -> Mask:
    """Return the pixels that a mesh covers; triangles that reach behind the camera are left out."""
    place, depth = _project(camera, solid.vertices_m)
    faces = solid.faces[(depth[solid.faces] > _NEAR_M).all(axis=1)]
    size = tuple(max(side // _COARSE_PX, 1) for side in shape[:2])
    columns = Columns(np.full(2, (_COARSE_PX - 1) / 2), np.full(2, float(_COARSE_PX)), (size[1], size[0]))
    covered = np.zeros(columns.count, dtype=np.uint8)
    covered[cross(columns, np.column_stack([place, depth]), faces).column] = 1
    coarse = np.ascontiguousarray(covered.reshape(size[1], size[0]).T)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST).astype(bool)


def _for_picture(camera: PhotoCamera, width_px: int) -> PhotoCamera:
    """Return the camera for a copy of the photo of another size."""
    scale = width_px / camera.width_px
    return replace(
        camera, focal_px=camera.focal_px * scale, width_px=width_px, height_px=round(camera.height_px * scale)
    )
