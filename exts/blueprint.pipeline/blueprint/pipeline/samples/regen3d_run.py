"""Write an environment as the folder that a finished 3D-RE-GEN run leaves behind, the run's traps included.

Every posed mesh has its pose baked into its vertices, in the tilted frame of the camera and in arbitrary units; the
canonical mesh beside it has the same vertices in the same order in another unit. No file says how long a metre is.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.scene.codec import encode
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE
from blueprint.pipeline.scene.randomness import stream

from .environment import Environment, Item
from .mesh_files import png_bytes, write_canonical_glb, write_point_ply, write_posed_glb
from .particulate_prediction import write_prediction
from .photo import FLOOR, WALL, Photo, take_photo
from .readme import SAMPLE_PROVENANCE, readme_of_run
from .shape import Floats
from .truth import described_truth

UNITS_PER_METRE = 1.63
"""The run's arbitrary scale: scan units per metre."""

_DEPTH_NOISE = 0.002
_CLOUD_POINTS, _FLOOR_POINTS, _WALL_POINTS = 2500, 6000, 6000
_PLANE_POINTS_PER_EDGE, _PLANE_HALF_EDGE_UNITS = 100, 3.0
_MASK_MARGIN_PX = 5


def write_regen3d_run(room: Environment, folder: Path, seed: int) -> None:
    """Write the run below `folder`, which exists, with `truth.json`, `provenance.json` and `README.md` beside it."""
    photo = take_photo(room)
    output = folder / "output"
    keys = [object_key(item.label, photo.owner == number) for number, item in enumerate(room.items)]
    floor_key = object_key("floor", photo.owner == FLOOR)
    units_m = [_metres_per_canonical_unit(item, seed, number) for number, item in enumerate(room.items)]
    _write_file(folder / "tmp" / "converted_from_webp.png", png_bytes(photo.rgb))
    for number, key in enumerate(keys):
        item = room.items[number]
        _write_views(output, key, photo, photo.owner == number)
        _write_object(output, key, room, number, metres_per_unit=units_m[number])
        if item.fitted:
            points = _observed(room, photo, number, _CLOUD_POINTS, stream(seed, 0, f"cloud {number}"))
            write_point_ply(output / "pointclouds" / f"{key}.ply", points)
        if item.joints:
            eval_folder = folder / "particulate" / key / "eval"
            write_prediction(eval_folder, item.shape, item.joints, metres_per_unit=units_m[number])
    _write_views(output, floor_key, photo, photo.owner == FLOOR)
    _write_floor(output, floor_key, _observed(room, photo, FLOOR, _FLOOR_POINTS, stream(seed, 0, "cloud of the floor")))
    wall_key = object_key("wall", photo.owner == WALL)
    _write_views(output, wall_key, photo, photo.owner == WALL)
    wall = _observed(room, photo, WALL, _WALL_POINTS, stream(seed, 0, "cloud of the wall"))
    write_point_ply(output / "pointclouds" / f"{wall_key}.ply", wall)
    _write_camera(output / "pre_3D" / "camera.npz", room)
    truth = described_truth(room, keys, floor_key, units_m, UNITS_PER_METRE)
    _write_file(folder / "truth.json", canonical_json(truth))
    _write_file(folder / "README.md", readme_of_run(room, seed).encode())
    _write_file(folder / PROVENANCE_FILE, encode(SAMPLE_PROVENANCE))


def object_key(label: str, mask: NDArray[np.bool_]) -> str:
    """Return the run's name for an object: its label and the centre of its box in the photo."""
    left, top, right, bottom = _box(mask)
    return (
        f"{label.replace(' ', '_').replace('.', '_').removesuffix('_')}__({(left + right) // 2}, {(top + bottom) // 2})"
    )


def to_scan(room: Environment, points_world_m: Floats) -> Floats:
    """Return world points in the run's frame: the camera's (x right, y up, -z forward) in arbitrary units."""
    return UNITS_PER_METRE * room.viewpoint.to_camera(points_world_m)


