import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.fidelity import distance_to_outside_m, measure_fidelity, union_volume
from blueprint.pipeline.simready.hulls import hull_of, hull_volume_m3
from blueprint.pipeline.simready.solids import solid_of


def stream() -> np.random.Generator:
    return np.random.default_rng(1)


def cube(x_m: float = 0.0, side_m: float = 1.0) -> TriangleMesh:
    return hull_of(shapes.moved(shapes.box(side_m, side_m, side_m), x_m=x_m).vertices_m)


def test_a_hull_that_fills_a_cavity_is_near_the_thin_wall_but_stands_far_out() -> None:
    cup = solid_of([shapes.cup(0.04, 0.09)])
    hull = hull_of(cup.vertices_m)
    filled = measure_fidelity(cup, [hull], stream())
    assert filled.volume_ratio == pytest.approx(hull_volume_m3(hull) / cup.volume_m3)
    assert filled.volume_error == 0
    assert filled.distance_max_m == pytest.approx(0.004, abs=0.001)
    assert filled.beyond_p95_m == pytest.approx(0.019, abs=0.005)


def test_what_is_left_bare_counts_as_well() -> None:
    cup = solid_of([shapes.cup(0.04, 0.09)])
    low = hull_of(cup.vertices_m[cup.vertices_m[:, 2] < 0.05])
    assert measure_fidelity(cup, [low], stream()).distance_max_m == pytest.approx(0.086, abs=0.004)


def test_an_exact_hull_is_nowhere_away() -> None:
    exact = measure_fidelity(solid_of([shapes.box(1, 1, 1)]), [cube()], stream())
    assert exact.distance_max_m < 1e-9
    assert exact.beyond_p95_m < 1e-9
    assert exact.volume_ratio == pytest.approx(1.0)


def test_an_open_surface_has_no_volume_to_compare_with() -> None:
    sheet = TriangleMesh(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.0]]), np.array([[0, 1, 2], [0, 2, 3]]))
    found = measure_fidelity(solid_of([sheet], patched_at_most=0.0), [cube()], stream())
    assert (found.volume_ratio, found.volume_error) == (None, None)
    assert "encloses no volume" in found.sentence()


@pytest.mark.parametrize(("offset_m", "expected_m3"), [(0.5, 1.5), (2.0, 2.0), (0.0, 1.0)])
def test_an_overlap_is_counted_once_within_the_stated_error(offset_m: float, expected_m3: float) -> None:
    union = union_volume([cube(), cube(offset_m)], stream())
    assert abs(union.volume_m3 - expected_m3) <= 4 * union.error_m3 + 1e-9
    assert union.error_m3 < 0.01


def test_a_face_inside_another_piece_is_no_outside() -> None:
    # The nearest face of the second cube, at x = 0.25, is buried in the first one.
    point = np.array([[0.25, 0.0, 0.5]])
    found = distance_to_outside_m(point, [cube(), cube(0.75)], stream())
    assert found[0] == pytest.approx(0.5, abs=0.01)
