"""Write a video and read it back."""

import tempfile
from pathlib import Path

import numpy as np

from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.generate.video import VideoWriter

FRAMES, SIZE_PX = 4, 64


def main() -> None:
    """Raise unless every frame comes back about as bright as it went in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.mp4"
        levels = [40 + 40 * number for number in range(FRAMES)]
        with VideoWriter(path, SIZE_PX, SIZE_PX, 30) as writer:
            for level in levels:
                writer.add(np.full((SIZE_PX, SIZE_PX, 3), level, dtype=np.uint8))
        found = [float(frame.mean()) for frame in read_frames(path)]
    if len(found) != FRAMES or max(abs(a - b) for a, b in zip(found, levels, strict=True)) > 8:
        raise SystemExit(f"frames of brightness {levels} came back as {found}")


if __name__ == "__main__":
    main()
