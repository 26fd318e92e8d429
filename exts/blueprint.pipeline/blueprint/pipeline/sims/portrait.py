"""The portrait of a prop: three-quarter view, textured and shaded, on a light ground with a soft shadow."""

import cv2
import numpy as np

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Prop

from .raycast import Floats, Surface, View, lamp_direction, openness, render, view_of
from .surfaces import Meshes, bounds_of, prop_surfaces
from .textures import Image

SIDE_PX = 256
_FINER = 2
_SHADOW_PX = 128
_AIR = 0.09
"""Empty margin around the thing, as a share of its largest side."""
_AZIMUTH_RAD, _ELEVATION_RAD = np.radians(-55.0), np.radians(24.0)
_LAMP_SPREAD = 0.22
"""Radius of the lamp as seen from the ground, in radians: the softness of the shadow's edge."""
_LAMP_SHADE, _SKY_SHADE = 0.28, 0.5
_UPPER, _LOWER = np.array([247.0, 248.0, 250.0]), np.array([216.0, 220.0, 226.0])


class PictureNotEncoded(RunError):
    """A picture could not be written as PNG."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject}: its picture could not be encoded as PNG; see whether the disk has room")


def portrait_png(prop: Prop, meshes: Meshes) -> bytes:
    """Return the portrait as PNG; raises ScanError for a texture that is no image."""
    picture = portrait(prop, meshes)
    done, content = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise PictureNotEncoded(prop.id)
    return content.tobytes()


def portrait(prop: Prop, meshes: Meshes) -> Image:
    """Return the portrait of a prop at its input pose as RGB, shape (SIDE_PX, SIDE_PX, 3)."""
    surfaces = prop_surfaces(prop, meshes, Pose())
    lower, upper = bounds_of(surfaces)
    fine = _view(lower, upper, SIDE_PX * _FINER)
    seen = render(surfaces, fine, shadows=True).astype(np.float64)
    alpha = seen[..., 3:] / 255.0
    # Averaged with alpha as weight, so that the empty background does not darken the edges.
    color, cover = _averaged(seen[..., :3] * alpha), _averaged(alpha)[..., None]
    ground = _backdrop() * _shadow(surfaces, _view(lower, upper, _SHADOW_PX), float(lower[2]))[..., None]
    return np.clip(color + (1.0 - cover) * ground, 0, 255).round().astype(np.uint8)


def _view(lower_m: Floats, upper_m: Floats, side_px: int) -> View:
    air = _AIR * float((upper_m - lower_m).max())
    return view_of(
        lower_m - air,
        upper_m + air,
        width_px=side_px,
        height_px=side_px,
        azimuth_rad=_AZIMUTH_RAD,
        elevation_rad=_ELEVATION_RAD,
    )


def _averaged(picture: Floats) -> Floats:
    return np.asarray(cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), dtype=np.float64)


def _backdrop() -> Floats:
    down = np.linspace(0.0, 1.0, SIDE_PX)[:, None, None]
    return np.broadcast_to((1 - down) * _UPPER + down * _LOWER, (SIDE_PX, SIDE_PX, 3))


def _shadow(surfaces: list[Surface], view: View, ground_m: float) -> Floats:
    """Return how bright the ground at each pixel is, 0 to 1, shape (SIDE_PX, SIDE_PX)."""
    rays, eye = view.rays(), view.T_world_camera[:3, 3]
    below = rays[:, 2] < -1e-6
    bright = np.ones(len(rays))
    points = eye + rays[below] * ((ground_m - eye[2]) / rays[below, 2])[:, None]
    # Just under the sole, so that a thing that touches the ground does not shade itself by rounding.
    points[:, 2] -= 1e-5
    lamp = openness(surfaces, points, _around(lamp_direction(view), _LAMP_SPREAD, 24))
    sky = openness(surfaces, points, _around(np.array([0.0, 0.0, 1.0]), 1.25, 48))
    bright[below] = (1 - _LAMP_SHADE * (1 - lamp)) * (1 - _SKY_SHADE * (1 - sky) ** 1.5)
    coarse = cv2.GaussianBlur(bright.reshape(view.height_px, view.width_px), (0, 0), 1.2)
    fine = cv2.resize(coarse, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine, dtype=np.float64).clip(0, 1)


def _around(axis: Floats, spread: float, count: int) -> Floats:
    """Return unit directions (count, 3) spread evenly over a cone about an axis, in the sunflower's order."""
    number = np.arange(count) + 0.5
    radius, turn = spread * np.sqrt(number / count), number * np.pi * (3 - np.sqrt(5))
    aside = np.cross(axis, [1.0, 0.0, 0.0] if abs(axis[0]) < 0.9 else [0.0, 1.0, 0.0])
    aside /= np.linalg.norm(aside)
    upward = np.cross(axis, aside)
    plane = np.outer(radius * np.cos(turn), aside) + np.outer(radius * np.sin(turn), upward)
    directions = axis + plane
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)
