"""The light: one distant lamp from above, behind the camera's shoulder."""

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.manifests import Light
from blueprint.pipeline.scene.poses import Vec3, vec3

LIGHTS_PRIM = "/World/lights"


class LightSettings(Settings, frozen=True):
    """The scene's light."""

    elevation_deg: float = Field(
        default=55.0, gt=5, lt=90, description="Height of the light above the horizon, in degrees."
    )
    azimuth_deg: float = Field(
        default=35.0,
        ge=-180,
        le=180,
        description="Turn of the light away from the side camera, in degrees about the vertical.",
    )
    intensity: float = Field(default=1.0, gt=0, le=10, description="Brightness relative to a bright room.")


def key_light(toward_camera_rad: float, settings: LightSettings) -> Light:
    """Return the light; `toward_camera_rad` is the heading from the workspace to the side camera."""
    heading = toward_camera_rad + np.deg2rad(settings.azimuth_deg)
    return Light(
        "key",
        ray_direction(heading, np.deg2rad(settings.elevation_deg)),
        (1.0, 1.0, 1.0),
        settings.intensity,
        f"{LIGHTS_PRIM}/key",
    )


def ray_direction(heading_rad: float, elevation_rad: float) -> Vec3:
    """Return where rays travel that come from a heading and an elevation."""
    level = np.cos(elevation_rad)
    return vec3([-level * np.cos(heading_rad), -level * np.sin(heading_rad), -np.sin(elevation_rad)])
