"""Video files: encoded and joined in child processes, decoded here.

The encoder library links GPL code, so this process, which may be Kit or the desktop app, never loads it.
"""

import itertools
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import RunError, ScanError

JOIN_DEADLINE_S = 300


class VideoFailed(RunError):
    """The child process that writes a video has failed."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path.name} could not be written: {cause}")


def join_clips(clips: Sequence[Path], target: Path, *, fps: int) -> None:
    """Copy the packets of several clips, one after the other, into one mp4 without encoding them again."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "blueprint.pipeline.formats.video_join", str(fps), str(target), *map(str, clips)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=JOIN_DEADLINE_S, check=False)
    if done.returncode:
        raise VideoFailed(target, (done.stderr.strip().splitlines() or ["no message"])[-1])


def read_frames(path: Path, *, start: int = 0, count: int | None = None) -> Iterator[NDArray[np.uint8]]:
    """Decode frames as RGB (H, W, 3) from frame `start` on; raises ScanError when the file cannot be opened."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise ScanError(path.name, "cannot be opened as a video")
    try:
        if not _seek(capture, start):
            return
        for _ in range(count) if count is not None else itertools.count():
            found, frame = capture.read()
            if not found:
                return
            yield np.asarray(frame[..., ::-1], dtype=np.uint8)
    finally:
        capture.release()


def _seek(capture: cv2.VideoCapture, start: int) -> bool:
    """Go to a frame by its time stamp, as readers of datasets do; returns False when the video ends before it."""
    if not start:
        return True
    capture.set(cv2.CAP_PROP_POS_FRAMES, start)
    return int(capture.get(cv2.CAP_PROP_POS_FRAMES)) == start
