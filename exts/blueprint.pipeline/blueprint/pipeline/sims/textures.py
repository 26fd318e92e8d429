"""Image files as pixels, no larger than asked for."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError

Image = NDArray[np.uint8]


def read_picture(path: Path, *, most_px: int) -> Image:
    """Read an image file as RGB, no wider or higher than `most_px`; raises ScanError."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ScanError(path.name, "cannot be decoded as an image")
    return shrunk(np.asarray(picture[..., ::-1], dtype=np.uint8), most_px)


def shrunk(picture: Image, most_px: int) -> Image:
    """Return a picture no wider or higher than `most_px`."""
    height, width = picture.shape[:2]
    scale = most_px / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
