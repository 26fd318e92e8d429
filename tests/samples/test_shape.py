import numpy as np
import pytest

from blueprint.pipeline.samples.shape import Shape, enclosed_volume, joined, rigid, used_only, welded


@pytest.fixture
def wedge() -> Shape:
    """A tetrahedron with legs 1, 2 and 3 whose vertices are repeated for every face."""
    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    return rigid(corners[faces].reshape(-1, 3), np.arange(12).reshape(4, 3), np.zeros((12, 2)))


def test_welding_leaves_one_vertex_per_place(wedge: Shape) -> None:
    vertices, faces = welded(wedge)
    assert len(vertices) == 4
    np.testing.assert_array_equal(vertices[faces], wedge.vertices_m[wedge.faces])


def test_volume_and_its_centre_are_those_of_a_tetrahedron(wedge: Shape) -> None:
    volume, centre = enclosed_volume(*welded(wedge.moved((5.0, -1.0, 2.0))))
    assert volume == pytest.approx(1.0)
    np.testing.assert_allclose(centre, [5.25, -0.5, 2.75])


def test_laying_down_turns_the_front_up_and_keeps_the_outside(wedge: Shape) -> None:
    lying = wedge.laid_down()
    np.testing.assert_allclose(lying.size_m, [1.0, 3.0, 2.0])
    assert lying.bounds_m[1, 1] == pytest.approx(3.0)
    assert enclosed_volume(*welded(lying))[0] == pytest.approx(1.0)


def test_joining_keeps_faces_and_parts(wedge: Shape) -> None:
    moving = Shape(wedge.vertices_m + 10.0, wedge.faces, wedge.uv, np.full(4, 2))
    both = joined(wedge, moving)
    assert both.part_of_face.tolist() == [0] * 4 + [2] * 4
    assert both.vertices_m[both.faces[4:]].min() >= 10.0


def test_unused_vertices_go(wedge: Shape) -> None:
    half = used_only(Shape(wedge.vertices_m, wedge.faces[2:], wedge.uv, wedge.part_of_face[2:]))
    assert len(half.vertices_m) == 6
    np.testing.assert_array_equal(half.vertices_m[half.faces], wedge.vertices_m[wedge.faces[2:]])
