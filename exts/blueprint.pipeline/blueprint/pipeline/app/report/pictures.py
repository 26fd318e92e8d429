"""Pictures as data URIs, kept beside the run under what they were made from, so that a second report is quick."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from markupsafe import Markup

from blueprint.pipeline.app.messages import without_folders
from blueprint.pipeline.engine.digests import digest_value
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.errors import BlueprintError, ScanError
from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.sims.textures import Image

FOLDER = ".pictures"
PICTURES_VERSION = 2
"""Raise it when a picture's meaning or look changes; older ones are then made again."""

_QUALITY = 82
GAP_PX = 4
"""Transparent columns between the frames of a strip."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data URI, or why it could not be made."""

    uri: Markup
    fault: str = ""


class PictureShelf:
    """The pictures of one run's report; those that a report no longer shows are swept away."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._used: set[str] = set()

    def picture(self, made_from: Sequence[str], make: Callable[[], Image]) -> Picture:
        """Return a picture, kept or made now; `made_from` must name everything that decides how it looks.

        What cannot be drawn, such as a texture that is no image, does not hide the rest of the page.
        """
        name = digest_value([PICTURES_VERSION, *made_from])[:32] + ".webp"
        self._used.add(name)
        path = self._folder / name
        if not path.is_file():
            try:
                content = encode(make())
            except BlueprintError as error:
                return Picture(Markup(""), without_folders(str(error)))
            replace_file(path, content)
        return Picture(Markup("data:image/webp;base64,{}").format(base64.b64encode(path.read_bytes()).decode()))

    def sweep(self) -> None:
        """Remove pictures that were not asked for."""
        for path in self._folder.glob("*.webp"):
            if path.name not in self._used:
                path.unlink()


def encode(picture: Image) -> bytes:
    """Return RGB or RGBA (H, W, 3 or 4) as WebP; pictures from outside are thereby always our own pixels."""
    order = [2, 1, 0, 3][: picture.shape[2]]
    done, content = cv2.imencode(
        ".webp", np.ascontiguousarray(picture[..., order]), [cv2.IMWRITE_WEBP_QUALITY, _QUALITY]
    )
    if not done:
        raise ScanError("picture", f"of shape {picture.shape} could not be encoded")
    return content.tobytes()


def film_strip(video: Path, frames: Sequence[int], *, height_px: int) -> Image:
    """Return chosen frames of a video side by side; raises ScanError where one is missing."""
    wanted = set(frames)
    found = {at: frame for at, frame in enumerate(read_frames(video, count=max(wanted) + 1)) if at in wanted}
    if len(found) < len(wanted):
        raise ScanError(video.name, f"ends before frame {max(wanted)}")
    pieces = [_opaque(_of_height(found[at], height_px)) for at in frames]
    return np.concatenate([np.pad(each, ((0, 0), (0, GAP_PX), (0, 0))) for each in pieces], axis=1)[:, :-GAP_PX]


def spread_frames(frame_count: int, most: int) -> list[int]:
    """Return up to `most` frames spread evenly from the first to the last."""
    return sorted({round(at) for at in np.linspace(0, frame_count - 1, min(most, frame_count))})


def _of_height(picture: Image, height_px: int) -> Image:
    size = (round(picture.shape[1] * height_px / picture.shape[0]), height_px)
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _opaque(picture: Image) -> Image:
    return np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, dtype=np.uint8)], axis=2)
