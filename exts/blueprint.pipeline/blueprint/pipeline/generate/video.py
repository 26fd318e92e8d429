"""The parent's side of video encoding: a pipe that holds the renderer back when the encoder is behind."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import RunError

END_DEADLINE_S = 120.0
"""Time to encode what is still in the pipe and to move the file's index to its front."""


class EncodingFailed(RunError):
    """The encoder died, or wrote another number of frames than it was given."""

    def __init__(self, video: str, cause: str) -> None:
        super().__init__(f"{video}: the video could not be encoded: {cause}. Is the extra installed? pip install av")


@dataclass(frozen=True, slots=True)
class Film:
    """A file to be written, and its pictures' size."""

    path: Path
    width_px: int
    height_px: int


class FilmWriter:
    """Several H.264 files of equal length, encoded in one child process as their frames come."""

    def __init__(self, films: Sequence[Film], fps: int) -> None:
        self._films, self.count = tuple(films), 0
        told = [text for film in films for text in (str(film.width_px), str(film.height_px), str(film.path))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "blueprint.pipeline.generate.encoding", str(fps), *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        )

    def add(self, frames: Sequence[NDArray[np.uint8]]) -> None:
        """Encode the next frame (H, W, 3) uint8 sRGB of every film."""
        assert self._process.stdin is not None
        for film, rgb in zip(self._films, frames, strict=True):
            shape = (film.height_px, film.width_px, 3)
            if rgb.shape != shape:
                raise EncodingFailed(film.path.name, f"a frame has shape {rgb.shape}, the video {shape}")
            try:
                self._process.stdin.write(np.ascontiguousarray(rgb).data)
            except BrokenPipeError:
                self._fail()
        self.count += 1

    def close(self) -> None:
        """Finish the files; raises EncodingFailed unless every frame is in them."""
        output, errors = self._end()
        if self._process.returncode:
            raise EncodingFailed(self._names, _last_line(errors))
        if int(output) != self.count:
            raise EncodingFailed(self._names, f"{int(output)} of {self.count} frames were written")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        self._process.kill()
        self._end()

    @property
    def _names(self) -> str:
        return ", ".join(film.path.name for film in self._films)

    def _end(self) -> tuple[bytes, bytes]:
        """Wait for the encoder and return what it printed; one that does not end is killed."""
        try:
            return self._process.communicate(timeout=END_DEADLINE_S)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.communicate(timeout=END_DEADLINE_S)
            raise EncodingFailed(self._names, f"not finished within {END_DEADLINE_S:g} s") from error

    def _fail(self) -> None:
        _, errors = self._end()
        raise EncodingFailed(self._names, _last_line(errors))


class VideoWriter:
    """One H.264 file; frames (H, W, 3) uint8 sRGB are encoded as they come."""

    def __init__(self, path: Path, width_px: int, height_px: int, fps: int) -> None:
        self._writer = FilmWriter([Film(path, width_px, height_px)], fps)

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Encode one frame."""
        self._writer.add([rgb])

    def close(self) -> None:
        """Finish the file; raises EncodingFailed unless every frame is in it."""
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)


def _last_line(errors: bytes) -> str:
    return (errors.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
