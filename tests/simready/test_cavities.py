"""Hollows hold what their shape says, and what is not open holds nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.cavities import find_cavity, flood_levels
from blueprint.pipeline.simready.solids import solid_of


def _tray(length_m: float, width_m: float, height_m: float, wall_m: float) -> TriangleMesh:
    """A box without a lid, of five overlapping boards."""
    floor = shapes.box(length_m, width_m, wall_m)
    long = shapes.box(length_m, wall_m, height_m)
    short = shapes.box(wall_m, width_m, height_m)
    x, y = (length_m - wall_m) / 2, (width_m - wall_m) / 2
    sides = [shapes.moved(long, 0, sign * y) for sign in (-1, 1)]
    return shapes.joined(floor, *sides, *(shapes.moved(short, sign * x) for sign in (-1, 1)))


def test_a_cup_holds_what_is_inside_its_wall() -> None:
    cavity = find_cavity(solid_of([shapes.cup(0.04, 0.09, 0.004)]))
    assert cavity is not None
    inside = np.pi * 0.036**2 * 0.086
    assert 0.9 * inside < cavity.capacity_m3 <= 1.01 * inside
    assert cavity.floor_m == pytest.approx(0.004, abs=1e-3)
    assert cavity.rim_m == pytest.approx(0.09, abs=1e-3)
    assert cavity.opening_m == pytest.approx(0.036 * 2**0.5, abs=0.006)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.1, 0.6), st.floats(0.1, 0.6), st.floats(0.04, 0.3))
def test_a_tray_of_any_size_holds_its_inside(length_m: float, width_m: float, height_m: float) -> None:
    cavity = find_cavity(solid_of([_tray(length_m, width_m, height_m, 0.01)]))
    assert cavity is not None
    inside = (length_m - 0.02) * (width_m - 0.02) * (height_m - 0.01)
    assert 0.8 * inside < cavity.capacity_m3 <= 1.05 * inside
    assert sorted(2 * np.array(cavity.room.half_size_m)) == pytest.approx(
        sorted((length_m - 0.02, width_m - 0.02)), abs=0.03
    )


def test_a_wall_without_thickness_holds_all_the_same() -> None:
    closed = shapes.cylinder(0.04, 0.09)
    lid = closed.vertices_m[closed.faces][:, :, 2].min(axis=1) > 0.0899
    cavity = find_cavity(solid_of([TriangleMesh(closed.vertices_m, closed.faces[~lid])], patched_at_most=0.0))
    assert cavity is not None
    assert cavity.capacity_m3 == pytest.approx(np.pi * 0.04**2 * 0.09, rel=0.1)


@pytest.mark.parametrize("mesh", [shapes.cylinder(0.04, 0.09), shapes.box(0.1, 0.2, 0.05), shapes.ball(0.05)])
def test_what_is_closed_holds_nothing(mesh: TriangleMesh) -> None:
    assert find_cavity(solid_of([mesh])) is None


def test_a_ring_without_a_floor_holds_nothing() -> None:
    tray = _tray(0.3, 0.3, 0.1, 0.01)
    walls = TriangleMesh(tray.vertices_m, tray.faces[12:])
    assert find_cavity(solid_of([walls])) is None


def test_water_stands_to_the_lowest_point_of_the_rim() -> None:
    height = np.full((5, 5), 3.0)
    height[2, 2], height[2, 1], height[2, 0] = 0.0, 2.0, 1.0
    level = flood_levels(height)
    assert level[2, 2] == 2.0
    assert level[1, 1] == 3.0
