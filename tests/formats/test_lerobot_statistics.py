"""Exact statistics, each against numpy on the values themselves, and the defects that other writers are known for."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from blueprint.pipeline.formats.lerobot_statistics import (
    QUANTILES,
    column_statistics,
    image_histogram,
    image_statistics,
    table_statistics,
)


def _rng() -> np.random.Generator:
    return np.random.default_rng(11)


def _frames(count: int, size: int = 24) -> list[NDArray[np.uint8]]:
    return [_rng().integers(0, 256, (size, size, 3), dtype=np.uint8) for _ in range(count)]


@given(arrays(np.float32, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.floats(-1e3, 1e3, width=32)))
def test_columns_are_measured_as_numpy_does_in_double(values: NDArray[np.float32]) -> None:
    measured, wide = column_statistics(values), values.astype(np.float64)
    assert np.allclose(measured["mean"], wide.mean(axis=0), rtol=0, atol=1e-9)
    assert np.allclose(measured["std"], wide.std(axis=0), rtol=0, atol=1e-9)
    assert np.array_equal(measured["min"], values.min(axis=0))
    assert np.array_equal(measured["max"], values.max(axis=0))
    assert measured["count"].tolist() == [len(values)]
    for name, share in QUANTILES.items():
        assert np.allclose(measured[name], np.quantile(wide, share, axis=0))


@given(arrays(np.float64, st.integers(2, 80), elements=st.floats(-1e6, 1e6)))
def test_quantiles_are_ordered_and_inside_the_range(values: NDArray[np.float64]) -> None:
    measured = column_statistics(values)
    path = [float(measured[name][0]) for name in ("min", "q01", "q10", "q50", "q90", "q99", "max")]
    assert all(low <= high + 1e-9 * max(1.0, abs(high)) for low, high in itertools.pairwise(path))


def test_integers_keep_integer_extremes() -> None:
    measured = column_statistics(np.array([7, 2**53 + 1, 3], dtype=np.int64))
    assert (measured["min"].dtype, measured["max"].dtype) == (np.int64, np.int64)
    assert (measured["min"].tolist(), measured["max"].tolist()) == ([3], [2**53 + 1])


def test_truth_counts_as_zero_and_one() -> None:
    measured = column_statistics(np.array([False, True, True, False]))
    assert (measured["min"].tolist(), measured["max"].tolist(), measured["mean"].tolist()) == ([0], [1], [0.5])


def test_scalars_have_one_dimension() -> None:
    measured = table_statistics({"next.reward": np.array([0.0, 1.0]), "action": np.zeros((2, 3))})
    assert {measure.shape for measure in measured["next.reward"].values()} == {(1,)}
    assert measured["action"]["mean"].shape == (3,)
    assert measured["action"]["count"].shape == (1,)


def test_the_spread_of_a_joint_far_from_zero_is_right() -> None:
    """E[x^2] - E[x]^2 in single precision gives 0.0 or 0.044 here."""
    joint = (100 + _rng().normal(0, 0.01, 20_000)).astype(np.float32)
    single = joint.mean(dtype=np.float32)
    naive = np.sqrt(max(float((joint**2).mean(dtype=np.float32) - single**2), 0.0))
    assert abs(naive - 0.01) > 0.005
    assert column_statistics(joint)["std"][0] == pytest.approx(0.01, rel=0.02)


def test_quantiles_of_a_dataset_are_not_averages_of_episodes() -> None:
    """The count-weighted mean of the episodes' quantiles gives 2.7 and 7.3 for N(0, 1) and N(10, 1)."""
    first, second = _rng().normal(0, 1, 20_000), _rng().normal(10, 1, 20_000)
    measured = column_statistics(np.concatenate([first, second]))
    averaged = [(column_statistics(first)[name][0] + column_statistics(second)[name][0]) / 2 for name in ("q01", "q99")]
    assert averaged == pytest.approx([2.7, 7.3], abs=0.15)
    assert [measured["q01"][0], measured["q99"][0]] == pytest.approx([-2.05, 12.05], abs=0.1)


def test_images_are_measured_as_numpy_measures_their_pixels() -> None:
    frames = [(frame // 3 + 40 * at).astype(np.uint8) for at, frame in enumerate(_frames(4))]
    measured = image_statistics(image_histogram(frames), len(frames))
    pixels = np.stack(frames).reshape(-1, 3).astype(np.float64) / 255
    for name, expected in (
        ("min", pixels.min(0)),
        ("max", pixels.max(0)),
        ("mean", pixels.mean(0)),
        ("std", pixels.std(0)),
    ):
        assert measured[name].shape == (3, 1, 1)
        assert np.allclose(measured[name].ravel(), expected, atol=1e-12), name
    for name, share in QUANTILES.items():
        exact = np.quantile(pixels, share, axis=0, method="inverted_cdf")
        assert np.allclose(measured[name].ravel(), exact, atol=1e-12), name


def test_the_squares_of_bytes_do_not_overflow() -> None:
    """Squares in eight bits gave a spread of 0.0038 where 0.163 was true."""
    frames = [np.clip(frame.astype(float) * 0.55 + 60, 0, 255).astype(np.uint8) for frame in _frames(3)]
    pixels = np.stack(frames).astype(np.float64) / 255
    measured = image_statistics(image_histogram(frames), 3)["std"].ravel()
    assert measured == pytest.approx(pixels.reshape(-1, 3).std(axis=0), abs=1e-12)
    assert measured.min() > 0.15


def test_images_are_counted_and_not_their_pixels() -> None:
    assert image_statistics(image_histogram(_frames(5)), 5)["count"].tolist() == [5]


def test_histograms_of_episodes_add_up_to_that_of_the_dataset() -> None:
    frames = _frames(6)
    assert np.array_equal(image_histogram(frames[:2]) + image_histogram(frames[2:]), image_histogram(frames))


def test_an_image_of_one_level_has_no_spread() -> None:
    measured = image_statistics(image_histogram([np.full((8, 8, 3), 51, np.uint8)]), 1)
    assert {name: float(measured[name].max()) for name in ("min", "max", "mean", "q01", "q99")} == pytest.approx(
        dict.fromkeys(("min", "max", "mean", "q01", "q99"), 0.2)
    )
    assert measured["std"].max() < 1e-12
