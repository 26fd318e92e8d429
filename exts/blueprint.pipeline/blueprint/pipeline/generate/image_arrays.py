"""What pictures are stored as: numbers in stated steps, in files whose bytes depend on them alone."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH_STEP_M = 1e-4
"""Depth is stored in tenths of a millimetre; 0 is no hit, 65535 is 6.5535 m and beyond."""
NORMAL_STEP = 1 / 127
"""Each part of a normal is stored in 254 steps from -1 to 1: the direction is exact to 0.4 degrees."""


def quantised_depth(depth_m: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return planar depth in steps of `DEPTH_STEP_M`."""
    steps = np.rint(depth_m.astype(np.float64) / DEPTH_STEP_M)
    return np.clip(steps, 0, 65535).astype(np.uint16)


def quantised_normal(normal: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return normals in steps of `NORMAL_STEP`."""
    return np.rint(normal / NORMAL_STEP).astype(np.int8)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any] | np.generic]) -> None:
    """Write an .npz whose bytes depend on the arrays alone; numpy's own takes five times as long to compress."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(values), allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getbuffer(), zipfile.ZIP_DEFLATED, 1
            )
