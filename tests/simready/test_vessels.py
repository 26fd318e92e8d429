import numpy as np
import pytest
import trimesh
from tests.simready import shapes

from blueprint.pipeline.simready.fidelity import measure_fidelity
from blueprint.pipeline.simready.hulls import height_above
from blueprint.pipeline.simready.solids import Solid, solid_of
from blueprint.pipeline.simready.vessels import Vessel, measure_wall, vessel_of


def bowl() -> Solid:
    """Return half a hollow ball of 80 mm and 74 mm with a flat foot."""
    turn = np.linspace(np.pi / 2, np.radians(20), 20)
    outer = [(0.08 * np.sin(at), 0.08 * (1 - np.cos(at))) for at in turn]
    inner = [(0.074 * np.sin(at), 0.08 - 0.074 * np.cos(at)) for at in np.append(turn[::-1], 0.0)[::-1]][::-1]
    profile = [(0.0, outer[-1][1]), *outer[::-1], *sorted(inner, key=lambda each: -each[1])]
    return solid_of([shapes.mesh_of(trimesh.creation.revolve(np.array(profile), sections=48))])


def lies_free(vessel: Vessel, points: np.ndarray) -> np.ndarray:
    return np.min([height_above(piece, points) for piece in vessel.pieces], axis=0) > 0


@pytest.mark.parametrize("solid", [solid_of([shapes.cup()]), bowl()], ids=["cup", "bowl"])
def test_wedges_follow_the_wall_and_leave_the_inside_free(solid: Solid) -> None:
    vessel = vessel_of(solid, 31)
    assert vessel is not None
    assert vessel.rest is None
    assert len(vessel.pieces) <= 31
    fit = measure_fidelity(solid, vessel.pieces, np.random.default_rng(0))
    assert fit.volume_ratio == pytest.approx(1.0, abs=0.12)
    assert fit.distance_p95_m < 0.004
    top = solid.vertices_m[:, 2].max()
    inside = np.column_stack([np.zeros((20, 2)), np.linspace(0.012, top, 20)])
    assert lies_free(vessel, inside).all()
    assert not lies_free(vessel, np.array([[0.0, 0.0, 0.002 + solid.vertices_m[:, 2].min()]])).any()


def test_a_handle_is_left_for_others_to_cut() -> None:
    grip = shapes.moved(shapes.box(0.03, 0.008, 0.05), x_m=0.052, z_m=0.02)
    vessel = vessel_of(solid_of([shapes.joined(shapes.cup(), grip)]), 31)
    assert vessel is not None
    assert vessel.rest is not None
    assert vessel.rest.vertices_m[:, 0].max() == pytest.approx(0.067)
    assert len(vessel.pieces) < 26


def test_the_axis_is_the_cavitys_and_not_the_bounding_boxs() -> None:
    grip = shapes.moved(shapes.box(0.03, 0.008, 0.05), x_m=0.052, z_m=0.02)
    moved = shapes.moved(shapes.joined(shapes.cup(), grip), x_m=0.1, y_m=-0.2)
    wall = measure_wall(solid_of([moved]))
    assert wall is not None
    assert wall.axis_m == pytest.approx([0.1, -0.2], abs=5e-4)
    # The cup has 20 flat sides, whose middles lie 0.5 mm nearer to the axis than their edges.
    assert np.median(wall.inner_m) == pytest.approx(0.036, abs=6e-4)
    assert np.median(wall.outer_m) == pytest.approx(0.04, abs=6e-4)


@pytest.mark.parametrize(
    "mesh",
    [shapes.cylinder(0.04, 0.1), shapes.box(0.1, 0.1, 0.1), shapes.table(), shapes.corner_piece()],
    ids=["can", "box", "table", "angle"],
)
def test_what_has_no_round_hollow_is_no_vessel(mesh: object) -> None:
    assert vessel_of(solid_of([mesh]), 31) is None


def test_a_square_tray_is_no_turned_vessel() -> None:
    sides = [shapes.moved(shapes.box(0.2, 0.005, 0.05), y_m=sign * 0.0975) for sign in (-1, 1)]
    sides += [shapes.moved(shapes.box(0.005, 0.19, 0.05), x_m=sign * 0.0975) for sign in (-1, 1)]
    tray = shapes.joined(shapes.box(0.2, 0.2, 0.005), *sides)
    assert vessel_of(solid_of([tray]), 31) is None
