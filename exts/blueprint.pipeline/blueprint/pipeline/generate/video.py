"""The parent's side of video encoding: a pipe that holds the renderer back when the encoder is behind."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import RunError

END_DEADLINE_S = 120.0
"""Time to encode what is still in the pipe and to move the file's index to its front."""


class EncodingFailed(RunError):
    """The encoder died, or wrote another number of frames than it was given."""

    def __init__(self, video: str, cause: str) -> None:
        super().__init__(f"{video}: the video could not be encoded: {cause}. Is the extra installed? pip install av")


class VideoWriter:
    """One H.264 file; frames (H, W, 3) uint8 sRGB are encoded as they come."""

    def __init__(self, path: Path, width_px: int, height_px: int, fps: int) -> None:
        self._path, self._shape, self.count = path, (height_px, width_px, 3), 0
        arguments = [str(width_px), str(height_px), str(fps), str(path)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "blueprint.pipeline.generate.encoding", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        )

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Encode one frame."""
        if rgb.shape != self._shape:
            raise EncodingFailed(self._path.name, f"a frame has shape {rgb.shape}, the video {self._shape}")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(np.ascontiguousarray(rgb).data)
        except BrokenPipeError:
            self._fail()
        self.count += 1

    def close(self) -> None:
        """Finish the file; raises EncodingFailed unless every frame is in it."""
        output, errors = self._end()
        if self._process.returncode:
            raise EncodingFailed(self._path.name, _last_line(errors))
        if int(output) != self.count:
            raise EncodingFailed(self._path.name, f"{int(output)} of {self.count} frames were written")

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        self._process.kill()
        self._end()

    def _end(self) -> tuple[bytes, bytes]:
        """Wait for the encoder and return what it printed; one that does not end is killed."""
        try:
            return self._process.communicate(timeout=END_DEADLINE_S)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.communicate(timeout=END_DEADLINE_S)
            raise EncodingFailed(self._path.name, f"not finished within {END_DEADLINE_S:g} s") from error

    def _fail(self) -> None:
        _, errors = self._end()
        raise EncodingFailed(self._path.name, _last_line(errors))


def _last_line(errors: bytes) -> str:
    return (errors.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
