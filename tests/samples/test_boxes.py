import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples.boxes import SIDES, Block, Rect, fused_blocks, rounded_box
from blueprint.pipeline.samples.shape import Shape, face_normals, welded
from blueprint.pipeline.samples.textures import CARTON_ATLAS

WHOLE: dict[str, Rect] = {"paint": (0.0, 0.0, 1.0, 1.0)}


def closed(shape: Shape) -> trimesh.Trimesh:
    vertices, faces = welded(shape)
    return trimesh.Trimesh(vertices, faces, process=False)


def test_a_rounded_box_is_closed_and_a_little_smaller_than_its_box() -> None:
    shape = rounded_box((0.2, 0.3, 0.1), 0.01, CARTON_ATLAS)
    mesh = closed(shape)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    np.testing.assert_allclose(shape.bounds_m, [[-0.1, 0.0, -0.05], [0.1, 0.3, 0.05]], atol=1e-12)
    assert 0.98 * 0.006 < mesh.volume < 0.006


@pytest.mark.parametrize("side", SIDES)
def test_prints_are_neither_mirrored_nor_upside_down(side: str) -> None:
    shape = rounded_box((0.2, 0.3, 0.1), 0.001, CARTON_ATLAS)
    left, top, right, bottom = CARTON_ATLAS[side]
    inside = (shape.uv >= [left - 1e-9, top - 1e-9]) & (shape.uv <= [right + 1e-9, bottom + 1e-9])
    normals = face_normals(shape.vertices_m, shape.faces)
    outward = {"front": 2, "back": -2, "right": 0, "left": 0, "top": 1, "bottom": -1}[side]
    axis = abs(outward)
    sign = -1 if side in ("back", "left", "bottom") else 1
    size = np.linalg.norm(normals, axis=1)
    facing = (sign * normals[:, axis] > 0.99 * size) & inside[shape.faces].all(axis=(1, 2))
    a, b, c = (shape.uv[shape.faces[facing][:, corner]] for corner in range(3))
    # Seen from outside triangles wind counter-clockwise; with v downwards that is a negative area.
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert facing.any()
    assert (area < 0.0).all()


def test_touching_blocks_become_one_shell_without_inner_walls() -> None:
    shape = fused_blocks(
        [Block((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "paint"), Block((1.0, 0.0, 0.0), (2.0, 0.5, 1.0), "paint", part=1)],
        WHOLE,
    )
    mesh = closed(shape)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert mesh.volume == pytest.approx(1.5)
    moving = shape.vertices_m[shape.faces[shape.part_of_face == 1]]
    assert moving[..., 0].min() == 1.0
    assert set(shape.part_of_face) == {0, 1}


def test_a_cavity_stays_hollow() -> None:
    walls = [
        Block((0.0, 0.0, 0.0), (3.0, 1.0, 3.0), "paint"),
        Block((0.0, 2.0, 0.0), (3.0, 3.0, 3.0), "paint"),
        Block((0.0, 1.0, 0.0), (1.0, 2.0, 3.0), "paint"),
        Block((2.0, 1.0, 0.0), (3.0, 2.0, 3.0), "paint"),
    ]
    mesh = closed(fused_blocks(walls, WHOLE))
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(24.0)
    assert mesh.euler_number == 0
