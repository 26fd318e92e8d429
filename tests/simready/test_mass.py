from pathlib import Path

import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.hulls import hull_of
from blueprint.pipeline.simready.inertia import distribution_of
from blueprint.pipeline.simready.mass import LinkMass, masses_of, propose_mass
from blueprint.pipeline.simready.materials import choose_material, load_materials
from blueprint.pipeline.simready.solids import solid_of
from blueprint.pipeline.simready.volume import enclosed_volume


def weigh(folder: Path, mesh: TriangleMesh, category: str, **correction: object) -> LinkMass:
    prop = shapes.prop_of(folder, mesh, category)
    entry = load_categories().of(category)
    decided = Correction.model_validate({"object": prop.id, **correction})
    choice = choose_material(prop, entry, decided, load_materials(), ())
    volume = enclosed_volume(solid_of([mesh]), [hull_of(mesh.vertices_m)])
    return masses_of(prop, {"body": volume}, {"body": choice}, entry, decided)["body"]


def test_a_cup_of_mere_wall_is_not_scaled_down_again(tmp_path: Path) -> None:
    cup = shapes.cup()
    volume = solid_of([cup]).volume_m3
    mass = weigh(tmp_path, cup, "mug")
    assert mass.mass_kg == pytest.approx(2400 * volume)
    assert "of solid wall" in mass.why
    assert "fill" not in mass.why


def test_a_filled_outline_is_scaled_by_the_fill_of_its_category(tmp_path: Path) -> None:
    mass = weigh(tmp_path, shapes.box(0.6, 0.6, 0.8), "cabinet")
    assert mass.mass_kg == pytest.approx(650 * 0.288 * 0.16)
    assert "wood 650 kg/m3 x 0.29 m3 enclosed x fill 0.16" in mass.why
    assert "inside the cabinet range 10..120 kg" in mass.why


def test_a_table_is_boards_and_a_box_is_not() -> None:
    assert enclosed_volume(solid_of([shapes.table()]), []).walls_only
    assert not enclosed_volume(solid_of([shapes.box(0.1, 0.1, 0.1)]), []).walls_only
    assert not enclosed_volume(solid_of([shapes.box(0.6, 0.02, 0.6)]), []).walls_only


def test_a_door_of_a_cabinet_is_a_board() -> None:
    door = shapes.box(0.6, 0.02, 0.6)
    assert enclosed_volume(solid_of([door]), [], is_link=True).walls_only
    assert not enclosed_volume(solid_of([door]), []).walls_only


def test_a_package_weighs_its_wall_and_what_is_sold_in_its_size(tmp_path: Path) -> None:
    can = shapes.cylinder(0.033, 0.1)
    mass, solid = weigh(tmp_path, can, "can"), solid_of([can])
    walls_m3 = 0.0002 * solid.area_m2
    middle = (880 * 1060) ** 0.5
    assert mass.mass_kg == pytest.approx(middle * (solid.volume_m3 - walls_m3) + 7850 * walls_m3)
    assert "wet food or drink, as sold in 0.34 l" in mass.why
    assert mass.surface_share == pytest.approx(7850 * walls_m3 / mass.mass_kg)


def test_a_vessel_scanned_as_a_bare_surface_gets_a_usual_wall(tmp_path: Path) -> None:
    closed = shapes.cylinder(0.04, 0.09)
    upward = closed.vertices_m[closed.faces][:, :, 2].min(axis=1) > 0.0899
    bare = TriangleMesh(closed.vertices_m, closed.faces[~upward])
    mass = weigh(tmp_path, bare, "mug")
    area = solid_of([bare]).area_m2 - solid_of([bare]).patched_m2
    assert mass.mass_kg == pytest.approx(2400 * area * 0.0045)
    assert mass.surface_share == 1.0
    assert "a usual wall" in mass.why


@pytest.mark.parametrize(("edge_m", "expected_kg"), [(0.02, 0.2), (0.3, 0.6)])
def test_a_mass_outside_the_category_is_clamped_and_says_so(tmp_path: Path, edge_m: float, expected_kg: float) -> None:
    mass = weigh(tmp_path, shapes.box(edge_m, edge_m, edge_m), "mug")
    assert mass.mass_kg == pytest.approx(expected_kg)
    assert f"to {expected_kg:g} kg, the" in mass.why


def test_a_person_overrules_the_estimate(tmp_path: Path) -> None:
    mass = weigh(tmp_path, shapes.cup(), "mug", mass_kg=3.0, why="full of lead")
    assert mass.mass_kg == pytest.approx(3.0)
    assert "which a person set (full of lead)" in mass.why


def test_a_corrected_material_changes_the_mass(tmp_path: Path) -> None:
    ceramic, steel = (weigh(tmp_path, shapes.cup(), "mug", **kw).mass_kg for kw in ({}, {"material": "aluminum"}))
    assert steel / ceramic == pytest.approx(2700 / 2400)


def test_an_open_surface_is_estimated_from_its_pieces_and_flagged() -> None:
    board = shapes.box(0.4, 0.02, 0.6)
    sheet = solid_of([TriangleMesh(board.vertices_m, board.faces[:2])])
    volume = enclosed_volume(sheet, [hull_of(board.vertices_m)])
    assert volume.volume_m3 == pytest.approx(0.4 * 0.02 * 0.6)
    assert "review" in volume.why


def test_a_corrected_mass_is_shared_among_links_by_their_own(tmp_path: Path) -> None:
    prop = shapes.prop_of(tmp_path, shapes.box(0.6, 0.6, 0.8), "cabinet")
    entry, decided = load_categories().of("cabinet"), Correction(object=prop.id, mass_kg=30.0)
    choice = choose_material(prop, entry, decided, load_materials(), ())
    volumes = {
        "base": enclosed_volume(solid_of([shapes.box(0.6, 0.6, 0.8)]), []),
        "door": enclosed_volume(solid_of([shapes.box(0.6, 0.02, 0.6)]), [], is_link=True),
    }
    masses = masses_of(prop, volumes, dict.fromkeys(volumes, choice), entry, decided)
    assert sum(mass.mass_kg for mass in masses.values()) == pytest.approx(30.0)
    assert masses["door"].mass_kg / masses["base"].mass_kg == pytest.approx(0.0072 / (0.288 * 0.16))


def test_what_is_known_better_is_more_certain(tmp_path: Path) -> None:
    can, box = shapes.cylinder(0.033, 0.1), shapes.box(0.07, 0.09, 0.03)
    sure, vague = (weigh(tmp_path, mesh, name) for mesh, name in ((can, "can"), (box, "box")))
    prop, spread = shapes.prop_of(tmp_path, can, "can"), distribution_of(solid_of([can]), [])
    assert sure.spread < vague.spread
    proposed = [propose_mass(prop, "body", mass, spread) for mass in (sure, vague, LinkMass(0.4, "weighed"))]
    assert 0.7 < proposed[0].confidence < 0.9
    assert proposed[1].confidence < 0.5
    assert proposed[2].confidence == 1.0
    assert "within 1.5 with" in proposed[0].why
    assert "a person's word" in proposed[2].why
