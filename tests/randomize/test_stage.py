"""The record of the variants, opened with plain USD and compared with its edits."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdPhysics
from tests.assemble.kitchenette_records import drain
from tests.usd.kitchenette_scene import BASE

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.keys import foreign_digests, settings_in_key
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import link_tree
from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.randomize.stage import RandomizeSettings, randomize
from blueprint.pipeline.recipe import load_recipe
from blueprint.pipeline.scene.edits import AddDistractor, MoveCamera, MoveProp, SetLight, SetMass, SetMaterial
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.usd.transforms import world_pose


@dataclass(frozen=True)
class Drawn:
    """A scene, its variants, and both in one folder as they are delivered."""

    assembled: Assembled
    variants: Variants
    work: Work
    folder: Path


def draw(assembled: Assembled, folder: Path, **settings: object) -> tuple[Variants, Work]:
    """Run the stage."""
    folder.mkdir(parents=True)
    work = Work(folder)
    wanted = RandomizeSettings.model_validate(settings)
    record, _ = drain(randomize.function(work=work, assembled=assembled, settings=wanted))
    return record, work


def together(assembled: Assembled, folder: Path, **settings: object) -> Drawn:
    """Run the stage and put scene and variants into one folder."""
    variants, work = draw(assembled, folder / "record", **settings)
    link_tree(assembled.scene_folder, folder / "together")
    link_tree(variants.roots_folder, folder / "together" / "variants")
    for place, source in variants.added_assets(assembled).items():
        link_tree(source, folder / "together" / place)
    return Drawn(assembled, variants, work, folder / "together")


@pytest.fixture(scope="module")
def drawn(assembled: Assembled, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Three mild variants of the kitchenette."""
    return together(assembled, tmp_path_factory.mktemp("mild"), count=3, seed=7)


