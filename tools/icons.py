"""Draw the extension's icon and preview: a cube in blueprint lines, and that cube becoming a strip of frames.

Run it again after a change of the drawing: `.venv/bin/python tools/icons.py exts/blueprint.pipeline/data`.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
# Blue, green, red, as OpenCV wants them.
PAPER, GRID, INK, ACCENT = (112, 58, 22), (134, 78, 38), (250, 244, 236), (92, 196, 255)
# Drawn this much larger and then averaged down, so that thin slanted lines stay clean.
OVERSAMPLING = 4
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
EDGES = [(a, b) for a in range(8) for b in range(a) if np.abs(CORNERS[a] - CORNERS[b]).sum() == 2]


def paper(width_px: int, height_px: int, spacing_px: int) -> Image:
    """Return blue paper with a grid, oversampled."""
    image = np.full((height_px * OVERSAMPLING, width_px * OVERSAMPLING, 3), PAPER, np.uint8)
    for offset in range(0, max(image.shape[:2]), spacing_px * OVERSAMPLING):
        cv2.line(image, (offset, 0), (offset, image.shape[0]), GRID, OVERSAMPLING)
        cv2.line(image, (0, offset), (image.shape[1], offset), GRID, OVERSAMPLING)
    return image


def draw_cube(image: Image, centre_px: tuple[float, float], radius_px: float, turn_rad: float) -> None:
    """Draw a cube seen from above at an angle; edges that meet behind are thin, the top is filled."""
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    tilt = np.radians(28.0)
    turned = CORNERS @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    depth = turned[:, 1] * np.cos(tilt) - turned[:, 2] * np.sin(tilt)
    flat = np.stack([turned[:, 0], -turned[:, 2] * np.cos(tilt) - turned[:, 1] * np.sin(tilt)], axis=1)
    points = np.rint((np.array(centre_px) + flat * radius_px) * OVERSAMPLING).astype(int)
    hidden = int(np.argmax(depth))
    top = np.flatnonzero(CORNERS[:, 2] > 0)
    hull = cv2.convexHull(points[top].astype(np.int32))
    cv2.fillConvexPoly(image, hull, ACCENT, cv2.LINE_AA)
    for a, b in EDGES:
        width = OVERSAMPLING * (1 if hidden in (a, b) else max(2, round(radius_px / 16)))
        cv2.line(image, points[a].tolist(), points[b].tolist(), INK, width, cv2.LINE_AA)


def reduced(image: Image) -> Image:
    """Return the image at its final size."""
    size = (image.shape[1] // OVERSAMPLING, image.shape[0] // OVERSAMPLING)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def icon() -> Image:
    """Return 256 x 256 pixels."""
    image = paper(256, 256, 32)
    draw_cube(image, (128, 132), 66, np.radians(30))
    return reduced(image)


def preview() -> Image:
    """Return 1024 x 512 pixels: one cube, an arrow, and a strip of frames in which the cube turns."""
    image = paper(1024, 512, 32)
    draw_cube(image, (200, 262), 92, np.radians(30))
    scaled = OVERSAMPLING
    cv2.arrowedLine(image, (370 * scaled, 256 * scaled), (470 * scaled, 256 * scaled), INK, 6 * scaled, tipLength=0.3)
    for column in range(3):
        for row in range(2):
            left, top = 520 + column * 158, 106 + row * 158
            corner = ((left + 142) * scaled, (top + 142) * scaled)
            cv2.rectangle(image, (left * scaled, top * scaled), corner, PAPER, -1)
            cv2.rectangle(image, (left * scaled, top * scaled), corner, INK, 3 * scaled)
            draw_cube(image, (left + 71, top + 74), 32, np.radians(12 + 12 * (3 * row + column)))
    return reduced(image)


def main(folder: Path) -> None:
    """Write both pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in (("icon.png", icon()), ("preview.png", preview())):
        if not cv2.imwrite(str(folder / name), image, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
            raise OSError(f"could not write {folder / name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
