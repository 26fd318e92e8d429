"""Particulate predictions: the normalised, turned frame is undone, and damaged predictions are named."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.formats.tiny_scans import bracket, write_prediction

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.glb import read_obj_geometry
from blueprint.pipeline.formats.particulate import find_prediction, read_prediction
from blueprint.pipeline.formats.raw_scan import RawMesh, RawSurface

MESH = bracket((2.0, 5.0, 3.0))
MESH.vertices = np.add(MESH.vertices, (10.0, -4.0, 7.0))
PARTS = (np.arange(len(MESH.faces)) >= 12).astype(np.int32)


def normalised(points: np.ndarray) -> np.ndarray:
    """Map points of the input frame to the prediction's: Z up, centred on the box, largest extent 1."""
    turned, box = (np.asarray(part)[:, [0, 2, 1]] * [1, -1, 1] for part in (np.atleast_2d(points), MESH.vertices))
    low, high = box.min(axis=0), box.max(axis=0)
    return (turned - (low + high) / 2) / (high - low).max()


def read(folder: Path, **fields: Any):
    write_prediction(folder, MESH, PARTS, fields)
    geometry = RawMesh("pred.obj", (RawSurface(*read_obj_geometry(folder / "pred.obj", "pred.obj")),))
    return read_prediction(folder, geometry, "scan/eval")


def hinge(point: np.ndarray, axis: np.ndarray, limits: tuple[float, float] = (-0.5, 1.0)) -> dict[str, np.ndarray]:
    point_n = normalised(point)[0]
    axis_n = np.asarray(axis)[[0, 2, 1]] * [1, -1, 1]
    line = np.concatenate([axis_n, np.cross(axis_n, point_n)])
    return {
        "is_part_revolute": np.array([False, True]),
        "revolute_plucker": np.stack([np.zeros(6), line]),
        "revolute_range": np.array([[0, 0], limits]),
    }


@given(
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda axis: np.linalg.norm(axis) > 0.1),
    st.tuples(*[st.floats(-9, 9)] * 3),
)
def test_a_hinge_comes_back_on_its_line(axis: tuple[float, ...], point: tuple[float, ...]) -> None:
    unit = np.asarray(axis) / np.linalg.norm(axis)
    with tempfile.TemporaryDirectory() as folder:
        (joint,) = read(Path(folder), **hinge(np.asarray(point), unit)).joints
    np.testing.assert_allclose(joint.axis, unit, atol=1e-9)
    gap = np.subtract(joint.origin, point)
    np.testing.assert_allclose(gap - (gap @ unit) * unit, 0, atol=1e-6)
    assert (joint.kind, joint.parent, joint.child, joint.lower, joint.upper) == ("revolute", 0, 1, -0.5, 1.0)


def test_a_slide_comes_back_in_the_meshs_units(tmp_path: Path) -> None:
    axis = np.array([[0, 0, 0], [0.0, -1.0, 0.0]])
    fields = {
        "is_part_prismatic": np.array([False, True]),
        "prismatic_axis": axis,
        "prismatic_range": np.array([[0, 0], [0, 0.4]]),
    }
    (joint,) = read(tmp_path, **fields).joints
    # Backwards in the Z-up frame is +Z in the mesh's; the largest extent is 5 units.
    np.testing.assert_allclose(joint.axis, (0, 0, 1), atol=1e-12)
    assert (joint.kind, joint.lower, joint.upper) == ("prismatic", 0.0, pytest.approx(2.0))


