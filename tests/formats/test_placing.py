"""Where things stand: any upward axis, maps that are no poses, and names that become words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.tiny_scans import bracket

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.placing import (
    Y_UP,
    Z_UP,
    check_placement,
    level_view,
    nearest_axis,
    place,
    turn_to_y_up,
    words,
)
from blueprint.pipeline.formats.raw_scan import RawMesh, RawSurface

AXES = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
unit_numbers = st.floats(-1, 1)


def mesh() -> RawMesh:
    made = bracket((1.0, 0.7, 0.4))
    return RawMesh("a.glb", (RawSurface(np.asarray(made.vertices), np.asarray(made.faces, dtype=np.int32)),))


@pytest.mark.parametrize("up", AXES)
def test_any_axis_is_turned_up_without_mirroring(up: tuple[float, float, float]) -> None:
    turn = turn_to_y_up(up)
    np.testing.assert_allclose(turn @ up, (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    assert nearest_axis(np.array(up, dtype=float)) == up


def test_z_up_becomes_y_up_as_exporters_do_it() -> None:
    np.testing.assert_allclose(turn_to_y_up(Z_UP) @ [1, 2, 3], [1, 3, -2], atol=1e-12)
    np.testing.assert_array_equal(turn_to_y_up(Y_UP), np.eye(3))
    # Seen from the origin: right is +X, up is +Z, and what lies behind is -Y.
    np.testing.assert_allclose(level_view(Z_UP)[:3, :3], [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12)


@given(st.tuples(unit_numbers, unit_numbers, unit_numbers).filter(lambda v: np.linalg.norm(v) > 0.1))
def test_any_direction_is_turned_up(direction: tuple[float, float, float]) -> None:
    unit = np.array(direction) / np.linalg.norm(direction)
    turn = turn_to_y_up((float(unit[0]), float(unit[1]), float(unit[2])))
    np.testing.assert_allclose(turn @ unit, (0, 1, 0), atol=1e-2)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)


@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9))
def test_a_placed_mesh_is_where_its_matrix_says_and_never_inside_out(numbers: list[float]) -> None:
    T = np.eye(4)
    T[:3, :3] = np.reshape(numbers, (3, 3))
    T[:3, 3] = (1, 2, 3)
    entry = place("a", "a", mesh(), T, Y_UP)
    np.testing.assert_allclose(entry.posed.vertices(), mesh().vertices() @ T[:3, :3].T + T[:3, 3])
    a, b, c = (entry.posed.vertices()[entry.posed.faces()[:, corner]] for corner in range(3))
    assert float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) > -1e-6
    # Without a pose of its own there is always a reason.
    assert entry.canonical is not None or entry.remarks


@pytest.mark.parametrize(
    "T",
    [np.zeros((4, 4)), np.diag([1, 1, 0, 1.0]), np.diag([1, 1, np.nan, 1]), np.diag([1, 1, 1, 2.0]), 1e12 * np.eye(4)],
)
def test_matrices_that_place_nothing_are_refused(T: np.ndarray) -> None:
    with pytest.raises(ScanError, match=r"poses\.json: a"):
        check_placement(np.asarray(T, dtype=float), "poses.json: a")


@pytest.mark.parametrize(
    ("name", "said"), [("soup_can_12", "soup can"), ("Lamp", "Lamp"), ("12", "12"), ("mug.003", "mug"), ("_", "_")]
)
def test_names_become_words(name: str, said: str) -> None:
    assert words(name) == said
