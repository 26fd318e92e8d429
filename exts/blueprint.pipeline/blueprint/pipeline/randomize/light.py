"""Light: direction, brightness and colour of each lamp."""

import numpy as np

from blueprint.pipeline.scene.edits import SetLight
from blueprint.pipeline.scene.manifests import Light
from blueprint.pipeline.scene.poses import Vec3, vec3

from .drawn import Row
from .physics import Hows, acted

LOWEST_RAD = np.deg2rad(20.0)
"""A lamp that stands lower lights the underside of nothing and throws shadows across the whole table."""


def light_edit(light: Light, row: Row, hows: Hows) -> SetLight | None:
    """Return a lamp as one variant has it; None where nothing about it varies."""
    keys = {vary: (vary, light.name) for vary in ("light_intensity", "light_color", "light_azimuth", "light_elevation")}
    if not any(key in row for key in keys.values()):
        return None
    turn, rise = (
        float(row[keys[vary]][0]) if keys[vary] in row else 0.0 for vary in ("light_azimuth", "light_elevation")
    )
    intensity, color = light.intensity, light.color_rgb
    if (key := keys["light_intensity"]) in row:
        intensity = acted(hows[key], light.intensity, float(row[key][0]))
    if (key := keys["light_color"]) in row:
        color = vec3(np.asarray(light.color_rgb) * row[key])
    direction = turned_ray(light.direction, float(np.deg2rad(turn)), float(np.deg2rad(rise)))
    red, green, blue = color
    why = f"drawn: turned {turn:.0f} degrees, raised {rise:.0f} degrees, intensity {light.intensity:.2f} becomes "
    return SetLight(
        light.name, direction, color, intensity, f"{why}{intensity:.2f}, colour {red:.2f} {green:.2f} {blue:.2f}"
    )


def turned_ray(direction: Vec3, turn_rad: float, tilt_rad: float) -> Vec3:
    """Return a ray's direction after turning its lamp about the vertical and raising it, never below LOWEST_RAD."""
    x, y, z = np.asarray(direction) / np.linalg.norm(direction)
    heading = np.arctan2(-y, -x) + turn_rad
    elevation = np.clip(np.arcsin(-z) + tilt_rad, LOWEST_RAD, np.pi / 2)
    level = np.cos(elevation)
    return vec3([-level * np.cos(heading), -level * np.sin(heading), -np.sin(elevation)])
