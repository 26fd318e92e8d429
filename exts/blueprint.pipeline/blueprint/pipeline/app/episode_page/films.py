"""The pictures of an episode as small videos: its own where it has some, else drawn from the recorded states."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.opened_episode import Clip, OpenedEpisode
from blueprint.pipeline.app.recorded_states import open_recorded, restores_raw
from blueprint.pipeline.errors import BlueprintError, RunError
from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.generate.video import VideoWriter

Image = NDArray[np.uint8]

MOST_BYTES = 2_500_000
"""Of one camera's video; a larger one is encoded anew with fewer pixels, so that a page stays under 10 MB."""
LESS_PX = 320


@dataclass(frozen=True, slots=True)
class Film:
    """One camera's video as an MP4, one picture per recorded frame."""

    camera: str
    content: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Films:
    """The videos of an episode; `drawn` says that they were made now, `absent` why there are none."""

    films: tuple[Film, ...]
    drawn: bool = False
    absent: str = ""


def gather_films(opened: OpenedEpisode, *, render: bool) -> Films:
    """Return an episode's videos; those that it lacks are drawn from its states where its scene is at hand."""
    count = opened.summary.frame_count
    if opened.clips:
        films = (_film(camera, clip, opened.summary.fps) for camera, clip in sorted(opened.clips.items()))
        return Films(tuple(films))
    if opened.states is None:
        return Films((), absent="nothing moved")
    if not render:
        return Films((), absent="the episode was not rendered, and --no-render asks for no pictures")
    if opened.scene is None:
        return Films((), absent=f"the episode was not rendered, and cannot be now: {opened.scene_missing}")
    if not restores_raw(opened.summary.engine):
        return Films((), absent=f"the engine {opened.summary.engine!r} records no states from which to draw")
    try:
        return Films(tuple(_draw(opened, count)), drawn=True)
    except BlueprintError as error:
        return Films((), absent=f"the pictures could not be drawn: {error}")


def _film(camera: str, clip: Clip, fps: int) -> Film:
    """Return a clip's own bytes where it is a file of its own and small enough, else encode it anew."""
    first = next(read_frames(clip.path, start=clip.first, count=1), None)
    if first is None:
        raise PicturesMissing(clip.path.name, 0, clip.count)
    height, width = first.shape[:2]
    # A dataset's file holds many episodes one after the other.
    own = not clip.path.parent.name.startswith("chunk-")
    if own and clip.path.stat().st_size <= MOST_BYTES:
        return Film(camera, clip.path.read_bytes(), width, height)
    return encode_film(camera, read_frames(clip.path, start=clip.first, count=clip.count), clip.count, fps)


class PicturesMissing(RunError):
    """A video ends before the episode does."""

    def __init__(self, video: str, found: int, expected: int) -> None:
        super().__init__(f"{video}: {found} of {expected} pictures were found; run `blueprint verify` on the dataset")


def encode_film(camera: str, pictures: Iterator[Image], count: int, fps: int) -> Film:
    """Encode pictures (H, W, 3) as a small video; raises PicturesMissing where there are fewer than `count`."""
    small = (_at_most(picture, LESS_PX) for picture in pictures)
    first = next(small, None)
    if first is None:
        raise PicturesMissing(camera, 0, count)
    height, width = first.shape[:2]
    with tempfile.TemporaryDirectory(prefix="blueprint-film-") as scratch:
        path, found = Path(scratch) / f"{camera}.mp4", 0
        with VideoWriter(path, width, height, fps) as writer:
            for picture in chain([first], small):
                writer.add(picture)
                found += 1
        if found < count:
            raise PicturesMissing(camera, found, count)
        return Film(camera, path.read_bytes(), width, height)


def _at_most(picture: Image, width_px: int) -> Image:
    """Return a picture no wider than asked for, with even sides, as the encoder wants them."""
    height, width = picture.shape[:2]
    scale = min(1.0, width_px / width)
    size = (2 * round(width * scale / 2), 2 * round(height * scale / 2))
    if size == (width, height):
        return picture
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _draw(opened: OpenedEpisode, count: int) -> list[Film]:
    """Restore the state of each frame and look at it with the recorded cameras."""
    states = opened.states
    assert states is not None
    cameras = states.names("camera_names")
    pictures: Mapping[str, list[Image]] = {camera: [] for camera in cameras}
    sim, raw = open_recorded(opened)
    try:
        for frame in range(count):
            raw.show_frame(sim, frame)
            for camera, seen in sim.render(cameras).items():
                pictures[camera].append(seen.rgb)
    finally:
        sim.close()
    return [encode_film(camera, iter(pictures[camera]), count, states.fps) for camera in sorted(cameras)]
