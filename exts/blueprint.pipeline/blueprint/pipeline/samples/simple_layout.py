"""Write an environment in the simple layout: one scene description and one folder per object, Y up, metres."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.scene.codec import encode
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .environment import Environment, Item, Look
from .mesh_files import png_bytes, write_canonical_glb
from .photo import Photo, take_photo
from .readme import SAMPLE_PROVENANCE, readme_of_simple_layout
from .shape import Floats, Shape, joined, rigid

# Rows: x stays, Z up becomes Y up, and +Y away becomes -Z away.
_Y_UP = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])

# One object comes as the unit cube's content, as such exports do; it stands unturned, so its box says how to undo that.
_UNIT_CUBE_LABEL = "can"


def write_simple_layout(room: Environment, folder: Path, seed: int) -> None:
    """Write the scene below `folder`, which exists; items without a pose have no place in this layout."""
    photo = take_photo(room)
    _write_json(folder / "scene_info.json", _scene_info(room))
    _write_camera(folder / "camera", room)
    _write_background(folder / "background", room)
    seen: Counter[str] = Counter()
    for number, item in enumerate(room.items):
        if item.fitted:
            name = item.label.replace(" ", "_")
            _write_object(folder / "objects" / f"{name}_{seen[name]}", item, photo, number)
            seen[name] += 1
    (folder / "README.md").write_text(readme_of_simple_layout(room, seed), encoding="utf-8")
    (folder / PROVENANCE_FILE).write_bytes(encode(SAMPLE_PROVENANCE))


def _scene_info(room: Environment) -> dict[str, Any]:
    return {
        "scene_id": f"sample_{room.name}",
        "image_size": list(room.viewpoint.size_px),
        "coordinate_frame": "y_up",
        "meters_per_unit": 1.0,
        "confidence": 1.0,
        "version": "1.0",
        "environment_type": room.name,
        "reconstruction_method": "synthetic",
        # The layout demands a date; the files must not change from day to day.
        "generated_at": "1970-01-01T00:00:00Z",
    }


def _write_camera(folder: Path, room: Environment) -> None:
    (width, height), focal = room.viewpoint.size_px, room.viewpoint.focal_px
    matrix = [[focal, 0.0, width / 2.0], [0.0, focal, height / 2.0], [0.0, 0.0, 1.0]]
    _write_json(folder / "intrinsics.json", {"matrix": matrix, "width": width, "height": height})
    _write_json(folder / "extrinsics.json", {"matrix": _plain(_Y_UP @ room.viewpoint.T_world_camera)})


def _write_background(folder: Path, room: Environment) -> None:
    """Write floor and wall as two thin quads in one mesh."""
    far, wall, high = 3.0, room.wall_y_m, 2.6
    x = [-far, far, far, -far, -far, far]
    y = [-far, -far, wall, wall, wall, wall]
    corners = np.stack([x, y, [0.0, 0.0, 0.0, 0.0, high, high]], axis=1)
    vertices = corners @ _Y_UP[:3, :3].T
    floor = rigid(vertices[:4], np.array([[0, 1, 2], [0, 2, 3]]), corners[:4, :2] / room.floor_repeat_m)
    panel = rigid(vertices[2:], np.array([[1, 0, 3], [1, 3, 2]]), np.full((4, 2), 0.25))
    shape = joined(floor, panel)
    folder.mkdir(parents=True, exist_ok=True)
    texture = png_bytes(room.floor_texture)
    write_canonical_glb(folder / "mesh.glb", shape.vertices_m, shape, texture, look=Look(roughness=0.9))
    _write_json(folder / "pose.json", _pose(np.eye(4), on_floor=True))
    _write_json(folder / "bounds.json", _bounds(shape.vertices_m))


def _write_object(folder: Path, item: Item, photo: Photo, number: int) -> None:
    pose = _Y_UP @ item.T_world_object
    shape = item.shape
    if item.label == _UNIT_CUBE_LABEL:
        pose[:3, :3] = np.eye(3)
    posed = shape.vertices_m @ pose[:3, :3].T + pose[:3, 3]
    folder.mkdir(parents=True, exist_ok=True)
    stored = _unit_cube(shape) if item.label == _UNIT_CUBE_LABEL else shape
    texture = png_bytes(item.texture)
    write_canonical_glb(folder / "mesh.glb", stored.vertices_m, stored, texture, look=item.look)
    _write_json(folder / "pose.json", _pose(pose, on_floor=not item.rests_on))
    _write_json(folder / "bounds.json", _bounds(posed))
    colour = item.texture.reshape(-1, 3).mean(axis=0) / 255.0
    look = {"metallic": item.look.metallic, "roughness": item.look.roughness, "material_type": item.look.material}
    _write_json(folder / "material.json", {"base_color": np.round(colour, 4).tolist(), **look})
    _write_json(folder / "label.json", {"label": item.label})
    (folder / "mask.png").write_bytes(png_bytes((photo.owner == number).astype(np.uint8) * np.uint8(255)))


def _unit_cube(shape: Shape) -> Shape:
    return replace(shape, vertices_m=shape.vertices_m / shape.size_m)


def _pose(T: Floats, *, on_floor: bool) -> dict[str, Any]:
    return {
        "transform_matrix": _plain(T),
        "translation": _plain(T[:3, 3]),
        "rotation_quaternion": _plain(_quat_wxyz(T[:3, :3])),
        "scale": [1.0, 1.0, 1.0],
        "confidence": 1.0,
        "is_floor_contact": on_floor,
    }


def _quat_wxyz(rotation: Floats) -> Floats:
    """Everything here is turned about Y only, which keeps w away from zero up to a half turn."""
    yaw = np.arctan2(rotation[0, 2], rotation[2, 2])
    return np.array([np.cos(yaw / 2.0), 0.0, np.sin(yaw / 2.0), 0.0])


def _bounds(points: Floats) -> dict[str, Any]:
    low, high = points.min(axis=0), points.max(axis=0)
    return {"min": _plain(low), "max": _plain(high), "center": _plain((low + high) / 2.0), "size": _plain(high - low)}


def _plain(array: Floats) -> Any:
    return (np.round(array, 9) + 0.0).tolist()


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(canonical_json(value))
