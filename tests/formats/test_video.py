"""Clips joined without encoding them again, and decoded frame by frame."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.formats.recordings import FPS, HEIGHT, WIDTH, draw_frames, write_clip

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.video import VideoFailed, join_clips, read_frames

LENGTHS = (12, 25, 7)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips")
    paths = [folder / f"{number}.mp4" for number in range(len(LENGTHS))]
    for number, path in enumerate(paths):
        write_clip(path, draw_frames(number, 0, LENGTHS[number]))
    return paths


@pytest.fixture(scope="module")
def joined(clips: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("joined") / "below" / "file.mp4"
    join_clips(clips, target, fps=FPS)
    return target


def _stack(path: Path, **window: int) -> NDArray[np.uint8]:
    return np.stack(list(read_frames(path, **window)))


def test_frames_come_as_red_green_blue(clips: list[Path]) -> None:
    drawn = draw_frames(0, 0, 1)[0].astype(float)
    decoded = next(read_frames(clips[0])).astype(float)
    assert decoded.shape == (HEIGHT, WIDTH, 3)
    means = np.abs(decoded - drawn).mean(axis=(0, 1))
    assert means.max() < 6.0
    assert np.abs(decoded[..., ::-1] - drawn).mean() > 25.0


def test_joined_frames_are_those_of_the_clips(clips: list[Path], joined: Path) -> None:
    assert np.array_equal(_stack(joined), np.concatenate([_stack(clip) for clip in clips]))


@pytest.mark.parametrize("start", [0, 1, 9, 10, 11, 12, 13, 36, 37, 43])
def test_reading_begins_at_any_frame(joined: Path, start: int) -> None:
    assert np.array_equal(_stack(joined, start=start), _stack(joined)[start:])


def test_a_window_ends_where_it_should(joined: Path) -> None:
    assert np.array_equal(_stack(joined, start=12, count=25), _stack(joined)[12:37])
    assert len(list(read_frames(joined, start=40, count=10))) == sum(LENGTHS) - 40
    assert list(read_frames(joined, start=sum(LENGTHS) + 3)) == []


def test_time_stamps_are_whole_frames(joined: Path) -> None:
    with av.open(str(joined)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        times = [float(packet.pts * stream.time_base) for packet in container.demux(stream) if packet.pts is not None]
        assert float(stream.average_rate or 0) == FPS
    assert times == pytest.approx([frame / FPS for frame in range(sum(LENGTHS))], abs=1e-6)


def test_the_same_clips_give_the_same_bytes(clips: list[Path], joined: Path, tmp_path: Path) -> None:
    join_clips(clips, tmp_path / "again.mp4", fps=FPS)
    assert (tmp_path / "again.mp4").read_bytes() == joined.read_bytes()


def test_a_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    with pytest.raises(ScanError, match=r"broken\.mp4"):
        next(read_frames(tmp_path / "broken.mp4"))


def test_a_clip_that_cannot_be_joined_is_named(clips: list[Path], tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    with pytest.raises(VideoFailed, match=r"all\.mp4 could not be written"):
        join_clips([clips[0], tmp_path / "broken.mp4"], tmp_path / "all.mp4", fps=FPS)


def test_a_clip_of_another_size_is_refused(clips: list[Path], tmp_path: Path) -> None:
    write_clip(tmp_path / "small.mp4", [frame[:32, :48] for frame in draw_frames(0, 0, 3)])
    with pytest.raises(VideoFailed, match=r"small\.mp4 was encoded with other parameters than 0\.mp4"):
        join_clips([clips[0], tmp_path / "small.mp4"], tmp_path / "all.mp4", fps=FPS)


def test_frames_out_of_order_are_refused(tmp_path: Path) -> None:
    write_clip(tmp_path / "b_frames.mp4", draw_frames(0, 0, 12), options={"bf": "2", "preset": "medium", "tune": ""})
    with pytest.raises(VideoFailed, match="encode it without B-frames"):
        join_clips([tmp_path / "b_frames.mp4"], tmp_path / "all.mp4", fps=FPS)
