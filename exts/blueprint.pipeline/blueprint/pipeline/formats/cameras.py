"""Read a photo's camera as an intrinsic matrix with the size of the picture."""

from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import ScanError

from .json_fields import read_json_object, read_numbers, read_positive
from .raw_scan import Points, RawCamera

_MAX_SIDE_PX = 1 << 16


def read_intrinsics(path: Path, name: str, T_scan_camera: Points, remarks: list[str]) -> RawCamera | None:
    """Return the camera of a file with `matrix` (3x3), `width` and `height`, or None where there is none.

    Depth models give the matrix in parts of the picture's size; such a one is recognised by its small principal point.
    A file that is no camera is done without, and that is said.
    """
    if not path.is_file():
        return None
    try:
        data = read_json_object(path, name)
        matrix = read_numbers(data, "matrix", (3, 3), name)
        width, height = (int(read_positive(data, side, name) or 0) for side in ("width", "height"))
        if not (1 <= width <= _MAX_SIDE_PX and 1 <= height <= _MAX_SIDE_PX):
            raise ScanError(name, f"width is {width}, height is {height}.", expected="the size of the photo in pixels")
        in_parts = 0 < matrix[0, 2] <= 1 and 0 < matrix[1, 2] <= 1
        focal_px = float(matrix[0, 0]) * (width if in_parts else 1)
        if not 0 < focal_px < 100 * max(width, height):
            raise ScanError(name, f"the focal length is {focal_px:g} px.", expected="a length above zero")
    except ScanError as error:
        remarks.append(f"{error} The scan has no camera.")
        return None
    return RawCamera(np.array(T_scan_camera, dtype=np.float64), focal_px, width, height)
