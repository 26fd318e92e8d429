"""What a person has measured in the real room, which decides the scale."""

import re
from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.poses import Vec3

EXAMPLES = (
    "'<object id>.height=0.74' (or .width, .depth) or '<x>,<y>,<z>:<x>,<y>,<z>=1.20' between two points of the scan"
)

_SIZE = re.compile(r"^(?P<object>[A-Za-z]\w*)\.(?P<dimension>height|width|depth)=(?P<metres>[^=]+)$")


@dataclass(frozen=True, slots=True)
class SizeMeasurement:
    """True size of an object: height as it stands, width along its own x axis, depth along its own y axis."""

    object_id: str
    dimension: Literal["height", "width", "depth"]
    metres: float


@dataclass(frozen=True, slots=True)
class DistanceMeasurement:
    """True distance between two points that are given in the scan's own frame and units."""

    start: Vec3
    end: Vec3
    metres: float


Measurement = SizeMeasurement | DistanceMeasurement


def parse_measurement(text: str) -> Measurement:
    """Read a measurement as people write it; raises ValueError that shows how."""
    size = _SIZE.match(text.strip())
    if size:
        dimension = size["dimension"]
        assert dimension in ("height", "width", "depth")
        return SizeMeasurement(size["object"], dimension, _metres(size["metres"], text))
    points, _, metres = text.partition("=")
    start, _, end = points.partition(":")
    return DistanceMeasurement(_point(start, text), _point(end, text), _metres(metres, text))


def _metres(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"measurement {whole!r} does not end in metres; write {EXAMPLES}") from error
    if not 0 < value < 1000:
        raise ValueError(f"measurement {whole!r}: {value:g} m is not a size in a room; write {EXAMPLES}")
    return value


def _point(text: str, whole: str) -> Vec3:
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ValueError(f"measurement {whole!r} names no object and no points; write {EXAMPLES}") from error
    return (x, y, z)