def _metres_per_canonical_unit(item: Item, seed: int, number: int) -> float:
    reach = stream(seed, 0, f"canonical scale {number}").uniform(0.86, 1.0)
    return float(item.shape.size_m.max()) / (2.0 * reach)


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what the mask marks, the latter two exclusive."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _write_views(output: Path, key: str, photo: Photo, mask: NDArray[np.bool_]) -> None:
    cut_out = np.where(mask[..., None], photo.rgb, np.uint8(255))
    left, top, right, bottom = _box(mask)
    _write_file(output / "findings" / "fullSize" / f"{key}.png", png_bytes(cut_out))
    _write_file(output / "findings" / "cropped" / f"{key}.png", png_bytes(cut_out[top:bottom, left:right]))
    # The run derives its masks from "not white" and shrinks them, so they are a little too small.
    eroded = cv2.erode(mask.astype(np.uint8) * 255, np.ones((_MASK_MARGIN_PX, _MASK_MARGIN_PX), np.uint8))
    _write_file(output / "masks" / f"{key}.png", png_bytes(np.asarray(eroded, dtype=np.uint8)))


def _write_object(output: Path, key: str, room: Environment, number: int, *, metres_per_unit: float) -> None:
    item = room.items[number]
    texture = png_bytes(item.texture)
    canonical = output / "3D" / key / f"{key}.glb"
    vertices = item.shape.vertices_m / metres_per_unit
    write_canonical_glb(canonical, vertices, item.shape, texture, look=item.look)
    if item.fitted:
        write_posed_glb(output / "glb" / f"{key}.glb", to_scan(room, item.world_vertices_m), item.shape, texture)


def _observed(room: Environment, photo: Photo, owner: int, count: int, noise: np.random.Generator) -> Floats:
    """Points seen on one owner, in the run's frame, with noise along the line of sight."""
    # Drawn per pixel of the whole picture: a pixel that another machine's rounding moves across an edge moves no other.
    priority = np.where(photo.owner == owner, noise.random(photo.owner.shape), np.inf).reshape(-1)
    deviation = noise.standard_normal(photo.owner.shape).reshape(-1)
    seen = int(np.isfinite(priority).sum())
    chosen = np.sort(np.argsort(priority, kind="stable")[: min(seen, count)])
    points = to_scan(room, photo.points_m.reshape(-1, 3)[chosen])
    return points * (1.0 + _DEPTH_NOISE * deviation[chosen, None])


def _write_floor(output: Path, key: str, cloud: Floats) -> None:
    """Write the floor's cloud and the plane fitted to it, sampled as a grid around the cloud's middle."""
    write_point_ply(output / "pointclouds" / f"{key}.ply", cloud)
    middle = cloud.mean(axis=0)
    normal = np.linalg.svd(cloud - middle, full_matrices=False)[2][2]
    normal *= np.sign(normal[1])
    right = np.cross(normal, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    ticks = np.linspace(-_PLANE_HALF_EDGE_UNITS, _PLANE_HALF_EDGE_UNITS, _PLANE_POINTS_PER_EDGE)
    a, b = (grid.reshape(-1, 1) for grid in np.meshgrid(ticks, ticks, indexing="ij"))
    write_point_ply(output / "pointclouds" / "PLANE_SAMPLED.ply", middle + a * right + b * np.cross(right, normal))


def _write_camera(path: Path, room: Environment) -> None:
    view = room.viewpoint
    path.parent.mkdir(parents=True, exist_ok=True)
    # The run stores a turn by a right angle; readers use identity, focal length and size.
    turn = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.float32)
    np.savez(
        path,
        allow_pickle=False,
        extrinsic=turn,
        focal=np.float32(view.focal_px),
        image_size=np.array(view.size_px, dtype=np.int32),
        camera_angle_x=np.float32(2.0 * np.arctan(view.size_px[0] / (2.0 * view.focal_px))),
    )


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
