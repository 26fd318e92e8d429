"""Measurements are read as people write them, and refused with an example otherwise."""

import pytest

from blueprint.pipeline.ingest.measurements import DistanceMeasurement, SizeMeasurement, parse_measurement


def test_sizes_and_distances_are_read() -> None:
    assert parse_measurement("table_523_538.height=0.741") == SizeMeasurement("table_523_538", "height", 0.741)
    assert parse_measurement(" mug.width = 0.08".replace(" ", "")) == SizeMeasurement("mug", "width", 0.08)
    expected = DistanceMeasurement((0.0, 1.0, -2.5), (1.0, 1.0, -2.5), 1.2)
    assert parse_measurement("0,1,-2.5:1,1,-2.5=1.2") == expected


@pytest.mark.parametrize(
    "text",
    ["", "table", "table.height", "table.height=tall", "table.girth=1", "table.height=-1", "1,2:3,4=1", "a.height=1e9"],
)
def test_anything_else_shows_how(text: str) -> None:
    with pytest.raises(ValueError, match=r"write '<object id>\.height=0\.74'"):
        parse_measurement(text)
