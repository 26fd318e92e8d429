import numpy as np
import pytest

from blueprint.pipeline.samples.environment import Environment
from blueprint.pipeline.samples.photo import FLOOR, WALL, Photo, smooth_corner_normals


def test_every_object_floor_and_wall_are_seen(kitchen: Environment, photo: Photo) -> None:
    pixels = {number: int((photo.owner == number).sum()) for number in [*range(len(kitchen.items)), FLOOR, WALL]}
    assert min(pixels.values()) > 500, pixels


def test_the_photo_is_lit_colourful_and_never_white(photo: Photo) -> None:
    assert photo.rgb.shape == (768, 1024, 3)
    assert photo.rgb.max() <= 250
    assert 60 < photo.rgb.mean() < 200
    assert photo.rgb.std() > 25


@pytest.mark.parametrize(("label", "channel"), [("apple", 0), ("plant", 1)])
def test_things_have_their_colours(kitchen: Environment, photo: Photo, label: str, channel: int) -> None:
    number = [item.label for item in kitchen.items].index(label)
    colour = photo.rgb[photo.owner == number].mean(axis=0)
    if label == "plant":
        upper = (photo.owner == number) & (np.arange(768)[:, None] < 215)
        colour = photo.rgb[upper].mean(axis=0)
    assert int(np.argmax(colour)) == channel


def test_seen_points_lie_where_their_pixels_look(kitchen: Environment, photo: Photo) -> None:
    view = kitchen.viewpoint
    rows, columns = np.array([300, 329, 600, 255]), np.array([334, 411, 512, 680])
    camera = view.to_camera(photo.points_m[rows, columns])
    np.testing.assert_allclose(512.0 + view.focal_px * camera[:, 0] / -camera[:, 2], columns + 0.5)
    np.testing.assert_allclose(384.0 - view.focal_px * camera[:, 1] / -camera[:, 2], rows + 0.5)


def test_seen_points_lie_on_their_owners(kitchen: Environment, photo: Photo) -> None:
    np.testing.assert_allclose(photo.points_m[photo.owner == FLOOR][:, 2], 0.0, atol=1e-9)
    for number, item in enumerate(kitchen.items):
        points, body = photo.points_m[photo.owner == number], item.world_vertices_m
        assert (points > body.min(axis=0) - 1e-6).all()
        assert (points < body.max(axis=0) + 1e-6).all()


def test_blunt_edges_are_smoothed_and_sharp_ones_are_not() -> None:
    ridge = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, -0.2], [-1.0, 0.0, -0.2]])
    faces = np.array([[0, 2, 1], [0, 1, 3]])
    blunt = smooth_corner_normals(ridge, faces)
    np.testing.assert_allclose(blunt[0, 0], [0.0, 0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(blunt, axis=-1), 1.0)
    ridge[2:, 2] = -2.0
    sharp = smooth_corner_normals(ridge, faces)
    assert sharp[0, 0, 0] > 0.8
    assert sharp[1, 0, 0] < -0.8
