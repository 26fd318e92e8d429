"""Variants of a scene, opened with plain USD and compared with their edits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdPhysics
from tests.assemble.kitchenette_records import drain
from tests.usd.kitchenette_scene import BASE, write_kitchenette

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import link_tree
from blueprint.pipeline.randomize.stage import RandomizeSettings, randomize
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import MoveCamera, MoveProp, SetLight, SetMass, SetMaterial
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


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Three variants of the kitchenette."""
    root = tmp_path_factory.mktemp("drawn")
    manifest = write_kitchenette(root / "assembled")
    save(root / "assembled" / Assembled.MANIFEST, manifest)
    assembled = Assembled(root / "assembled")
    variants, work = draw(assembled, root / "variants", count=3, seed=7)
    link_tree(assembled.scene_folder, root / "together")
    link_tree(variants.folder / "variants", root / "together" / "variants")
    return Drawn(assembled, variants, work, root / "together")


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
    kinds = set()
    for edit in drawn.variants.variants[index].edits:
        kinds.add(type(edit))
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
                raise AssertionError(edit)
    assert kinds == {MoveProp, SetMass, SetMaterial, MoveCamera, SetLight}


def test_every_movable_prop_and_nothing_else_varies(drawn: Drawn) -> None:
    for variant in drawn.variants.variants[1:]:
        moved = [edit.prop for edit in variant.edits if isinstance(edit, MoveProp)]
        assert moved == ["cracker_box", "tea_box", "can", "ell"]
        masses = {edit.prop for edit in variant.edits if isinstance(edit, SetMass)}
        assert masses == set(moved)


def test_variants_differ_and_the_robot_stays(drawn: Drawn) -> None:
    first, second = (composed(drawn, index) for index in (1, 2))
    path = "/World/props/can"
    assert world_pose(first.GetPrimAtPath(path)) != world_pose(second.GetPrimAtPath(path))
    for stage in (first, second):
        assert np.allclose(world_pose(stage.GetPrimAtPath("/World/robot")).matrix(), BASE.matrix(), atol=1e-12)


def test_a_variant_is_drawn_around_a_scenes_mass(drawn: Drawn) -> None:
    can = drawn.assembled.manifest.prop("can")
    factors = [
        edit.mass_kg / can.mass_kg()
        for variant in drawn.variants.variants
        for edit in variant.edits
        if isinstance(edit, SetMass) and edit.prop == "can"
    ]
    assert len(factors) == 2
    assert all(0.85 <= factor <= 1.15 for factor in factors)


def test_equal_seeds_give_equal_bytes_and_more_variants_do_not_change_the_first(drawn: Drawn, tmp_path: Path) -> None:
    again, _ = draw(drawn.assembled, tmp_path / "again", count=3, seed=7)
    assert digest_files(again.folder) == digest_files(drawn.variants.folder)
    more, _ = draw(drawn.assembled, tmp_path / "more", count=4, seed=7)
    assert more.variants[:3] == drawn.variants.variants
    other, _ = draw(drawn.assembled, tmp_path / "other", count=3, seed=8)
    assert other.variants[1].edits != drawn.variants.variants[1].edits


def test_the_share_without_room_is_measured(drawn: Drawn) -> None:
    (check,) = drawn.work.checks
    assert check.value == 0
    assert check.passed
