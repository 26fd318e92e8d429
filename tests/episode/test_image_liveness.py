"""A camera that lives passes; every way to be dead is found, with the frame that shows it."""

import numpy as np
import pytest

from blueprint.pipeline.episode.image_liveness import (
    INSIDE_M,
    check_depth,
    check_ids,
    check_normals,
    check_rgb,
    filled_from_close,
)

FRAMES, HEIGHT, WIDTH = 5, 24, 32


@pytest.fixture
def rgb() -> np.ndarray:
    """Frames of noise."""
    return np.random.default_rng(1).integers(0, 255, (FRAMES, HEIGHT, WIDTH, 3)).astype(np.uint8)


@pytest.fixture
def depth_m() -> np.ndarray:
    """A slanted plane that comes nearer, with sky above."""
    depth = np.linspace(0.5, 1.5, HEIGHT)[:, None] + np.zeros(WIDTH) - 0.01 * np.arange(FRAMES)[:, None, None]
    depth[:, :4] = 0
    return depth.astype(np.float32)


@pytest.fixture
def normals() -> np.ndarray:
    """Directions all over the sphere, and nothing in a corner."""
    found = np.random.default_rng(2).normal(size=(FRAMES, HEIGHT, WIDTH, 3))
    found /= np.linalg.norm(found, axis=3, keepdims=True)
    found[:, :3, :3] = 0
    return found.astype(np.float32)


def test_what_lives_passes(rgb: np.ndarray, depth_m: np.ndarray, normals: np.ndarray) -> None:
    assert check_rgb("side", rgb) == []
    assert check_depth("side", depth_m, 0.1, 10.0) == []
    assert check_normals("side", normals) == []
    assert check_ids("side", rgb[..., 0] % 7, 7) == []


def test_black_blank_and_overexposed_frames_are_found(rgb: np.ndarray) -> None:
    rgb[3] = 0
    (dead,) = check_rgb("side", rgb)
    assert (dead.camera, dead.channel, dead.frame) == ("side", "rgb", 3)
    assert "black" in dead.fault
    rgb[3, :, :, 0] = np.where(np.arange(WIDTH) < 0.9 * WIDTH, 252, 0)
    (dead,) = check_rgb("side", rgb)
    assert dead.frame == 3
    assert "overexposed" in str(dead)


def test_a_camera_that_never_changes_is_dead(rgb: np.ndarray, depth_m: np.ndarray) -> None:
    rgb[:], depth_m[:] = rgb[0], depth_m[0]
    assert [(dead.frame, dead.fault) for dead in check_rgb("side", rgb)] == [(None, "never changes")]
    assert [(dead.frame, dead.fault) for dead in check_depth("side", depth_m)] == [(None, "never changes")]
    # One frame cannot change.
    assert check_rgb("side", rgb[:1]) == []


@pytest.mark.parametrize(
    ("value", "fault"),
    [(np.nan, "finite"), (np.inf, "finite"), (-0.3, "outside"), (0.01, "outside"), (50.0, "outside")],
)
def test_depth_must_be_a_distance(depth_m: np.ndarray, value: float, fault: str) -> None:
    depth_m[2, 10, 10] = value
    found = check_depth("side", depth_m, 0.1, 10.0)
    assert any(dead.frame == 2 and fault in dead.fault for dead in found)


def test_depth_of_nothing_or_of_one_plane_is_dead(depth_m: np.ndarray) -> None:
    empty = depth_m.copy()
    empty[1] = 0
    assert [(dead.frame, dead.fault) for dead in check_depth("side", empty)] == [(1, "meets almost nothing")]
    flat = depth_m.copy()
    flat[4] = np.where(flat[4] > 0, 1.0, 0.0)
    assert [(dead.frame, dead.fault) for dead in check_depth("side", flat)] == [(4, "shows one plane")]


def test_depth_that_spans_too_little_is_dead_though_it_varies(depth_m: np.ndarray) -> None:
    """4 cm of noise on a wall is no scene; 6 cm are."""
    noisy, speck = depth_m.copy(), depth_m.copy()
    noisy[2] = np.random.default_rng(4).uniform(1.0, 1.04, (HEIGHT, WIDTH))
    assert [(dead.frame, dead.fault) for dead in check_depth("side", noisy)] == [(2, "shows one plane")]
    speck[2] = 1.0
    speck[2, 0, 0] = 1.06
    assert check_depth("side", speck) == []


def test_ids_must_exist_and_differ() -> None:
    ids = np.random.default_rng(3).integers(0, 5, (FRAMES, HEIGHT, WIDTH))
    ids[2, 0, 0] = 5
    assert [(dead.frame, dead.fault) for dead in check_ids("side", ids, 5)] == [(2, "names what does not exist")]
    ids[2, 0, 0], ids[4] = 0, 3
    (dead,) = check_ids("side", ids, 5, "semantic")
    assert (dead.channel, dead.frame, dead.fault) == ("semantic", 4, "shows one thing only")


def test_normals_must_be_directions(normals: np.ndarray) -> None:
    long = normals.copy()
    long[1, 5, 5] *= 1.1
    assert [dead.frame for dead in check_normals("side", long)] == [1]
    same = normals.copy()
    same[3] = (0.0, 0.0, 1.0)
    assert [(dead.frame, dead.fault) for dead in check_normals("side", same)] == [(3, "points one way everywhere")]
    nothing = normals.copy()
    nothing[0] = 0
    assert [(dead.frame, dead.fault) for dead in check_normals("side", nothing)] == [(0, "meets nothing")]


def test_a_camera_right_before_a_door_may_see_nothing_else(depth_m: np.ndarray, normals: np.ndarray) -> None:
    """From 0.3 m one plane of one thing is what there is; from 0.8 m, or with a hole in it, it is a fault."""
    ids = np.random.default_rng(3).integers(0, 5, (FRAMES, HEIGHT, WIDTH))
    ids[2], normals[2] = 3, (0.0, 0.0, 1.0)
    for distance_m, hole, dead in ((0.3, False, False), (0.8, False, True), (0.3, True, True)):
        near = depth_m.copy()
        near[2] = distance_m
        if hole:
            near[2, 0, 0] = 0.0
        filled = filled_from_close(near)
        assert filled_from_close(near, INSIDE_M)[2] != hole
        assert filled[2] != dead
        assert [each.frame for each in check_depth("wrist", near)] == [2] * dead
        assert [each.frame for each in check_ids("wrist", ids, 5, filled=filled)] == [2] * dead
        assert [each.frame for each in check_normals("wrist", normals, filled)] == [2] * dead
