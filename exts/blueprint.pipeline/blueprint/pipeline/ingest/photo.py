"""Keep the photo, decoded and written anew, so that nothing but pixels enters the record."""

from pathlib import Path

import cv2
import numpy as np

PHOTO_FILE = "photo.png"
_MAX_BYTES = 1 << 28


def save_photo(source: Path, record: Path) -> bool:
    """Write photo.png into a record; returns False where the file is no picture."""
    if not 0 < source.stat().st_size <= _MAX_BYTES:
        return False
    pixels = cv2.imdecode(np.frombuffer(source.read_bytes(), dtype=np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        return False
    encoded, content = cv2.imencode(".png", pixels)
    if encoded:
        (record / PHOTO_FILE).write_bytes(content.tobytes())
    return bool(encoded)
