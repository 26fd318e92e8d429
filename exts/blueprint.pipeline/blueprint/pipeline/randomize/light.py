"""Light: direction, brightness and tint of each lamp."""

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import SetLight
from blueprint.pipeline.scene.manifests import Light
from blueprint.pipeline.scene.poses import Vec3, vec3

from .ranges import FactorRange

LOWEST_RAD = np.deg2rad(20.0)
"""A lamp that stands lower lights the underside of nothing and throws shadows across the whole table."""


class LightRanges(Settings, frozen=True):
    """How the light varies."""

    turn_deg: float = Field(
        default=40.0, ge=0, le=180, description="Largest turn of a lamp about the vertical, in degrees."
    )
    tilt_deg: float = Field(default=12.0, ge=0, le=60, description="Largest change of a lamp's elevation, in degrees.")
    intensity_factor: FactorRange = Field(default=(0.75, 1.2), description="Range of the factor on brightness.")
    tint: float = Field(default=0.08, ge=0, le=0.5, description="Largest loss of red or blue, as a share of white.")


def draw_light(light: Light, rng: np.random.Generator, settings: LightRanges) -> SetLight:
    """Draw a lamp anew; a tint takes from red (cold) or from blue (warm)."""
    turn = np.deg2rad(settings.turn_deg) * rng.uniform(-1.0, 1.0)
    tilt = np.deg2rad(settings.tilt_deg) * rng.uniform(-1.0, 1.0)
    factor = float(rng.uniform(*settings.intensity_factor))
    warmth = settings.tint * rng.uniform(-1.0, 1.0)
    tinted = vec3(np.asarray(light.color_rgb) * (1 + min(warmth, 0.0), 1.0, 1 - max(warmth, 0.0)))
    angles = f"turned {np.rad2deg(turn):.0f} degrees, raised {np.rad2deg(tilt):.0f} degrees"
    why = f"drawn: {angles}, brightness x {factor:.2f}"
    direction = turned_ray(light.direction, float(turn), float(tilt))
    return SetLight(light.name, direction, tinted, light.intensity * factor, why)


def turned_ray(direction: Vec3, turn_rad: float, tilt_rad: float) -> Vec3:
    """Return a ray's direction after turning its lamp about the vertical and raising it, never below LOWEST_RAD."""
    x, y, z = np.asarray(direction) / np.linalg.norm(direction)
    heading = np.arctan2(-y, -x) + turn_rad
    elevation = np.clip(np.arcsin(-z) + tilt_rad, LOWEST_RAD, np.pi / 2)
    level = np.cos(elevation)
    return vec3([-level * np.cos(heading), -level * np.sin(heading), -np.sin(elevation)])
