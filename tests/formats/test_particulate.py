"""Particulate predictions: the normalised, turned frame is undone, and damaged predictions are named."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
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
        ({"face_part_ids": PARTS - 1}, "face_part_ids has shape"),
        ({"is_part_revolute": np.zeros(99, dtype=bool)}, "is_part_revolute has shape"),
        ({"revolute_plucker": np.zeros((2, 3))}, "revolute_plucker has shape"),
        ({"motion_hierarchy": np.array([[0, 7]])}, "motion_hierarchy of shape"),
        ({"motion_hierarchy": np.array([[0, 1], [0, 1]])}, "two parents or itself"),
        ({"motion_hierarchy": np.array([[1, 1]])}, "two parents or itself"),
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
