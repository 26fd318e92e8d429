import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.simready.hulls import hull_of
from blueprint.pipeline.simready.inertia import distribution_of, is_physical
from blueprint.pipeline.simready.solids import solid_of


def test_a_box_has_the_inertia_of_the_textbook() -> None:
    x, y, z = 0.1, 0.2, 0.4
    found = distribution_of(solid_of([shapes.moved(shapes.box(x, y, z), 3.0, -2.0, 1.0)]), [])
    assert found.center_m == pytest.approx((3.0, -2.0, 1.2))
    expected = sorted([(y * y + z * z) / 12, (x * x + z * z) / 12, (x * x + y * y) / 12])
    assert sorted(found.inertia_per_kg_m2) == pytest.approx(expected)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_inertia_is_physical_and_its_axes_rebuild_the_tensor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hull = hull_of(rng.normal(size=(20, 3)) * rng.uniform(0.01, 1.0, 3))
    found = distribution_of(solid_of([hull]), [])
    assert is_physical(found.inertia_per_kg_m2)
    R = rotation_from_quat(found.axes_quat_wxyz)
    tensor = R @ np.diag(found.inertia_per_kg_m2) @ R.T
    sampled = sampled_tensor(hull, np.asarray(found.center_m), rng)
    assert tensor == pytest.approx(sampled, rel=0.1, abs=0.05 * tensor.max())


def sampled_tensor(hull: TriangleMesh, center: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the inertia per kilogram of points drawn evenly inside a hull."""
    from blueprint.pipeline.simready.hulls import height_above

    low, high = hull.bounds_m()
    points = rng.uniform(low, high, size=(60_000, 3))
    offsets = points[height_above(hull, points) < 0] - center
    return (np.einsum("ij,ij->", offsets, offsets) * np.eye(3) - offsets.T @ offsets) / len(offsets)


def test_an_open_surface_takes_the_inertia_of_its_pieces_and_says_so() -> None:
    board = shapes.box(0.4, 0.02, 0.6)
    sheet = solid_of([TriangleMesh(board.vertices_m, board.faces[:2])])
    found = distribution_of(sheet, [hull_of(board.vertices_m)])
    assert "encloses no volume" in found.why
    assert found.center_m == pytest.approx((0.0, 0.0, 0.3))
    assert is_physical(found.inertia_per_kg_m2)


def test_what_no_body_can_have_is_not_physical() -> None:
    assert not is_physical((1.0, 1.0, 2.5))
    assert not is_physical((0.0, 1.0, 1.0))
