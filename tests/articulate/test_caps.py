"""A surface cut along its faces gives closed pieces, and together they enclose what the whole did."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from manifold3d import CrossSection, Manifold
from tests.articulate import furniture

from blueprint.pipeline.articulate.caps import capped_piece, with_holes_capped
from blueprint.pipeline.articulate.closed_solids import mesh_of, solid_of
from blueprint.pipeline.scene.meshes import TriangleMesh


def volume(mesh: TriangleMesh) -> float:
    solid = solid_of(mesh)
    assert solid is not None
    return float(solid.volume())


@given(st.integers(0, 2**32 - 1), st.floats(-0.2, 0.2))
def test_both_sides_of_a_cut_are_closed_and_add_up(seed: int, level: float) -> None:
    ball = mesh_of(Manifold.sphere(0.3, 24), textured=False)
    ball.vertices_m[:] += 0.001 * np.random.default_rng(seed).standard_normal(ball.vertices_m.shape)
    above = ball.vertices_m[ball.faces].mean(axis=1)[:, 2] > level
    pieces = [capped_piece(ball, above), capped_piece(ball, ~above)]
    np.testing.assert_allclose(sum(volume(piece) for piece in pieces), volume(ball), rtol=1e-9)


def test_a_tube_cut_across_gets_one_cap_with_a_hole() -> None:
    ring = CrossSection.circle(0.2, 32) - CrossSection.circle(0.1, 32)
    tube = Manifold.extrude(ring, 0.4, n_divisions=3)
    mesh = mesh_of(tube, textured=False)
    lower = mesh.vertices_m[mesh.faces].mean(axis=1)[:, 2] < 0.2
    piece = capped_piece(mesh, lower)
    solid = solid_of(piece)
    assert solid is not None
    assert solid.genus() == 1
    assert len(solid.decompose()) == 1
    np.testing.assert_allclose(volume(piece), tube.volume() / 2)


def test_all_of_a_cap_shows_one_texel_of_the_cuts_edge() -> None:
    whole = mesh_of(furniture.block((0, 0, 0), (1, 1, 1)).refine_to_length(0.3), textured=False)
    mesh = TriangleMesh(whole.vertices_m, whole.faces, whole.vertices_m[:, :2].astype(np.float32))
    low = mesh.vertices_m[mesh.faces].mean(axis=1)[:, 2] < 0.5
    piece = capped_piece(mesh, low)
    assert piece.uv is not None
    cap = piece.uv[piece.faces[int(low.sum()) :]].reshape(-1, 2)
    assert len(cap)
    assert len(np.unique(cap, axis=0)) == 1
    kept = piece.uv[piece.faces[: int(low.sum())]]
    np.testing.assert_array_equal(kept, mesh.uv[mesh.faces[low]] if mesh.uv is not None else None)


def test_a_scan_without_underside_gets_one() -> None:
    whole = furniture.scanned(furniture.two_doors())
    seen = whole.vertices_m[whole.faces].mean(axis=1)[:, 2] > 1e-6
    open_below = TriangleMesh(whole.vertices_m, whole.faces[seen])
    assert solid_of(open_below) is None
    closed, holes = with_holes_capped(open_below)
    assert holes == 1
    np.testing.assert_allclose(volume(closed), volume(whole), rtol=1e-9)


def test_a_closed_surface_has_no_holes() -> None:
    mesh = mesh_of(furniture.block((0, 0, 0), (1, 1, 1)), textured=False)
    same, holes = with_holes_capped(mesh)
    assert holes == 0
    assert len(same.faces) == len(mesh.faces)
