"""Encode raw RGB frames from standard input to H.264; runs as a process of its own, because x264 is under the GPL.

python -m blueprint.pipeline.generate.encoding WIDTH HEIGHT FPS TARGET.mp4
"""

import sys
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from av.codec.context import Flags

OPTIONS = {"preset": "veryfast", "tune": "fastdecode", "crf": "23", "g": "10", "bf": "0", "threads": "1"}


def encode(source: BinaryIO, width: int, height: int, fps: int, target: str) -> int:
    """Read frames (H, W, 3) of 8 bits until the end and return how many were written."""
    size, count = width * height * 3, 0
    with av.open(target, "w", format="mp4", options={"fflags": "+bitexact", "movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.flags |= Flags.bitexact
        stream.codec_context.thread_count = 1
        while len(block := source.read(size)) == size:
            image = np.frombuffer(block, np.uint8).reshape(height, width, 3)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = count, Fraction(1, fps)
            container.mux(stream.encode(frame))
            count += 1
        if block:
            raise EOFError(f"the last frame has {len(block)} of {size} bytes")
        container.mux(stream.encode(None))
    return count


if __name__ == "__main__":
    wide, high, rate = map(int, sys.argv[1:4])
    written = encode(sys.stdin.buffer, wide, high, rate, sys.argv[4])
    sys.stdout.write(f"{written}\n")
