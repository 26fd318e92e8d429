"""Colour values of foreign materials."""

import numpy as np

from blueprint.pipeline.scene.poses import Vec3, vec3

from .raw_scan import Points


def srgb_from_linear(linear: Points) -> Vec3:
    """Return the sRGB values of a linear colour (3,), cut to 0..1. Source: IEC 61966-2-1."""
    values = np.clip(np.nan_to_num(linear, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    curved = np.where(values <= 0.0031308, 12.92 * values, 1.055 * np.power(values, 1 / 2.4) - 0.055)
    return vec3(np.clip(curved, 0.0, 1.0))
