"""A variant's root, opened with plain USD: every edit's numbers are on the prims that programs read."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdPhysics
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import (
    AddDistractor,
    AddSupport,
    Edit,
    MoveCamera,
    MoveProp,
    SetDrive,
    SetLatency,
    SetLens,
    SetLight,
    SetLook,
    SetRestitution,
    SetSensor,
    SetStart,
    SupportSurface,
)
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.usd.apply import EditNotApplicable
from blueprint.pipeline.usd.scene_looks import read_looks
from blueprint.pipeline.usd.transforms import world_pose
from blueprint.pipeline.usd.variant_layer import write_variant

ROBOT = "/World/robot"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the kitchenette's scene."""
    folder = tmp_path_factory.mktemp("variants")
    write_kitchenette(folder)
    return folder


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> SceneManifest:
    """Its manifest."""
    return write_kitchenette(tmp_path_factory.mktemp("again"))


def composed(record: Path, manifest: SceneManifest, *edits: Edit) -> Usd.Stage:
    """Write a variant and open it."""
    scene = record / "scene"
    # USD keeps layers by path, so each variant needs one of its own.
    path = scene / "variants" / f"{len([*scene.glob('variants/*')]):04d}.usda"
    looks = read_looks(scene / "scene.usda", manifest)
    write_variant(path, "../scene.usda", manifest, load_robot("franka_panda"), Variant(7, 1, edits), looks)
    stage = Usd.Stage.Open(str(path))
    assert not stage.GetCompositionErrors()
    return stage


def test_places_masses_materials_cameras_and_light(record: Path, manifest: SceneManifest) -> None:
    can = manifest.prop("can").physics[0]
    move = MoveProp("can", Pose.from_yaw((0.4, 1.3, 0.75), -0.4), "drawn")
    stage = composed(
        record,
        manifest,
        move,
        replace(can.mass, mass_kg=0.321, why="drawn"),
        replace(can.material, static_friction=0.77, dynamic_friction=0.66, why="drawn"),
        SetLight("key", (0.6, 0.0, -0.8), (1.0, 0.9, 0.8), 0.5, "drawn"),
        MoveCamera("side", Pose((1.0, 2.0, 3.0)), "drawn"),
    )
    body = stage.GetPrimAtPath("/World/props/can/body")
    material = UsdPhysics.MaterialAPI(stage.GetPrimAtPath("/World/props/can/Looks/physics_body"))
    light = stage.GetPrimAtPath("/World/lights/key")
    assert np.allclose(world_pose(body).matrix(), move.T_world_prop.matrix(), atol=1e-12)
    assert UsdPhysics.MassAPI(body).GetMassAttr().Get() == pytest.approx(0.321)
    assert material.GetDynamicFrictionAttr().Get() == pytest.approx(0.66)
    assert material.GetPrim().GetAttribute("physxMaterial:frictionCombineMode").Get() == "max"
    assert np.allclose(-world_pose(light).rotation()[:, 2], (0.6, 0.0, -0.8), atol=1e-9)
    assert np.allclose(world_pose(stage.GetPrimAtPath("/World/cameras/side")).position_m, (1, 2, 3))
    untouched = stage.GetPrimAtPath("/World/props/ell")
    assert np.allclose(world_pose(untouched).matrix(), manifest.prop("ell").prop.T_world_prop.matrix())


def test_restitution_and_joints(record: Path, manifest: SceneManifest) -> None:
    hinge = next(each for each in manifest.prop("cabinet").joint_dynamics if each.joint == "hinge")
    rail = next(each for each in manifest.prop("cabinet").joint_dynamics if each.joint == "rail")
    stage = composed(
        record,
        manifest,
        SetRestitution("can", "body", 0.4, "drawn"),
        replace(hinge, damping=0.9, friction=0.07, why="drawn"),
        replace(rail, damping=5.5, why="drawn"),
    )
    material = stage.GetPrimAtPath("/World/props/can/Looks/physics_body")
    assert UsdPhysics.MaterialAPI(material).GetRestitutionAttr().Get() == pytest.approx(0.4)
    assert material.GetAttribute("physxMaterial:restitutionCombineMode").Get() == "max"
    turning = stage.GetPrimAtPath("/World/props/cabinet/Joints/hinge")
    assert UsdPhysics.DriveAPI(turning, "angular").GetDampingAttr().Get() == pytest.approx(math.radians(0.9))
    assert turning.GetAttribute("newton:friction").Get() == pytest.approx(0.07)
    sliding = stage.GetPrimAtPath("/World/props/cabinet/Joints/rail")
    assert UsdPhysics.DriveAPI(sliding, "linear").GetDampingAttr().Get() == pytest.approx(5.5)


def test_looks_are_read_through_a_link_as_well(record: Path, manifest: SceneManifest, tmp_path: Path) -> None:
    """The store of a run for several robots is a link."""
    (tmp_path / "linked").symlink_to(record, target_is_directory=True)
    looks = read_looks(tmp_path / "linked" / "scene" / "scene.usda", manifest)
    assert looks == read_looks(record / "scene" / "scene.usda", manifest)
    assert any(look.file for worn in looks.values() for look in worn)


