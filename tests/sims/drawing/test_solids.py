"""Closed surfaces wound outwards are found, whatever their seams; all others cast their shadows from both sides."""

import numpy as np
import trimesh

from blueprint.pipeline.sims.drawing.solids import solid_triangles


def told(*parts: tuple[trimesh.Trimesh, int]) -> list[np.ndarray]:
    """Return what is told of each part's triangles, when all are asked about together."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh, _ in parts)])
    points = np.concatenate([mesh.vertices for mesh, _ in parts])
    owners = np.concatenate([np.full(len(mesh.vertices), owner, dtype=np.int32) for mesh, owner in parts])
    corners = np.concatenate([mesh.faces + start for (mesh, _), start in zip(parts, starts, strict=False)])
    found = solid_triangles(points, owners, corners.astype(np.int32))
    return np.split(found, np.cumsum([len(mesh.faces) for mesh, _ in parts])[:-1])


def test_seams_do_not_open_a_surface() -> None:
    box = trimesh.creation.box((1, 2, 3))
    torn = trimesh.Trimesh(box.vertices[box.faces].reshape(-1, 3), np.arange(36).reshape(-1, 3), process=False)
    assert all(part.all() for part in told((box, 1), (torn, 2)))


def test_a_missing_triangle_opens_it() -> None:
    """And only that surface: what stands apart from it stays closed."""
    ball = trimesh.creation.icosphere(1)
    open_ball = trimesh.Trimesh(ball.vertices + np.array([5, 0, 0]), ball.faces[1:], process=False)
    whole, torn = told((ball, 1), (open_ball, 1))
    assert whole.all()
    assert not torn.any()


def test_an_inverted_surface_is_no_solid() -> None:
    ball = trimesh.creation.icosphere(1)
    (inverted,) = told((trimesh.Trimesh(ball.vertices, ball.faces[:, ::-1], process=False), 1))
    assert not inverted.any()


def test_halves_of_different_owners_do_not_close_each_other() -> None:
    """They move apart."""
    ball = trimesh.creation.icosphere(2)
    upper = ball.triangles_center[:, 2] > 0
    halves = [trimesh.Trimesh(ball.vertices, ball.faces[half], process=False) for half in (upper, ~upper)]
    first, second = told((halves[0], 1), (halves[1], 2))
    assert not first.any()
    assert not second.any()
    first, second = told((halves[0], 1), (halves[1], 1))
    assert first.all()
    assert second.all()


def test_nothing_has_no_triangles() -> None:
    assert solid_triangles(np.zeros((0, 3)), np.zeros(0, np.int32), np.zeros((0, 3), np.int32)).shape == (0,)
