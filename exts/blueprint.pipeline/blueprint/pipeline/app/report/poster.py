"""One picture of a whole run, `poster.png`: photo, scene, colliders, and a recorded episode."""

import base64
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.scene_facts import SceneFacts
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.episode.records import Episode, Episodes

from .pictures import Image, Picture, PictureShelf, film_strip, spread_frames
from .scene_pictures import describe_scene

POSTER_FILE = "poster.png"
_WIDTH_PX, _GAP_PX, _FRAME_COUNT = 1260, 6, 6
_TOP_TITLES = ("Photo", "Scene", "Colliders")


def write_poster(folder: RunFolder) -> None:
    """Write the picture of a run that has recorded a successful episode; without one there is nothing to show."""
    records = RunRecords(folder)
    shown = _shown_episode(records)
    if shown is None:
        return
    pictures = {
        entry.title: entry.picture
        for entry in describe_scene(records, SceneFacts(records), PictureShelf(folder.root))
        if not entry.picture.fault
    }
    top = _row([_decoded(pictures[title]) for title in _TOP_TITLES if title in pictures])
    frames = spread_frames(shown.summary.frame_count, _FRAME_COUNT)
    strips = [_strip(video, frames) for video in sorted(shown.folder.glob("*.mp4"))]
    done, content = cv2.imencode(".png", np.ascontiguousarray(_stacked([top, *strips])[..., ::-1]))
    assert done, "PNG takes every 8-bit picture"
    replace_file(folder.root / POSTER_FILE, content.tobytes())


def _shown_episode(records: RunRecords) -> Episode | None:
    """Return the successful episode in which the object travels the highest, which shows best."""
    attempts = records.get(Episodes)
    found = [
        episode
        for episode in (attempts.episodes().values() if attempts else ())
        if episode.rendered and episode.summary.outcome.success
    ]
    return max(found, key=lambda episode: episode.summary.outcome.measures.get("lift_height_m", 0.0), default=None)


def _decoded(picture: Picture) -> Image:
    content = base64.b64decode(str(picture.uri).partition(",")[2])
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None, "the shelf keeps only pictures that it has encoded"
    order = [2, 1, 0, 3][: decoded.shape[2]]
    return _on_white(np.asarray(decoded[..., order], dtype=np.uint8))


def _on_white(picture: Image) -> Image:
    """Return RGB; where an RGBA picture is transparent, white shows."""
    if picture.shape[2] == 3:
        return picture
    share = picture[..., 3:].astype(np.float64) / 255
    return np.asarray(np.round(picture[..., :3] * share + 255 * (1 - share)), dtype=np.uint8)


def _strip(video: Path, frames: Sequence[int]) -> Image:
    height = (_WIDTH_PX - (len(frames) - 1) * _GAP_PX) // len(frames)
    strip = _on_white(film_strip(video, frames, height_px=height))
    size = (_WIDTH_PX, round(strip.shape[0] * _WIDTH_PX / strip.shape[1]))
    return np.asarray(cv2.resize(np.ascontiguousarray(strip), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _row(pictures: Sequence[Image]) -> Image:
    """Put pictures of one shape side by side."""
    width = (_WIDTH_PX - (len(pictures) - 1) * _GAP_PX) // len(pictures)
    height = round(width * pictures[0].shape[0] / pictures[0].shape[1])
    sized = [cv2.resize(np.ascontiguousarray(each), (width, height), interpolation=cv2.INTER_AREA) for each in pictures]
    padded = [np.pad(each, ((0, 0), (0, _GAP_PX), (0, 0)), constant_values=255) for each in sized]
    return np.asarray(np.concatenate(padded, axis=1)[:, :-_GAP_PX], dtype=np.uint8)


def _stacked(rows: Sequence[Image]) -> Image:
    """Put rows on top of each other, white where one is narrower."""
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, _GAP_PX), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
    return np.asarray(np.concatenate(padded, axis=0)[:-_GAP_PX], dtype=np.uint8)