@pytest.fixture(scope="module")
def strong(assembled: Assembled, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Six strong ones."""
    return together(assembled, tmp_path_factory.mktemp("strong"), count=6, seed=7, policy="strong")


def composed(drawn: Drawn, index: int) -> Usd.Stage:
    """Open one variant's root."""
    return Usd.Stage.Open(str(drawn.folder / "variants" / f"{index:04d}.usda"))


def test_variant_0_is_the_scene_as_it_is(drawn: Drawn) -> None:
    assert drawn.variants.variants[0].edits == ()
    stage = composed(drawn, 0)
    for entry in drawn.assembled.manifest.props:
        found = world_pose(stage.GetPrimAtPath(entry.prim_path))
        assert np.allclose(found.matrix(), entry.prop.T_world_prop.matrix(), atol=1e-12)


@pytest.mark.parametrize("index", [1, 2])
def test_composed_values_are_the_edits_values(drawn: Drawn, index: int) -> None:
    stage, manifest = composed(drawn, index), drawn.assembled.manifest
    assert not stage.GetCompositionErrors()
    for edit in drawn.variants.variants[index].edits:
        match edit:
            case MoveProp():
                prim = stage.GetPrimAtPath(manifest.prop(edit.prop).prim_path)
                assert np.allclose(world_pose(prim).matrix(), edit.T_world_prop.matrix(), atol=1e-12)
                assert prim.GetCustomDataByKey("blueprint:pose") == edit.why
            case SetMass():
                mass = UsdPhysics.MassAPI(stage.GetPrimAtPath(f"/World/props/{edit.prop}/{edit.body}"))
                assert mass.GetMassAttr().Get() == pytest.approx(edit.mass_kg)
                assert np.allclose(mass.GetDiagonalInertiaAttr().Get(), edit.inertia_kg_m2)
            case SetMaterial():
                path = f"/World/props/{edit.prop}/Looks/physics_{edit.body}"
                material = UsdPhysics.MaterialAPI(stage.GetPrimAtPath(path))
                assert material.GetDynamicFrictionAttr().Get() == pytest.approx(edit.dynamic_friction)
                assert material.GetStaticFrictionAttr().Get() == pytest.approx(edit.static_friction)
            case MoveCamera():
                camera = manifest.camera(edit.camera)
                mount = world_pose(stage.GetPrimAtPath(camera.mount)).matrix() if camera.mount else np.eye(4)
                found = world_pose(stage.GetPrimAtPath(camera.prim_path)).matrix()
                assert np.allclose(found, mount @ edit.T_mount_camera.matrix(), atol=1e-6)
            case SetLight():
                light = stage.GetPrimAtPath(f"/World/lights/{edit.light}")
                assert np.allclose(-world_pose(light).rotation()[:, 2], edit.direction, atol=1e-9)
                assert light.GetAttribute("inputs:color").Get() == pytest.approx(edit.color_rgb)
            case _:
                pass


def test_every_movable_prop_varies_and_the_robot_stays(drawn: Drawn) -> None:
    for variant in drawn.variants.variants[1:]:
        moved = [edit.prop for edit in variant.edits if isinstance(edit, MoveProp)]
        assert moved == ["cracker_box", "tea_box", "can", "ell"]
        assert {edit.prop for edit in variant.edits if isinstance(edit, SetMass)} == set(moved)
        stage = composed(drawn, variant.index)
        assert np.allclose(world_pose(stage.GetPrimAtPath("/World/robot")).matrix(), BASE.matrix(), atol=1e-12)
    stages = [composed(drawn, index) for index in (1, 2)]
    first, second = (world_pose(stage.GetPrimAtPath("/World/props/can")) for stage in stages)
    assert first != second


def test_strong_variants_use_the_spares_of_the_stocked_scene(strong: Drawn) -> None:
    scene = strong.variants.scene_for(strong.assembled)
    assert scene is not strong.assembled
    used = [edit for variant in strong.variants.variants for edit in variant.edits if isinstance(edit, AddDistractor)]
    assert used
    assert {edit.prop for edit in used} <= set(scene.manifest.spares)
    for variant in strong.variants.variants:
        stage = composed(strong, variant.index)
        assert not stage.GetCompositionErrors()
        there = {prim.GetName() for prim in stage.GetPrimAtPath("/World/props").GetChildren()}
        wanted = {edit.prop for edit in variant.edits if isinstance(edit, AddDistractor)}
        assert {name for name in there if name.startswith("distractor")} == wanted


def test_sample_assets_stand_beside_doubles_with_their_licence_in_the_record(strong: Drawn) -> None:
    spares = {name: strong.variants.scene_for(strong.assembled).manifest.prop(name) for name in spare_names(strong)}
    samples = {name: entry for name, entry in spares.items() if "sample_" in entry.asset_path}
    assert samples
    used = [edit for variant in strong.variants.variants for edit in variant.edits if isinstance(edit, AddDistractor)]
    assert {edit.prop for edit in used} & set(samples)
    for edit in used:
        licence = spares[edit.prop].prop.provenance.licence
        assert f"({licence})" in edit.why
        assert edit.prop not in samples or licence == "CC0-1.0"
    for variant in strong.variants.variants:
        stage = composed(strong, variant.index)
        for edit in variant.edits:
            if isinstance(edit, AddDistractor) and edit.prop in samples:
                metadata = stage.GetPrimAtPath(f"/World/props/{edit.prop}").GetPrimStack()[-1].layer.customLayerData
                assert edit.like in stage.GetPrimAtPath(f"/World/props/{edit.prop}").GetPrimStack()[-1].layer.identifier
                assert metadata.get("SimReady_Metadata", {}).get("asset_license", "CC0-1.0") == "CC0-1.0"


def spare_names(drawn: Drawn) -> tuple[str, ...]:
    """The spares that were compiled beside the scene."""
    return drawn.variants.scene_for(drawn.assembled).manifest.spares


def test_without_distractors_no_scene_is_stocked(drawn: Drawn) -> None:
    assert drawn.variants.scene_for(drawn.assembled) is drawn.assembled
    assert drawn.variants.policy.name == "mild"


def test_equal_seeds_give_equal_bytes_and_more_variants_do_not_change_the_first(drawn: Drawn, tmp_path: Path) -> None:
    again, _ = draw(drawn.assembled, tmp_path / "again", count=3, seed=7)
    assert digest_files(again.folder) == digest_files(drawn.variants.folder)
    more, _ = draw(drawn.assembled, tmp_path / "more", count=4, seed=7)
    assert more.variants[:3] == drawn.variants.variants
    other, _ = draw(drawn.assembled, tmp_path / "other", count=3, seed=8)
    assert other.variants[1].edits != drawn.variants.variants[1].edits


def test_nothing_varies_when_off(assembled: Assembled, tmp_path: Path) -> None:
    off, _ = draw(assembled, tmp_path / "off", count=3, original_first=False, policy="off")
    assert [variant.edits for variant in off.variants] == [(), (), ()]


def test_coverage_lies_beside_the_variants(drawn: Drawn) -> None:
    found = json.loads((drawn.variants.folder / Variants.COVERAGE_FILE).read_bytes())
    assert found["format"] == "blueprint.coverage"
    assert {entry["name"] for entry in found["factors"]} >= {"mass", "friction", "exposure"}


def test_the_share_without_room_is_measured(drawn: Drawn) -> None:
    (check,) = drawn.work.checks
    assert check.value == 0
    assert check.passed


def test_a_policys_content_is_in_the_key_and_its_place_is_not(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("format: blueprint.randomization\nversion: 1\nname: own\n")
    first = RandomizeSettings(policy=path)
    assert "policy" not in settings_in_key(first)
    before = foreign_digests(randomize, first)
    path.write_text("format: blueprint.randomization\nversion: 1\nname: other\n")
    assert foreign_digests(randomize, first) != before
    with pytest.raises(UnknownName, match="Known: mild, off, strong"):
        foreign_digests(randomize, RandomizeSettings(policy=Path("wild")))


def test_a_policy_is_named_relative_to_its_recipe(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    recipe = tmp_path / "recipes" / "own.yaml"
    text = "format: blueprint.recipe\nversion: 1\nrandomize:\n  policy: {}\n"
    (tmp_path / "policies").mkdir()
    heavy = "{vary: mass, values: {uniform: [1, 2]}}"
    own = f"format: blueprint.randomization\nversion: 1\nname: mine\nfactors: {{heavy: {heavy}}}\n"
    (tmp_path / "policies" / "mine.yaml").write_text(own)
    recipe.write_text(text.format("../policies/mine.yaml"))
    assert load_recipe(recipe).randomize.policy.resolve() == (tmp_path / "policies" / "mine.yaml").resolve()
    recipe.write_text(text.format("../policies/none_such.yaml"))
    with pytest.raises(RecipeError, match=r"none_such\.yaml: cannot be read"):
        load_recipe(recipe)
    recipe.write_text(text.format("strong"))
    assert foreign_digests(randomize, load_recipe(recipe).randomize) == foreign_digests(
        randomize, RandomizeSettings(policy=Path("strong"))
    )
