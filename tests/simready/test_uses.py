"""Where things go on and in a prop, and where it is taken hold of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddGrasp, AddRegion, Edit, SetSemantics
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Body, Joint, Prop, Role
from blueprint.pipeline.simready.hulls import hull_of
from blueprint.pipeline.simready.inertia import distribution_of
from blueprint.pipeline.simready.mass import LinkMass, propose_mass
from blueprint.pipeline.simready.solids import solid_of
from blueprint.pipeline.simready.supports import propose_supports
from blueprint.pipeline.simready.uses import propose_uses

OPENING_M = 0.078
WALL_M = 0.02


def uses(prop: Prop, meshes: dict[str, list[TriangleMesh]]) -> list[Edit]:
    """Each link is a list of convex meshes, which are its colliders too."""
    solids = {name: solid_of([shapes.joined(*parts)]) for name, parts in meshes.items()}
    pieces = {name: [hull_of(part.vertices_m) for part in parts] for name, parts in meshes.items()}
    masses = {
        name: propose_mass(prop, name, LinkMass(1.0, "weighed"), distribution_of(solid, pieces[name]))
        for name, solid in solids.items()
    }
    category = load_categories().of(prop.category)
    supports = propose_supports(prop, solids) if prop.role is Role.FURNITURE else []
    return propose_uses(prop, category, Correction(object=prop.id), solids, supports, pieces, masses, OPENING_M)


def only(edits: list[Edit], kind: type) -> list:
    return [edit for edit in edits if isinstance(edit, kind)]


@pytest.fixture
def cabinet(tmp_path: Path) -> tuple[Prop, dict[str, list[TriangleMesh]]]:
    """A frame open to -y with a door over its lower part and a drawer, hollow, above."""
    frame = [
        shapes.box(0.5, 0.4, WALL_M),
        shapes.moved(shapes.box(0.5, 0.4, WALL_M), z_m=0.58),
        shapes.moved(shapes.box(WALL_M, 0.4, 0.6), -0.24),
        shapes.moved(shapes.box(WALL_M, 0.4, 0.6), 0.24),
        shapes.moved(shapes.box(0.5, WALL_M, 0.6), 0.0, 0.19),
    ]
    door = [shapes.moved(shapes.box(0.45, WALL_M, 0.34), 0.0, -0.2, 0.03)]
    handle = shapes.moved(shapes.box(0.012, 0.012, 0.1), -0.18, -0.245, 0.15)
    posts = [shapes.moved(shapes.box(0.01, 0.035, 0.01), -0.18, -0.2275, z) for z in (0.155, 0.235)]
    drawer = [
        shapes.moved(shapes.box(0.44, 0.34, 0.01), z_m=0.4),
        *(shapes.moved(shapes.box(0.44, 0.01, 0.12), 0.0, y, 0.4) for y in (-0.17, 0.17)),
        *(shapes.moved(shapes.box(0.01, 0.34, 0.12), x, 0.0, 0.4) for x in (-0.215, 0.215)),
    ]
    meshes = {"frame": frame, "door": [*door, handle, *posts], "drawer": drawer}
    hinge = Joint("hinge", "revolute", "frame", "door", (0, 0, 1), (0.225, -0.2, 0.2), 0.0, 1.6)
    rail = Joint("rail", "prismatic", "frame", "drawer", (0, -1, 0), (0, 0, 0.45), 0.0, 0.3)
    prop = shapes.prop_of(tmp_path, shapes.joined(*frame), "cabinet", role=Role.FURNITURE)
    return replace(prop, bodies=tuple(Body(name, ()) for name in meshes), joints=(hinge, rail)), meshes


def test_things_go_on_a_cabinet_into_its_drawer_and_behind_its_door(
    cabinet: tuple[Prop, dict[str, list[TriangleMesh]]],
) -> None:
    regions = {edit.region.name: edit.region for edit in only(uses(*cabinet), AddRegion)}
    assert {"on_top", "in_drawer", "behind_door"} <= set(regions)
    drawer, behind, top = regions["in_drawer"], regions["behind_door"], regions["on_top"]
    assert (drawer.body, drawer.kind, drawer.opening) == ("drawer", "in", (0, 0, 1))
    assert drawer.half_size_m == pytest.approx((0.21, 0.165, 0.055), abs=0.01)
    # From the door's back at y = -0.19 to the back wall at 0.18.
    assert behind.body == "frame"
    assert 2 * behind.half_size_m[1] == pytest.approx(0.37, abs=0.01)
    outward = behind.T_prop_region.rotation() @ behind.opening
    assert np.allclose(outward, (0, -1, 0), atol=1e-6)
    assert top.T_prop_region.position_m[2] - top.half_size_m[2] == pytest.approx(0.6, abs=1e-3)


def test_a_door_is_taken_by_its_handle_from_the_front(cabinet: tuple[Prop, dict[str, list[TriangleMesh]]]) -> None:
    edits = uses(*cabinet)
    grasps = [edit.grasp for edit in only(edits, AddGrasp) if edit.grasp.body == "door"]
    assert grasps
    best = grasps[0]
    assert np.linalg.norm(np.subtract(np.add(best.first_m, best.second_m) / 2, (-0.18, -0.245, 0.2))) < 0.06
    assert best.approach[1] > 0.6
    (semantics,) = only(edits, SetSemantics)
    assert {"openable", "slidable", "containable"} <= set(semantics.affordances)


def test_a_can_is_taken_across_and_annotations_differ(tmp_path: Path) -> None:
    can = shapes.cylinder(0.033, 0.1)
    grasps = [edit.grasp for edit in only(uses(shapes.prop_of(tmp_path, can, "can"), {"body": [can]}), AddGrasp)]
    assert 3 <= len(grasps) <= 8
    assert [grasp.name for grasp in grasps] == [f"grasp_{order:02d}" for order in range(1, len(grasps) + 1)]
    assert [grasp.score for grasp in grasps] == sorted((grasp.score for grasp in grasps), reverse=True)
    for grasp in grasps:
        assert grasp.width_m == pytest.approx(0.066, abs=0.004)
        assert abs(np.dot(grasp.approach, np.subtract(grasp.second_m, grasp.first_m))) < 1e-6
    middles = np.array([np.add(grasp.first_m, grasp.second_m) / 2 for grasp in grasps])
    assert np.ptp(middles[:, 2]) > 0.02


def test_what_is_too_wide_has_no_grasps(tmp_path: Path) -> None:
    box = shapes.box(0.2, 0.2, 0.2)
    assert not only(uses(shapes.prop_of(tmp_path, box, "box"), {"body": [box]}), AddGrasp)


def test_a_cup_has_room_inside(tmp_path: Path) -> None:
    (region,) = only(uses(shapes.prop_of(tmp_path, shapes.cup(), "mug"), {"body": [shapes.cup()]}), AddRegion)
    assert region.region.name == "inside"
    assert "holds 0.3" in region.why


def test_equal_input_gives_equal_edits(cabinet: tuple[Prop, dict[str, list[TriangleMesh]]]) -> None:
    assert uses(*cabinet) == uses(*cabinet)
