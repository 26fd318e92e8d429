"""Pictures: frames in order, kept between reports, swept when unused, faults named."""

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.app.small_run import FRAMES, write_video

from blueprint.pipeline.app.report.pictures import (
    GAP_PX,
    PictureShelf,
    encode,
    film_strip,
    spread_frames,
)
from blueprint.pipeline.errors import ScanError


def decoded(uri: str) -> np.ndarray:
    content = np.frombuffer(base64.b64decode(uri.removeprefix("data:image/webp;base64,")), dtype=np.uint8)
    picture = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture


def test_a_strip_shows_its_frames_from_left_to_right(tmp_path: Path) -> None:
    write_video(tmp_path / "side.mp4")
    strip = film_strip(tmp_path / "side.mp4", [0, 5, 11], height_px=24)
    assert strip.shape == (24, 3 * 32 + 2 * GAP_PX, 4)
    levels = [strip[12, 16 + at * (32 + GAP_PX), 0] for at in range(3)]
    assert levels == pytest.approx([0, 100, 220], abs=6)
    assert strip[12, 32 + GAP_PX // 2, 3] == 0


def test_a_missing_frame_is_named(tmp_path: Path) -> None:
    write_video(tmp_path / "side.mp4")
    with pytest.raises(ScanError, match="ends before frame 40"):
        film_strip(tmp_path / "side.mp4", [0, 40], height_px=24)


@pytest.mark.parametrize(("count", "most", "expected"), [(1, 7, [0]), (3, 7, [0, 1, 2]), (FRAMES, 3, [0, 6, 11])])
def test_frames_are_spread_from_first_to_last(count: int, most: int, expected: list[int]) -> None:
    assert spread_frames(count, most) == expected


def test_a_picture_is_made_once_and_swept_when_it_is_not_used(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> np.ndarray:
        made.append("made")
        return np.full((8, 8, 3), 200, dtype=np.uint8)

    first = PictureShelf(tmp_path).picture(["mug", "digest"], make)
    second = PictureShelf(tmp_path).picture(["mug", "digest"], make)
    assert made == ["made"]
    assert first == second
    assert decoded(first.uri).shape == (8, 8, 3)
    other = PictureShelf(tmp_path)
    other.picture(["mug", "another digest"], make)
    other.sweep()
    assert len(list(tmp_path.glob(".pictures/*.webp"))) == 1


def test_a_fault_is_told_and_not_kept(tmp_path: Path) -> None:
    def fail() -> np.ndarray:
        raise ScanError("/a/folder/texture.png", "is no image")

    picture = PictureShelf(tmp_path).picture(["mug"], fail)
    assert picture.uri == ""
    assert picture.fault == "texture.png: is no image"
    assert not list(tmp_path.glob(".pictures/*"))


def test_transparency_survives(tmp_path: Path) -> None:
    picture = np.zeros((8, 8, 4), dtype=np.uint8)
    picture[:4] = 255
    shown = cv2.imdecode(np.frombuffer(encode(picture), dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    assert shown is not None
    assert shown[0, 0, 3] == 255
    assert shown[7, 7, 3] == 0
