"""Encoding in a process of its own."""

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.generate import encoding
from blueprint.pipeline.generate.video import EncodingFailed, Film, FilmWriter, VideoWriter

SIZE = 64


def pictures(count: int) -> list[np.ndarray]:
    """Return frames whose brightness tells their number."""
    return [np.full((SIZE, SIZE, 3), 20 + 6 * index % 200, np.uint8) for index in range(count)]


def write(path: Path, count: int = 25) -> None:
    """Write a video."""
    with VideoWriter(path, SIZE, SIZE, 30) as video:
        for picture in pictures(count):
            video.add(picture)


def test_every_frame_is_there_in_order(tmp_path: Path) -> None:
    """As OpenCV decodes it, with the brightness it was given."""
    write(tmp_path / "a.mp4")
    capture = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    seen = []
    while (frame := capture.read())[0]:
        seen.append(float(frame[1].mean()))
    assert seen == pytest.approx([20 + 6 * index for index in range(25)], abs=3)
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(30)


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    """No date, no thread count, no machine in the file."""
    write(tmp_path / "a.mp4")
    write(tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    """Before it reaches the encoder."""
    with (
        pytest.raises(EncodingFailed, match=r"shape \(32, 32, 3\)"),
        VideoWriter(tmp_path / "a.mp4", SIZE, SIZE, 30) as v,
    ):
        v.add(np.zeros((32, 32, 3), np.uint8))


def test_a_dead_encoder_is_an_error(tmp_path: Path) -> None:
    """A folder that does not exist: the message names the video."""
    with pytest.raises(EncodingFailed, match=r"a\.mp4"):
        write(tmp_path / "absent" / "a.mp4", count=2000)


def test_x264_is_not_loaded_by_what_records_episodes() -> None:
    """The GPL encoder stays out of the worker's process."""
    code = "import sys, blueprint.pipeline.generate.episode; print('av' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)
    assert shown.stdout.strip() == "False"


def test_films_of_several_sizes_are_written_together(tmp_path: Path) -> None:
    """Rows of 70 pixels do not begin at round addresses; the bytes are those that each film has alone."""
    sizes = [(64, 48), (70, 50)]
    random = np.random.default_rng(0)
    base = [cv2.resize(random.integers(0, 255, (6, 8, 3)).astype(np.uint8), size) for size in sizes]
    films = [Film(tmp_path / f"{index}.mp4", *size) for index, size in enumerate(sizes)]
    with FilmWriter(films, 30) as writer:
        for shift in range(12):
            writer.add([np.roll(picture, shift, axis=1) for picture in base])
    for index, (size, picture) in enumerate(zip(sizes, base, strict=True)):
        with VideoWriter(tmp_path / f"alone_{index}.mp4", *size, 30) as alone:
            for shift in range(12):
                alone.add(np.roll(picture, shift, axis=1))
        assert films[index].path.read_bytes() == (tmp_path / f"alone_{index}.mp4").read_bytes()
        seen = list(read_frames(films[index].path))
        assert len(seen) == 12
        assert np.abs(seen[-1].astype(float) - np.roll(picture, 11, axis=1)).mean() < 12


def test_a_film_that_stops_in_the_middle_is_an_error(tmp_path: Path) -> None:
    """Whole frames of one film and none of the other are not an episode."""
    films = [encoding.Film(8, 8, str(tmp_path / "a.mp4")), encoding.Film(8, 8, str(tmp_path / "b.mp4"))]
    with pytest.raises(EOFError, match="0 of 192"):
        encoding.encode_films(io.BytesIO(bytes(192 * 3)), 30, films)
