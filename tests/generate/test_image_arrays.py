"""Arrays of images: exact within their step, and the same bytes each time."""

from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.generate.image_arrays import (
    DEPTH_STEP_M,
    NORMAL_STEP,
    quantised_depth,
    quantised_normal,
    write_arrays,
)


def test_depth_is_exact_to_half_a_step() -> None:
    """No hit stays 0, and what is too far is the largest number."""
    depth_m = np.array([[0.0, 0.51237], [2.3, 9.0]], dtype=np.float32)
    stored = quantised_depth(depth_m)
    assert stored[0, 0] == 0
    assert stored[1, 1] == 65535
    near = stored[[0, 1], [1, 0]] * DEPTH_STEP_M
    assert near == pytest.approx(depth_m[[0, 1], [1, 0]], abs=DEPTH_STEP_M / 2 + 1e-7)


def test_normals_are_exact_to_half_a_step() -> None:
    """Nothing stays nothing; directions come back within 0.4 degrees."""
    normals = np.random.default_rng(1).normal(size=(40, 50, 3))
    normals = (normals / np.linalg.norm(normals, axis=2, keepdims=True)).astype(np.float32)
    normals[0, 0] = 0
    stored = quantised_normal(normals)
    assert stored.dtype == np.int8
    assert (stored[0, 0] == 0).all()
    read = stored.astype(float) * NORMAL_STEP
    assert read == pytest.approx(normals, abs=NORMAL_STEP / 2 + 1e-6)
    cosine = (read * normals).sum(axis=2) / np.maximum(np.linalg.norm(read, axis=2), 1e-9)
    assert np.degrees(np.arccos(np.clip(cosine.reshape(-1)[1:], -1, 1))).max() < 0.4


def test_arrays_come_back_from_the_same_bytes(tmp_path: Path) -> None:
    """Written twice; numpy reads them without pickle."""
    arrays = {"depth": np.arange(24, dtype=np.uint16).reshape(2, 3, 4), "names": np.array(["background", "can"])}
    write_arrays(tmp_path / "a.npz", arrays)
    write_arrays(tmp_path / "b.npz", arrays)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as read:
        assert np.array_equal(read["depth"], arrays["depth"])
        assert read["names"].tolist() == ["background", "can"]
