"""What a sensor adds to what is seen: noise of colour and depth from a seeded stream.

A picture is a function of scene, state and seed: the same instant of the same variant has the same noise.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.randomness import stream

from .protocols import Frame

TABLE = 1 << 20
"""Normal numbers per seed; every picture reads them from another place on, which costs a twentieth of drawing anew."""
DEPTH_REFERENCE_M = 1.0


@dataclass(frozen=True, slots=True)
class Sensing:
    """How a camera's sensor errs; see SetSensor."""

    rgb_std: float = 0.0
    depth_std_m: float = 0.0
    seed: int = 0


IDEAL = Sensing()


def sensed(frame: Frame, sensing: Sensing, step: int) -> Frame:
    """Return a frame as the sensor gives it at a physics step; the ids stay."""
    if sensing == IDEAL:
        return frame
    rgb, depth = frame.rgb, frame.depth_m
    if sensing.rgb_std > 0:
        noise = _noise(sensing.seed, step, rgb.size, 0).reshape(rgb.shape)
        rgb = np.clip(np.rint(rgb + np.float32(sensing.rgb_std) * noise), 0, 255).astype(np.uint8)
    if sensing.depth_std_m > 0:
        noise = _noise(sensing.seed, step, depth.size, 1).reshape(depth.shape)
        std = np.float32(sensing.depth_std_m) * (depth / np.float32(DEPTH_REFERENCE_M)) ** 2
        # Where nothing was hit depth is 0, and stays it.
        depth = np.maximum(depth + std * noise, 0).astype(np.float32)
    return replace(frame, rgb=rgb, depth_m=depth)


def _noise(seed: int, step: int, count: int, channel: int) -> NDArray[np.float32]:
    table = _normal_numbers(seed)
    start = int(stream(seed, step, f"sensor/{channel}").integers(TABLE))
    return np.take(table, np.arange(start, start + count), mode="wrap")


@lru_cache(maxsize=4)
def _normal_numbers(seed: int) -> NDArray[np.float32]:
    return stream(seed, 0, "sensor").standard_normal(TABLE, dtype=np.float32)
