"""Encode raw RGB frames from standard input to H.264; runs as a process of its own, because x264 is under the GPL.

python -m blueprint.pipeline.generate.encoding FPS WIDTH HEIGHT TARGET.mp4 [WIDTH HEIGHT TARGET.mp4 ...]

Frames of several films come in turn. One process for all of them, and none of it numpy, which would take longer to load
than a short film to encode.
"""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

import av
from av.codec.context import Flags

OPTIONS = {"preset": "veryfast", "tune": "fastdecode", "crf": "23", "g": "10", "bf": "0", "threads": "1"}


@dataclass(frozen=True, slots=True)
class Film:
    """One film: width and height in pixels, and the file."""

    width: int
    height: int
    target: str


class _Encoder:
    def __init__(self, container: Any, film: Film, fps: int) -> None:
        self._container, self._film, self._tick, self.count = container, film, Fraction(1, fps), 0
        self._stream = container.add_stream("libx264", rate=fps, options=OPTIONS)
        self._stream.width, self._stream.height, self._stream.pix_fmt = film.width, film.height, "yuv420p"
        self._stream.codec_context.time_base = self._tick
        self._stream.codec_context.flags |= Flags.bitexact
        self._stream.codec_context.thread_count = 1

    @property
    def frame_size(self) -> int:
        """Number of bytes of a frame."""
        return self._film.width * self._film.height * 3

    def add(self, pixels: bytes) -> None:
        frame = av.VideoFrame(self._film.width, self._film.height, "rgb24")
        plane, line = frame.planes[0], self._film.width * 3
        # Libraries like rows that begin at round addresses.
        padding = bytes(plane.line_size - line)
        rows = (pixels[start : start + line] + padding for start in range(0, len(pixels), line))
        plane.update(b"".join(rows) if padding else pixels)
        frame.pts, frame.time_base = self.count, self._tick
        self._container.mux(self._stream.encode(frame))
        self.count += 1

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


def encode(source: BinaryIO, width: int, height: int, fps: int, target: str) -> int:
    """Read frames (H, W, 3) of 8 bits until the end and return how many were written."""
    return encode_films(source, fps, [Film(width, height, target)])


def encode_films(source: BinaryIO, fps: int, films: Sequence[Film]) -> int:
    """Read a frame for each film in turn until the end and return how many each has; raises EOFError in the middle."""
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    with ExitStack() as stack:
        files = [stack.enter_context(av.open(film.target, "w", format="mp4", options=options)) for film in films]
        encoders = [_Encoder(file, film, fps) for file, film in zip(files, films, strict=True)]
        missing = False
        while not missing:
            for index, encoder in enumerate(encoders):
                block = source.read(encoder.frame_size)
                missing = len(block) < encoder.frame_size
                if missing and (block or index):
                    raise EOFError(f"the last frame has {len(block)} of {encoder.frame_size} bytes")
                if missing:
                    break
                encoder.add(block)
        for encoder in encoders:
            encoder.finish()
    return encoders[0].count


if __name__ == "__main__":
    rate, *told = sys.argv[1:]
    asked = [Film(int(told[at]), int(told[at + 1]), told[at + 2]) for at in range(0, len(told), 3)]
    written = encode_films(sys.stdin.buffer, int(rate), asked)
    sys.stdout.write(f"{written}\n")
