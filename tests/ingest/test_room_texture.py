"""The photo's colours come to lie where the camera saw them, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import trimesh

from blueprint.pipeline.ingest.room_texture import look_at_room, painted
from blueprint.pipeline.scene.contacts import Solid
from blueprint.pipeline.scene.meshes import texture_path
from blueprint.pipeline.scene.poses import Pose, quat_from_rotation
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.rooms import RoomPlane
from blueprint.pipeline.scene.scans import PhotoCamera

# 1.5 m above the floor, looking along +Y and 30 degrees down.
TILT = np.radians(60.0)
CAMERA = PhotoCamera(Pose((0.0, 0.0, 1.5), (np.cos(TILT / 2), np.sin(TILT / 2), 0.0, 0.0)), 300.0, 400, 300)
FLOOR = RoomPlane("floor", "floor", Pose((0.0, 2.0, 0.0)), (1.5, 1.5), Appearance(), 0.0, 100, "made")
_BACK = np.stack([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]], axis=1)
WALL = RoomPlane(
    "wall_1", "wall", Pose((0.0, 2.5, 1.0), quat_from_rotation(_BACK)), (2.0, 1.0), Appearance(), 0.0, 100, "made"
)
LEFT, RIGHT = (40, 90, 200), (200, 120, 30)


def floor_points() -> tuple[np.ndarray, np.ndarray]:
    """Return where the ray through each pixel meets the floor, (300, 400, 2), and whether it does."""
    columns, rows = np.meshgrid(np.arange(400), np.arange(300))
    local = np.stack([(columns + 0.5 - 200) / 300, (150 - rows - 0.5) / 300, -np.ones(rows.shape)], axis=-1)
    rays = local @ CAMERA.T_world_camera.rotation().T
    down = rays[..., 2] < -1e-3
    t = -1.5 / np.where(down, rays[..., 2], -1.0)
    return (t[..., None] * rays)[..., :2], down


def take_photo(folder: Path) -> Path:
    """Write a photo of a floor that is of one colour to the left of x = 0.2 m and of another to the right."""
    places, down = floor_points()
    photo = np.where((places[..., :1] < 0.2) & down[..., None], LEFT, RIGHT).astype(np.uint8)
    cv2.imwrite(str(folder / "photo.png"), photo)
    return folder / "photo.png"


def texture_of(folder: Path, plane: RoomPlane) -> np.ndarray:
    """Return a plane's texture."""
    assert plane.appearance.texture is not None
    picture = cv2.imread(str(texture_path([folder], plane.appearance.texture)))
    assert picture is not None
    return picture


def texel(picture: np.ndarray, plane: RoomPlane, x: float, y: float) -> list[int]:
    """Return the colour at a point of the plane's own axes, metres from its middle."""
    rows, columns = picture.shape[:2]
    column = (x / plane.half_size_m[0] + 1) / 2 * columns
    row = (1 - y / plane.half_size_m[1]) / 2 * rows
    return picture[int(row), int(column)].tolist()


def test_colours_lie_where_they_were_seen(tmp_path: Path) -> None:
    view = look_at_room(CAMERA, take_photo(tmp_path), (), ())
    assert view is not None
    plane = painted(tmp_path, FLOOR, (FLOOR,), view)
    picture = texture_of(tmp_path, plane)
    for x, y in ((0.1, 0.0), (-0.6, 0.2), (0.15, -0.4)):
        assert texel(picture, plane, x, y) == list(LEFT)
    for x, y in ((0.26, 0.0), (0.7, 0.2)):
        assert texel(picture, plane, x, y) == list(RIGHT)
    # The camera's foot is not in the picture; the rim has the middle colour too.
    unseen = texel(picture, plane, 0.0, -1.45)
    assert unseen == texel(picture, plane, 1.49, -1.49) == picture[0, 0].tolist()
    assert picture[0].tolist() == [unseen] * picture.shape[1]
    assert "the photo shows " in plane.why
    assert plane.appearance.roughness == 0.9


def test_a_smaller_copy_of_the_photo_gives_the_same_places(tmp_path: Path) -> None:
    photo = cv2.imread(str(take_photo(tmp_path)))
    assert photo is not None
    cv2.imwrite(str(tmp_path / "small.png"), cv2.resize(photo, (200, 150), interpolation=cv2.INTER_AREA))
    view = look_at_room(CAMERA, tmp_path / "small.png", (), ())
    assert view is not None
    picture = texture_of(tmp_path, painted(tmp_path, FLOOR, (FLOOR,), view))
    assert texel(picture, FLOOR, 0.13, 0.0) == list(LEFT)
    assert texel(picture, FLOOR, 0.3, 0.0) == list(RIGHT)


def cube(at_m: tuple[float, float, float]) -> Solid:
    """Return a cube of 0.3 m."""
    mesh = trimesh.creation.box((0.3, 0.3, 0.3))
    return Solid("cube", np.asarray(mesh.vertices) + at_m, np.asarray(mesh.faces, dtype=np.int32))


def share(tmp_path: Path, **changes: object) -> float:
    """Return the share of the floor's texels that differ from its middle colour or lie to the right."""
    given = {"cutouts": (), "solids": (), "planes": (FLOOR,), **changes}
    view = look_at_room(CAMERA, take_photo(tmp_path), given["cutouts"], given["solids"])  # type: ignore[arg-type]
    assert view is not None
    plane = painted(tmp_path, FLOOR, given["planes"], view)  # type: ignore[arg-type]
    return float((texture_of(tmp_path, plane) == RIGHT).all(axis=2).mean())


def test_what_objects_hide_is_not_floor(tmp_path: Path) -> None:
    free = share(tmp_path)
    assert free > 0.05
    behind_mesh = share(tmp_path, solids=[cube((0.6, 1.5, 0.15))])
    assert behind_mesh < 0.9 * free
    cutout = np.full((300, 400, 3), 255, np.uint8)
    cutout[100:250, 240:330] = (10, 20, 30)
    cv2.imwrite(str(tmp_path / "thing.png"), cutout)
    assert share(tmp_path, cutouts=[tmp_path / "thing.png"]) < 0.8 * free
    assert share(tmp_path, solids=[cube((0.6, -1.5, 0.15))]) == free


def test_what_lies_behind_a_wall_was_not_seen(tmp_path: Path) -> None:
    assert share(tmp_path, planes=(FLOOR, WALL)) < 0.9 * share(tmp_path)


def test_a_plane_that_looks_away_keeps_its_one_colour(tmp_path: Path) -> None:
    view = look_at_room(CAMERA, take_photo(tmp_path), (), ())
    assert view is not None
    under = replace(FLOOR, T_world_plane=Pose((0.0, 2.0, 0.0), (0.0, 1.0, 0.0, 0.0)))
    plane = painted(tmp_path, under, (under,), view)
    assert plane.appearance == FLOOR.appearance
    assert plane.why == "made; the photo shows 0% of it, so it has one colour"


def test_a_photo_that_is_none_gives_no_colours(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"no picture")
    assert look_at_room(CAMERA, tmp_path / "photo.png", (), ()) is None
