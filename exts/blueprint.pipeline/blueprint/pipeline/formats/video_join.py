"""Child process: copy the packets of clips into one mp4. Arguments: fps, target, clips."""

import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av


def join(fps: int, target: Path, clips: Sequence[Path]) -> int:
    """Write the clips' packets with one frame per tick; returns the number of frames.

    Raises ValueError for a clip with B-frames, whose packets are not in display order, and for one that was encoded
    with other parameters than the first: a player has only one set for the whole file.
    """
    frame = Fraction(1, fps)
    written = 0
    parameters: bytes | None = None
    with av.open(str(target), "w") as container:
        output = None
        for clip in clips:
            with av.open(str(clip)) as source:
                stream = source.streams.video[0]
                if output is None:
                    output = container.add_stream_from_template(stream)
                    output.time_base = frame
                    parameters = stream.codec_context.extradata
                if stream.codec_context.extradata != parameters:
                    raise ValueError(f"{clip.name} was encoded with other parameters than {clips[0].name}")
                shown = -1
                for packet in source.demux(stream):
                    if packet.size == 0:
                        continue
                    if packet.pts is None or packet.pts <= shown:
                        raise ValueError(f"{clip.name} has frames out of order; encode it without B-frames")
                    shown = packet.pts
                    packet.stream, packet.time_base = output, frame
                    packet.pts = packet.dts = written
                    packet.duration = 1
                    container.mux(packet)
                    written += 1
    return written


def main(arguments: Sequence[str]) -> int:
    """Parse the arguments and join."""
    fps, target, *clips = arguments
    join(int(fps), Path(target), [Path(clip) for clip in clips])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
