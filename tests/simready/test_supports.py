from pathlib import Path

import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Role
from blueprint.pipeline.simready.hulls import hull_of, hull_volume_m3
from blueprint.pipeline.simready.slabs import with_slabs
from blueprint.pipeline.simready.solids import solid_of
from blueprint.pipeline.simready.supports import propose_supports, slab_of


def supports_of(folder: Path, mesh: TriangleMesh) -> list:
    prop = shapes.prop_of(folder, mesh, "table", role=Role.FURNITURE)
    return propose_supports(prop, {"body": solid_of([mesh])})


def bookcase(gap_m: float) -> TriangleMesh:
    """Return two boards over one another between two sides."""
    board = shapes.box(0.8, 0.3, 0.02)
    sides = [shapes.moved(shapes.box(0.02, 0.3, 1.0), x_m=x) for x in (-0.4, 0.4)]
    return shapes.joined(*sides, shapes.moved(board, z_m=0.3), shapes.moved(board, z_m=0.32 + gap_m))


def test_a_table_top_is_found_with_its_size_and_thickness(tmp_path: Path) -> None:
    (found,) = supports_of(tmp_path, shapes.table())
    surface = found.surface
    assert surface.T_prop_surface.position_m == pytest.approx((0, 0, 0.75), abs=0.006)
    assert surface.half_size_m == pytest.approx((0.6, 0.35), abs=0.01)
    assert surface.thickness_m == pytest.approx(0.03, abs=1e-4)
    assert "0.84 m2" in found.why


def test_the_slab_ends_at_the_surface(tmp_path: Path) -> None:
    (found,) = supports_of(tmp_path, shapes.table())
    slab = slab_of(found.surface)
    top = slab.T_prop_box.position_m[2] + slab.half_extents_m[2]
    assert top == pytest.approx(found.surface.T_prop_surface.position_m[2])


def test_no_hull_rises_above_the_slab_and_legs_stay(tmp_path: Path) -> None:
    mesh = shapes.table()
    surface = supports_of(tmp_path, mesh)[0].surface
    hulls = [hull_of(piece.vertices_m) for piece in solid_of([mesh]).components()]
    kept = with_slabs(hulls, [surface])
    assert len(kept) == 4
    assert all(hull.vertices_m[:, 2].max() < surface.T_prop_surface.position_m[2] for hull in kept)
    assert all(hull.vertices_m[:, 2].min() == 0 for hull in kept)


def test_a_hull_that_bridges_a_surface_is_parted_around_it(tmp_path: Path) -> None:
    surface = supports_of(tmp_path, shapes.table())[0].surface
    block = hull_of(shapes.moved(shapes.box(1.4, 0.7, 0.6), z_m=0.5).vertices_m)
    parts = with_slabs([block], [surface])
    inside = np.array([0.0, 0.0, surface.T_prop_surface.position_m[2] + 0.05])
    assert all(height > 0 for height in _heights(parts, inside))
    above = sum(hull_volume_m3(part) for part in parts if part.vertices_m[:, 2].max() > 0.8)
    assert above == pytest.approx(2 * 0.1 * 0.7 * 0.35, rel=0.1)


def _heights(hulls: list[TriangleMesh], point: np.ndarray) -> list[float]:
    from blueprint.pipeline.simready.hulls import height_above

    return [float(height_above(hull, point[None])[0]) for hull in hulls]


@pytest.mark.parametrize(("gap_m", "expected"), [(0.25, ["top", "level_1"]), (0.05, ["top"])])
def test_a_shelf_counts_only_where_something_fits_under_the_next(
    tmp_path: Path, gap_m: float, expected: list[str]
) -> None:
    assert [found.surface.name for found in supports_of(tmp_path, bookcase(gap_m))] == expected


def test_slopes_and_small_tops_carry_nothing(tmp_path: Path) -> None:
    tilted = shapes.table()
    roll = np.array([[1, 0, 0], [0, np.cos(0.4), -np.sin(0.4)], [0, np.sin(0.4), np.cos(0.4)]])
    assert supports_of(tmp_path, TriangleMesh(tilted.vertices_m @ roll.T, tilted.faces)) == []
    assert supports_of(tmp_path, shapes.box(0.1, 0.1, 0.5)) == []