def test_a_part_that_does_both_is_a_hinge_and_one_that_does_neither_has_no_joint(tmp_path: Path) -> None:
    both = hinge(np.zeros(3), np.array([0, 1.0, 0])) | {"is_part_prismatic": np.array([False, True])}
    assert [joint.kind for joint in read(tmp_path / "both", **both).joints] == ["revolute"]
    prediction = read(tmp_path / "neither")
    assert prediction.joints == ()
    np.testing.assert_array_equal(prediction.face_part_ids, PARTS)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"face_part_ids": np.zeros(3, dtype=np.int32)}, "face_part_ids has shape"),
        ({"face_part_ids": PARTS + 5}, "face_part_ids names part 6"),
        ({"face_part_ids": PARTS - 1}, "face_part_ids runs from -1"),
        ({"face_part_ids": PARTS.astype(np.uint64) + 2**33}, "face_part_ids runs from 8589934592"),
        ({"face_part_ids": PARTS.astype(float)}, "face_part_ids has shape"),
        ({"is_part_revolute": np.zeros(99, dtype=bool)}, "is_part_revolute has shape"),
        ({"revolute_plucker": np.zeros((2, 3))}, "revolute_plucker has shape"),
        ({"motion_hierarchy": np.array([[0, 7]])}, "motion_hierarchy of shape"),
        ({"motion_hierarchy": np.array([[np.nan, 1]])}, "motion_hierarchy of shape"),
        ({"motion_hierarchy": np.array([[0, 1], [0, 1]])}, "two parents"),
        ({"motion_hierarchy": np.array([[1, 1]])}, "its own ancestor"),
        ({"motion_hierarchy": np.array([[0, 1], [1, 0]])}, "its own ancestor"),
        ({"is_part_revolute": np.array([False, True])}, "axis of part 1 has length 0"),
    ],
)
def test_damaged_predictions_are_named(tmp_path: Path, fields: dict[str, np.ndarray], complaint: str) -> None:
    with pytest.raises(ScanError, match=rf"scan/eval/pred\.npz: .*{complaint}"):
        read(tmp_path, **fields)


def test_predictions_are_found_beside_the_object(tmp_path: Path) -> None:
    write_prediction(tmp_path / "a/eval", MESH, PARTS, {})
    write_prediction(tmp_path / "b", MESH, PARTS, {})
    assert find_prediction([tmp_path / "none", tmp_path / "a"]) == tmp_path / "a/eval"
    assert find_prediction([tmp_path / "b"]) == tmp_path / "b"
    assert find_prediction([tmp_path / "none"]) is None


def numbers(*shape: int) -> st.SearchStrategy[np.ndarray]:
    """Draw arrays with everything that floats can be."""
    return arrays(
        np.float64, shape, elements=st.one_of(st.floats(-3, 3), st.sampled_from([np.nan, np.inf, 0.0, 1e308]))
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edges=arrays(np.int64, st.tuples(st.integers(0, 4), st.just(2)), elements=st.integers(-1, 4)),
    hinges=arrays(bool, 4),
    slides=arrays(bool, 4),
    plucker=numbers(4, 6),
    axes=numbers(4, 3),
    limits=numbers(4, 2),
)
def test_any_prediction_is_read_as_a_tree_or_refused(tmp_path: Path, edges: np.ndarray, hinges: np.ndarray,
                                                     slides: np.ndarray, plucker: np.ndarray, axes: np.ndarray,
                                                     limits: np.ndarray) -> None:  # fmt: skip
    try:
        prediction = read(tmp_path, motion_hierarchy=edges, is_part_revolute=hinges, is_part_prismatic=slides,
                          revolute_plucker=plucker, prismatic_axis=axes, revolute_range=limits,
                          prismatic_range=limits)  # fmt: skip
    except ScanError:
        return
    children = [joint.child for joint in prediction.joints]
    assert len(set(children)) == len(children)
    for joint in prediction.joints:
        assert joint.parent != joint.child
        assert np.linalg.norm(joint.axis) == pytest.approx(1.0)
        assert joint.child in edges[:, 1]


def test_two_roots_are_read_as_they_are(tmp_path: Path) -> None:
    """Which of them stands still is decided where parts become bodies."""
    prediction = read(tmp_path, motion_hierarchy=np.zeros((0, 2), dtype=np.int64))
    assert prediction.joints == ()
    assert set(prediction.face_part_ids) == {0, 1}


def test_reversed_and_empty_ranges_arrive_as_they_are(tmp_path: Path) -> None:
    """What a joint may do with them is decided where joints are made, with a reason."""
    fields = hinge(np.zeros(3), np.array([0, 1.0, 0]))
    (joint,) = read(tmp_path / "a", **{**fields, "revolute_range": np.array([[0, 0], [1.0, -0.5]])}).joints
    assert (joint.lower, joint.upper) == (1.0, -0.5)
    (still,) = read(tmp_path / "b", **{**fields, "revolute_range": np.zeros((2, 2))}).joints
    assert (still.lower, still.upper) == (0.0, 0.0)
