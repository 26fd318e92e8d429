import numpy as np

from blueprint.pipeline.samples.environment import Item, standing_pose
from blueprint.pipeline.samples.shape import rigid
from blueprint.pipeline.samples.textures import plain


def test_a_standing_object_faces_the_viewer_and_turns_counter_clockwise() -> None:
    corners = np.array([[-1.0, -2.0, -3.0], [1.0, 2.0, 3.0], [1.0, -2.0, 3.0]])
    shape = rigid(corners, np.array([[0, 1, 2]]), np.zeros((3, 2)))
    pose = standing_pose(shape, 10.0, 20.0, 0.0, on_m=5.0)
    np.testing.assert_allclose(pose @ [0.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 0.0])
    np.testing.assert_allclose(pose @ [0.0, -2.0, 0.0, 1.0], [10.0, 20.0, 5.0, 1.0])
    turned = standing_pose(shape, 0.0, 0.0, np.pi / 2.0, on_m=0.0)
    np.testing.assert_allclose(turned @ [0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], atol=1e-12)
    item = Item("wedge", shape, plain((1, 2, 3)), pose, 1.0)
    np.testing.assert_allclose(item.world_vertices_m.min(axis=0), [9.0, 17.0, 5.0])
