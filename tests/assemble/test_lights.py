"""The light."""

import numpy as np
import pytest

from blueprint.pipeline.assemble.lights import LightSettings, key_light, ray_direction


def test_rays_come_from_beside_the_camera_and_above() -> None:
    light = key_light(-np.pi / 2, LightSettings(elevation_deg=60, azimuth_deg=90))
    # A camera in the south and 90 degrees further: the lamp stands in the east.
    assert light.direction == pytest.approx((-0.5, 0.0, -np.sqrt(3) / 2))


@pytest.mark.parametrize("heading", [-2.0, 0.0, 3.0])
def test_a_direction_has_unit_length(heading: float) -> None:
    assert np.linalg.norm(ray_direction(heading, 0.7)) == pytest.approx(1)
