"""Walls are measured by rays; colours and holes are measured too."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh, save_texture
from blueprint.pipeline.scene.props import Appearance, Visual
from blueprint.pipeline.simready.inertia import distribution_of, gyration_ratio, is_physical
from blueprint.pipeline.simready.looks import measure_look
from blueprint.pipeline.simready.solids import solid_of
from blueprint.pipeline.simready.standing_faces import level_shares, through_holes
from blueprint.pipeline.simready.walls import measure_walls


@settings(max_examples=20, deadline=None)
@given(st.floats(0.002, 0.008))
def test_a_cups_wall_is_measured_to_a_tenth(wall_m: float) -> None:
    walls = measure_walls(solid_of([shapes.cup(0.04, 0.09, wall_m)]))
    assert walls is not None
    assert walls.thickness_m == pytest.approx(wall_m, rel=0.1)
    assert walls.spread < 0.2


def test_an_open_sheet_has_no_walls() -> None:
    board = shapes.box(0.4, 0.02, 0.6)
    assert measure_walls(solid_of([TriangleMesh(board.vertices_m, board.faces[:2])])) is None


def test_a_skin_turns_harder_than_a_filling() -> None:
    """A hollow sphere has 2/3 m r2, a full one 2/5."""
    ball = solid_of([shapes.ball(0.1, 4)])
    full, skin, half = (distribution_of(ball, [], share) for share in (0.0, 1.0, 0.5))
    assert full.inertia_per_kg_m2 == pytest.approx((0.4 * 0.01,) * 3, rel=0.01)
    assert skin.inertia_per_kg_m2 == pytest.approx((2 / 3 * 0.01,) * 3, rel=0.01)
    assert half.inertia_per_kg_m2 == pytest.approx(((0.4 + 2 / 3) / 2 * 0.01,) * 3, rel=0.01)
    assert half.center_m == pytest.approx((0, 0, 0.1), abs=1e-6)
    assert "50% of the mass in its walls" in half.why
    for lies in (full, skin, half):
        assert is_physical(lies.inertia_per_kg_m2)
        assert 0 < gyration_ratio(ball, lies.center_m, lies.inertia_per_kg_m2) < 1


def test_no_mass_lies_outside_the_box() -> None:
    ball = solid_of([shapes.ball(0.1)])
    assert gyration_ratio(ball, (0, 0, 0.1), (1.0, 1.0, 1.0)) > 1


def test_holes_and_level_ends() -> None:
    assert through_holes(solid_of([shapes.mesh_of(trimesh.creation.torus(0.03, 0.006))])) == 1
    assert through_holes(solid_of([shapes.cup()])) == 0
    top, base = level_shares(solid_of([shapes.cup()]))
    # A rim is a ring, and what stands on it stands on all of it.
    assert top > 0.8
    assert base > 0.9


def test_a_texture_is_seen_where_the_mesh_shows_it(tmp_path: Path) -> None:
    """Only the left half of the picture, brown, is laid on the box; the right half is blue."""
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:, :4], picture[:, 4:] = (40, 90, 150), (255, 0, 0)
    content = cv2.imencode(".png", picture)[1].tobytes()
    box = shapes.box(0.1, 0.1, 0.1)
    mesh = TriangleMesh(box.vertices_m, box.faces, np.full((len(box.vertices_m), 2), 0.2, np.float32))
    appearance = Appearance((1.0, 1.0, 1.0), save_texture(tmp_path, content, 8, 8), metallic=0.5)
    look = measure_look([Visual(save_mesh(tmp_path, mesh), appearance)], [mesh], [tmp_path])
    assert 20 < look.hue_deg < 35
    assert look.value == pytest.approx(150 / 255, abs=0.01)
    assert look.metallic == pytest.approx(0.5)
    assert look.mottling == pytest.approx(0.0, abs=1e-6)
