import numpy as np
import pytest
import trimesh
from tests.simready import shapes

from blueprint.pipeline.scene.colliders import BoxPiece, CylinderPiece, SpherePiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.primitives import Primitive, primitive_of
from blueprint.pipeline.simready.solids import solid_of


def found(mesh: TriangleMesh) -> Primitive | None:
    return primitive_of(solid_of([mesh]), np.random.default_rng(0))


def rough(mesh: TriangleMesh, by_m: float) -> TriangleMesh:
    """Return a finely divided mesh whose surface is uneven, as a scan's is."""
    vertices, faces = trimesh.remesh.subdivide_to_size(mesh.vertices_m, mesh.faces, 0.01)
    noise = np.random.default_rng(3).normal(scale=by_m, size=vertices.shape)
    return TriangleMesh(vertices + noise, np.asarray(faces, dtype=np.int32))


def lying(mesh: TriangleMesh) -> TriangleMesh:
    """Return a thing turned from Z to a level direction, with its lowest point on the ground."""
    turned = mesh.vertices_m[:, [2, 0, 1]] @ np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]]).T
    return TriangleMesh(turned - [0, 0, turned[:, 2].min()], mesh.faces)


def test_a_rough_can_is_a_cylinder_that_stands() -> None:
    piece = found(rough(shapes.cylinder(0.033, 0.1), 0.0003))
    assert isinstance(piece, CylinderPiece)
    assert piece.radius_m == pytest.approx(0.033, abs=5e-4)
    assert piece.T_prop_cylinder.position_m[2] == piece.half_height_m == pytest.approx(0.05, abs=5e-4)
    assert abs(piece.T_prop_cylinder.rotation()[2, 2]) == pytest.approx(1.0, abs=1e-12)


def test_a_lying_can_is_a_lying_cylinder() -> None:
    piece = found(lying(shapes.cylinder(0.033, 0.1)))
    assert isinstance(piece, CylinderPiece)
    axis = piece.T_prop_cylinder.rotation()[:, 2]
    assert np.abs(axis) == pytest.approx([0.8, 0.6, 0.0], abs=0.01)
    assert piece.radius_m == pytest.approx(0.033, abs=5e-4)


def test_a_turned_rough_box_keeps_its_heading() -> None:
    box = rough(shapes.box(0.2, 0.08, 0.12), 0.0003)
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]])
    piece = found(TriangleMesh(box.vertices_m @ turn.T, box.faces))
    assert isinstance(piece, BoxPiece)
    assert sorted(piece.half_extents_m) == pytest.approx([0.04, 0.06, 0.1], abs=8e-4)
    assert piece.T_prop_box.position_m[2] == pytest.approx(0.06, abs=5e-4)


def test_a_ball_is_a_ball() -> None:
    piece = found(rough(shapes.ball(0.037), 0.0002))
    assert isinstance(piece, SpherePiece)
    assert piece.radius_m == pytest.approx(0.037, abs=3e-4)
    assert piece.center_m == pytest.approx((0, 0, 0.037), abs=4e-4)


def test_the_sunk_lid_of_a_can_lowers_its_end_by_2_mm_at_most() -> None:
    profile = np.array([(0, 0), (0.033, 0), (0.033, 0.1), (0.031, 0.1), (0.031, 0.095), (0, 0.095)])
    piece = found(shapes.mesh_of(trimesh.creation.revolve(profile, sections=48)))
    assert isinstance(piece, CylinderPiece)
    assert 2 * piece.half_height_m == pytest.approx(0.0982, abs=1e-6)


@pytest.mark.parametrize(
    "mesh",
    [
        shapes.corner_piece(),
        shapes.mesh_of(trimesh.creation.cone(0.05, 0.1)),
        shapes.mesh_of(trimesh.creation.capsule(radius=0.03, height=0.08)),
        # A die of 12 mm has edges rounded by 1 mm; 2 mm would be much for it.
        shapes.mesh_of(trimesh.creation.icosphere(subdivisions=1, radius=0.006)),
    ],
    ids=["angle", "cone", "capsule", "die"],
)
def test_what_is_none_of_them_is_none(mesh: TriangleMesh) -> None:
    assert found(mesh) is None
