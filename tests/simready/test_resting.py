from collections.abc import Sequence
from itertools import pairwise

import mujoco
import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull
from tests.simready import shapes

from blueprint.pipeline.scene.colliders import BoxPiece, CylinderPiece, SpherePiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.simready.hulls import cut, hull_of
from blueprint.pipeline.simready.inertia import distribution_of
from blueprint.pipeline.simready.resting import Resting, borne_by_few, level_base, own_base, righting_arm_m
from blueprint.pipeline.simready.solids import Solid, solid_of


def rest(mesh: TriangleMesh, hulls: list[TriangleMesh] | None = None) -> Resting:
    solid = solid_of([mesh])
    return level_base(hulls or [hull_of(mesh.vertices_m)], solid, distribution_of(solid, []).center_m)


def uneven(mesh: TriangleMesh, by_m: float, seed: int = 3) -> TriangleMesh:
    """Roughen a mesh as a scan does, standing on z = 0 again."""
    noise = np.random.default_rng(seed).uniform(-by_m, by_m, mesh.vertices_m.shape)
    vertices = mesh.vertices_m + noise
    vertices[:, 2] -= vertices[:, 2].min()
    return TriangleMesh(vertices, mesh.faces)


@pytest.mark.parametrize(
    "mesh",
    [shapes.box(0.07, 0.09, 0.03), shapes.cylinder(0.033, 0.1), shapes.box(0.03, 0.07, 0.09)],
    ids=["flat box", "can", "narrow box"],
)
def test_an_uneven_base_becomes_one_plane_under_the_centre_of_mass(mesh: TriangleMesh) -> None:
    resting = rest(uneven(mesh, 0.0005))
    feet = np.concatenate([hull.vertices_m[hull.vertices_m[:, 2] < 0.002] for hull in resting.hulls])
    assert len(feet) >= 3
    assert (feet[:, 2] == 0).all()
    assert ConvexHull(feet[:, :2]).volume > 0.5 * np.prod(np.ptp(mesh.vertices_m[:, :2], axis=0)) * np.pi / 4
    assert "base levelled" in resting.why


def test_pieces_that_end_at_different_heights_share_one_plane() -> None:
    mesh = shapes.joined(shapes.box(0.05, 0.1, 0.05), shapes.moved(shapes.box(0.05, 0.1, 0.05), x_m=0.05, z_m=0.0008))
    hulls = [hull_of(piece.vertices_m) for piece in solid_of([mesh]).components()]
    lowest = [hull.vertices_m[:, 2].min() for hull in rest(mesh, hulls).hulls]
    assert lowest == [0.0, 0.0]


@pytest.mark.parametrize("mesh", [shapes.ball(0.035), shapes.ball(0.12)], ids=["small", "large"])
def test_a_ball_stays_round(mesh: TriangleMesh) -> None:
    resting = rest(mesh)
    assert "round below" in resting.why
    assert resting.hulls[0].vertices_m.tolist() == hull_of(mesh.vertices_m).vertices_m.tolist()


def test_what_would_topple_is_said() -> None:
    foot, arm = shapes.box(0.02, 0.02, 0.02), shapes.moved(shapes.box(0.3, 0.02, 0.02), x_m=0.2, z_m=0.02)
    mesh = shapes.joined(foot, arm)
    solid = solid_of([mesh])
    assert righting_arm_m(hull_of(mesh.vertices_m), distribution_of(solid, []).center_m) < 0


def test_a_wider_base_rights_itself_more() -> None:
    arms = []
    for width in (0.02, 0.05, 0.1):
        solid: Solid = solid_of([shapes.box(width, 0.2, 0.1)])
        arms.append(righting_arm_m(hull_of(solid.vertices_m), (0.0, 0.0, 0.05)))
    assert all(narrow < wide for narrow, wide in pairwise(arms))
    assert arms[-1] == pytest.approx(0.05, rel=0.1)


