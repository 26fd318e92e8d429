"""Pictures and ids of one clip move together, in the same frame and the same camera."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.certify.binding import agreement, binding_fault, colour_changes, id_changes


def moving_square(frames: int = 40, noise: float = 0.02) -> np.ndarray:
    """Return where a square that wanders about changes things (N, H, W), with some noise."""
    rng = np.random.default_rng(3)
    changes = rng.random((frames, 32, 32)) < noise
    path = np.cumsum(rng.integers(-3, 4, size=(frames, 2)), axis=0) + 16
    for frame, (row, column) in enumerate(np.clip(path, 0, 26)):
        changes[frame, row : row + 6, column : column + 6] = True
    return changes


def test_a_clip_belongs_to_itself() -> None:
    assert binding_fault(moving_square(), moving_square(noise=0.0)) == ""


@pytest.mark.parametrize("lag", [-10, -5, -1, 1, 5, 10])
def test_a_shift_is_measured(lag: int) -> None:
    ids = moving_square(noise=0.0)
    fault = binding_fault(np.roll(moving_square(), lag, axis=0), ids)
    assert fault == f"pictures are {abs(lag)} frames {'behind' if lag > 0 else 'ahead of'} the instance ids"


def test_another_cameras_pictures_do_not_belong() -> None:
    fault = binding_fault(moving_square()[:, :, ::-1][::-1], moving_square(noise=0.0) & False | _elsewhere())
    assert fault.startswith("pictures do not move with the instance ids")


def _elsewhere() -> np.ndarray:
    changes = np.zeros((40, 32, 32), dtype=bool)
    changes[::7, :2, :2] = True
    return changes


def test_ids_that_never_change_bind_nothing() -> None:
    assert "no id ever changes" in binding_fault(moving_square(), np.zeros((40, 32, 32), dtype=bool))


def test_changes_are_those_from_frame_to_frame() -> None:
    ids = np.zeros((3, 4, 4), dtype=np.uint8)
    ids[1, 0, 0] = ids[2, 2, 2] = 1
    assert np.argwhere(id_changes(ids)).tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 1]]
    first, second = np.zeros((4, 4, 3), dtype=np.uint8), np.full((4, 4, 3), 12, dtype=np.uint8)
    assert not colour_changes(first, second).any()
    second[2, 2, 1] = 13
    assert np.argwhere(colour_changes(first, second)).tolist() == [[1, 1]]


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
def test_agreement_is_a_correlation(first: int, second: int) -> None:
    a, b = (np.array([bits >> at & 1 for at in range(16)], dtype=bool) for bits in (first, second))
    value = agreement(a, b)
    assert -1 - 1e-9 <= value <= 1 + 1e-9
    assert value == pytest.approx(agreement(b, a))
    if a.any() and not a.all() and b.any() and not b.all():
        assert value == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-9)
