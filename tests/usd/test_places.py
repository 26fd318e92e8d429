import numpy as np

from blueprint.pipeline.usd.places import joined_places


def test_places_come_in_the_order_of_their_first_mention() -> None:
    vertices = np.array([[2, 0, 1], [0, 0, 0], [2, 0, 1], [0, 0, 0.5], [0, -0.0, 0]], dtype=np.float32)
    places, place_of_vertex = joined_places(vertices)
    np.testing.assert_array_equal(places, vertices[[0, 1, 3]])
    assert place_of_vertex.tolist() == [0, 1, 0, 2, 1]


def test_no_vertices_have_no_places() -> None:
    places, place_of_vertex = joined_places(np.zeros((0, 3)))
    assert places.shape == (0, 3)
    assert place_of_vertex.shape == (0,)
