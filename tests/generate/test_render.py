"""Arrays of images: exact within their step, and the same bytes each time."""

from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.generate.render import DEPTH_STEP_M, quantised_depth, write_arrays
from blueprint.pipeline.sims.protocols import Frame


def frame(depth_m: np.ndarray) -> Frame:
    """Return a frame with a depth image."""
    return Frame(np.zeros((*depth_m.shape, 3), np.uint8), depth_m.astype(np.float32), np.zeros(depth_m.shape, np.int32))


def test_depth_is_exact_to_half_a_step() -> None:
    """No hit stays 0, and what is too far is the largest number."""
    depth_m = np.array([[0.0, 0.51237], [2.3, 9.0]])
    stored = quantised_depth(frame(depth_m))
    assert stored[0, 0] == 0
    assert stored[1, 1] == 65535
    near = stored[[0, 1], [1, 0]] * DEPTH_STEP_M
    assert near == pytest.approx(depth_m[[0, 1], [1, 0]], abs=DEPTH_STEP_M / 2 + 1e-7)


def test_arrays_come_back_from_the_same_bytes(tmp_path: Path) -> None:
    """Written twice; numpy reads them without pickle."""
    arrays = {"depth": np.arange(24, dtype=np.uint16).reshape(2, 3, 4), "names": np.array(["background", "can"])}
    write_arrays(tmp_path / "a.npz", arrays)
    write_arrays(tmp_path / "b.npz", arrays)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as read:
        assert np.array_equal(read["depth"], arrays["depth"])
        assert read["names"].tolist() == ["background", "can"]
