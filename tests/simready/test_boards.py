import numpy as np
import pytest
import trimesh
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.boards import boards_of
from blueprint.pipeline.simready.fidelity import measure_fidelity
from blueprint.pipeline.simready.hulls import height_above
from blueprint.pipeline.simready.primitives import hull_of_primitive
from blueprint.pipeline.simready.solids import Solid, solid_of


def carved(outer: trimesh.Trimesh, *holes: trimesh.Trimesh) -> TriangleMesh:
    """Return a solid without the holes, as one closed surface."""
    return shapes.mesh_of(trimesh.boolean.difference([outer, *holes], engine="manifold"))


def block(size_m: tuple[float, ...], at_m: tuple[float, ...] = (0.0, 0.0, 0.0)) -> trimesh.Trimesh:
    return trimesh.creation.box(size_m, trimesh.transformations.translation_matrix(at_m))


def tray() -> TriangleMesh:
    """Return an open drawer of 18 mm boards, 0.5 x 0.4 x 0.15 m."""
    return carved(block((0.5, 0.4, 0.15)), block((0.464, 0.364, 0.15), (0, 0, 0.018)))


def turned(mesh: TriangleMesh) -> TriangleMesh:
    return TriangleMesh(mesh.vertices_m @ np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]]).T, mesh.faces)


def rough(mesh: TriangleMesh, by_m: float) -> TriangleMesh:
    vertices, faces = trimesh.remesh.subdivide_to_size(mesh.vertices_m, mesh.faces, 0.03)
    noise = np.random.default_rng(3).normal(scale=by_m, size=vertices.shape)
    return TriangleMesh(vertices + noise, np.asarray(faces, dtype=np.int32))


def welded(mesh: TriangleMesh) -> Solid:
    solid = solid_of([mesh])
    assert solid.closed
    return solid


@pytest.mark.parametrize("mesh", [tray(), turned(tray())], ids=["straight", "turned"])
def test_an_open_drawer_is_a_floor_and_four_sides(mesh: TriangleMesh) -> None:
    solid = welded(mesh)
    found = boards_of(solid, 15)
    assert found is not None
    assert (len(found.boxes), found.rest) == (5, None)
    hulls = [hull_of_primitive(box) for box in found.boxes]
    fit = measure_fidelity(solid, hulls, np.random.default_rng(0))
    assert fit.volume_ratio == pytest.approx(1.0, abs=3 * fit.volume_error + 1e-6)
    assert fit.distance_p95_m < 1e-6
    inside = np.array([[0.0, 0.0, z] for z in (0.02, 0.08, 0.149)])
    assert min(float(height_above(hull, inside).min()) for hull in hulls) > 0.001


def test_uneven_boards_keep_their_places() -> None:
    solid = welded(rough(tray(), 0.0003))
    found = boards_of(solid, 15)
    assert found is not None
    fit = measure_fidelity(solid, [hull_of_primitive(box) for box in found.boxes], np.random.default_rng(0))
    assert fit.volume_ratio == pytest.approx(1.0, abs=0.05)
    assert fit.distance_p95_m < 0.0015


def test_a_handle_is_left_for_others_to_cut() -> None:
    door = block((0.4, 0.02, 0.6))
    bar = trimesh.creation.cylinder(0.006, 0.1, sections=16)
    bar.apply_translation((0.15, -0.04, 0.0))
    posts = [block((0.008, 0.03, 0.008), (0.15, -0.025, z)) for z in (-0.04, 0.04)]
    mesh = shapes.mesh_of(trimesh.boolean.union([door, bar, *posts], engine="manifold"))
    found = boards_of(welded(mesh), 15)
    assert found is not None
    assert len(found.boxes) == 1
    assert found.rest is not None
    assert found.rest.vertices_m[:, 1].max() == pytest.approx(-0.01)


@pytest.mark.parametrize(
    "mesh", [shapes.ball(0.1), shapes.cylinder(0.05, 0.1), shapes.mesh_of(trimesh.creation.cone(0.1, 0.1))]
)
def test_what_is_round_is_not_made_of_boards(mesh: TriangleMesh) -> None:
    assert boards_of(solid_of([mesh]), 15) is None


def test_no_more_boxes_than_allowed() -> None:
    found = boards_of(welded(tray()), 3)
    assert found is not None
    assert len(found.boxes) == 3