def test_looks_are_tinted_and_pictures_are_borrowed(record: Path, manifest: SceneManifest) -> None:
    before = read_looks(record / "scene" / "scene.usda", manifest)
    stage = composed(
        record,
        manifest,
        SetLook("cracker_box", (0.5, 1.0, 0.25), "tea_box", "drawn"),
        SetLook("can", (0.5, 2.0, 1.0), "", "drawn"),
    )
    (printed,), (plain,) = before["cracker_box"], before["can"]
    texture = stage.GetPrimAtPath(printed.shader)
    assert tuple(texture.GetAttribute("inputs:scale").Get()) == pytest.approx((0.5, 1.0, 0.25, 1.0))
    picture = texture.GetAttribute("inputs:file").Get()
    assert Path(picture.resolvedPath).is_file()
    assert "assets/tea_box/" in picture.resolvedPath
    color = stage.GetPrimAtPath(plain.shader).GetAttribute("inputs:diffuseColor").Get()
    red, green, blue = plain.rgb
    assert tuple(color) == pytest.approx((0.5 * red, min(2 * green, 1.0), blue))


def test_a_distractor_is_a_reference_to_the_asset_of_its_double(record: Path, manifest: SceneManifest) -> None:
    pose = Pose.from_yaw((0.1, 1.2, 0.74), 0.3)
    stage = composed(record, manifest, AddDistractor("distractor_01", "can", pose, "drawn"))
    prim = stage.GetPrimAtPath("/World/props/distractor_01")
    assert np.allclose(world_pose(prim).matrix(), pose.matrix(), atol=1e-12)
    body = stage.GetPrimAtPath("/World/props/distractor_01/body")
    original = stage.GetPrimAtPath("/World/props/can/body")
    assert UsdPhysics.MassAPI(body).GetMassAttr().Get() == UsdPhysics.MassAPI(original).GetMassAttr().Get()
    assert len(list(Usd.PrimRange(prim))) == len(list(Usd.PrimRange(stage.GetPrimAtPath("/World/props/can"))))


def test_servos_start_and_latency(record: Path, manifest: SceneManifest) -> None:
    plain = composed(record, manifest)
    stage = composed(
        record,
        manifest,
        SetDrive("franka_panda", "panda_joint2", 1.5, 0.5, "drawn"),
        SetStart("franka_panda", {"panda_joint1": 0.1, "panda_joint4": -2.0}, "drawn"),
        SetLatency("franka_panda", 0.025, "drawn"),
    )

    def joint(opened: Usd.Stage, name: str) -> Usd.Prim:
        return next(prim for prim in opened.Traverse() if prim.GetName() == name and prim.IsA(UsdPhysics.Joint))

    for name, wanted in (("panda_joint2", (1.5, 0.5)), ("panda_joint3", (1.0, 1.0))):
        after, before = (UsdPhysics.DriveAPI(joint(each, name), "angular") for each in (stage, plain))
        assert after.GetStiffnessAttr().Get() == pytest.approx(wanted[0] * before.GetStiffnessAttr().Get())
        assert after.GetDampingAttr().Get() == pytest.approx(wanted[1] * before.GetDampingAttr().Get())
    start = joint(stage, "panda_joint4").GetAttribute("state:angular:physics:position").Get()
    assert start == pytest.approx(math.degrees(-2.0))
    held = UsdPhysics.DriveAPI(joint(stage, "panda_joint1"), "angular").GetTargetPositionAttr().Get()
    assert held == pytest.approx(math.degrees(0.1))
    assert stage.GetPrimAtPath(ROBOT).GetCustomDataByKey("blueprint:command_latency_s") == 0.025


def test_lens_exposure_and_noise(record: Path, manifest: SceneManifest) -> None:
    stage = composed(
        record, manifest, SetLens("side", 300.0, "drawn"), SetSensor("side", -0.5, 3.0, 0.002, 77, "drawn")
    )
    entry = manifest.camera("side")
    camera = UsdGeom.Camera(stage.GetPrimAtPath(entry.prim_path))
    aperture = camera.GetHorizontalApertureAttr().Get()
    assert camera.GetFocalLengthAttr().Get() / aperture * entry.width_px == pytest.approx(300.0)
    assert camera.GetExposureAttr().Get() == pytest.approx(-0.5)
    assert camera.GetPrim().GetCustomDataByKey("blueprint:rgb_noise_std_of_255") == 3.0
    assert camera.GetPrim().GetCustomDataByKey("blueprint:depth_noise_std_m_at_1_m") == 0.002
    assert camera.GetPrim().GetCustomDataByKey("blueprint:noise_seed") == 77


def test_what_a_variant_cannot_say_is_refused(record: Path, manifest: SceneManifest) -> None:
    surface = SupportSurface("top", "body", Pose(), (0.1, 0.1), 0.01)
    with pytest.raises(EditNotApplicable, match="SetLens"):
        composed(record, manifest, AddSupport("can", surface, "drawn"))
    with pytest.raises(UnknownName, match="panda_joint7"):
        composed(record, manifest, SetDrive("franka_panda", "panda_joint9", 1.0, 1.0, "drawn"))
    with pytest.raises(UnknownName, match="tea_box"):
        composed(record, manifest, AddDistractor("distractor_01", "teapot", Pose(), "drawn"))