def spin_after_rad_s(hulls: Sequence[TriangleMesh], solid: Solid, duration_s: float) -> float:
    """Drop hulls by half a millimetre onto a level box in MuJoCo and return how fast they still turn."""
    found = distribution_of(solid, [])
    model = mujoco.MjSpec()
    model.option.timestep = 1 / 240
    model.option.cone, model.option.impratio = mujoco.mjtCone.mjCONE_ELLIPTIC, 10.0
    model.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    model.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[1, 1, 0.05], pos=[0, 0, -0.05])
    body = model.worldbody.add_body(
        pos=[0, 0, 0.0005],
        mass=0.1,
        ipos=found.center_m,
        iquat=found.axes_quat_wxyz,
        inertia=[0.1 * moment for moment in found.inertia_per_kg_m2],
        explicitinertial=True,
    )
    body.add_freejoint()
    for at, hull in enumerate(hulls):
        model.add_mesh(name=f"hull_{at}", uservert=hull.vertices_m.ravel().tolist())
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=f"hull_{at}", mass=0)
    compiled = model.compile()
    data = mujoco.MjData(compiled)
    mujoco.mj_step(compiled, data, round(duration_s * 240))
    return float(np.abs(data.qvel[3:]).max())


@pytest.mark.parametrize("seed", [0, 5, 7])
def test_a_rough_box_of_two_pieces_trembles_until_it_is_levelled(seed: int) -> None:
    fine = trimesh.creation.box((0.03, 0.07, 0.09)).subdivide().subdivide().subdivide()
    solid = solid_of([uneven(shapes.mesh_of(fine), 0.0006, seed)])
    whole = hull_of(solid.vertices_m)
    halves = [half for sign in (1.0, -1.0) if (half := cut(whole, (0.0, sign, 0.0), 0.0)) is not None]
    levelled = level_base(halves, solid, distribution_of(solid, []).center_m).hulls
    assert spin_after_rad_s(halves, solid, 3.0) > 1e-3
    assert spin_after_rad_s(levelled, solid, 3.0) < 1e-5


def ring(*, closed: bool) -> list[TriangleMesh]:
    """Return a ring of 16 wedges that stands on z = 0, with or without a floor 4 mm above the ground."""
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    wedges = [
        hull_of(
            np.array(
                [
                    [radius * np.cos(angle + side), radius * np.sin(angle + side), z]
                    for radius in (0.04, 0.05)
                    for side in (-0.19, 0.19)
                    for z in (0.0, 0.05)
                ]
            ),
            64,
        )
        for angle in angles
    ]
    floor = [[0.045 * np.cos(angle), 0.045 * np.sin(angle), z] for angle in angles for z in (0.004, 0.008)]
    return [*wedges, hull_of(np.array(floor), 64)] if closed else wedges


def feet_of(pieces: Sequence[TriangleMesh]) -> list[np.ndarray]:
    feet = [piece.vertices_m[piece.vertices_m[:, 2] == 0, :2] for piece in pieces]
    return [foot for foot in feet if len(foot)]


def test_a_closed_ring_of_many_pieces_stands_on_one_sole() -> None:
    pieces = ring(closed=True)
    standing = borne_by_few(pieces, 64)
    (foot,) = feet_of(standing)
    assert len(standing) == len(pieces) + 1
    assert ConvexHull(foot).volume > 0.94 * np.pi * 0.05**2
    assert min(piece.vertices_m[:, 2].min() for piece in standing[:-1]) == pytest.approx(0.0025)


def test_an_open_ring_stands_on_few_of_its_pieces_so_that_its_inside_stays_open() -> None:
    standing = borne_by_few(ring(closed=False), 64)
    feet = feet_of(standing)
    assert 3 <= len(feet) < 16
    assert len(standing) == 16
    assert ConvexHull(np.concatenate(feet)).volume > 0.92 * np.pi * 0.05**2


@pytest.mark.parametrize(
    ("piece", "stands"),
    [
        (CylinderPiece(Pose((0.0, 0.0, 0.05)), 0.03, 0.05), True),
        (CylinderPiece(Pose((0.0, 0.0, 0.06)), 0.03, 0.05), False),
        (CylinderPiece(Pose((0.0, 0.0, 0.03), (0.5**0.5, 0.5**0.5, 0.0, 0.0)), 0.03, 0.05), False),
        (BoxPiece(Pose((0.0, 0.0, 0.05)), (0.02, 0.03, 0.05)), True),
        (SpherePiece((0.0, 0.0, 0.05), 0.05), False),
    ],
    ids=["standing can", "floating can", "lying can", "box", "ball"],
)
def test_a_primitive_may_have_a_base_of_its_own(piece: BoxPiece, stands: bool) -> None:
    assert bool(own_base(piece)) is stands
