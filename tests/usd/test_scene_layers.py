"""A scene's folder: opened with plain USD it is upright, in metres, complete and nobody else's."""

import re
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdLux, UsdPhysics
from tests.usd.kitchenette_scene import BASE, write_kitchenette

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.formats.usd_confined import ReadLimits, check_confined
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.usd.transforms import world_pose


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that holds the scene."""
    return tmp_path_factory.mktemp("record")


@pytest.fixture(scope="module")
def manifest(record: Path) -> SceneManifest:
    """The scene as data."""
    return write_kitchenette(record)


@pytest.fixture(scope="module")
def stage(record: Path, manifest: SceneManifest) -> Usd.Stage:
    """The composed scene."""
    return Usd.Stage.Open(str(record / "scene" / "scene.usda"))


def test_the_scene_is_upright_in_metres(stage: Usd.Stage) -> None:
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert Usd.ModelAPI(stage.GetPrimAtPath("/World")).GetKind() == "assembly"
    scene = UsdPhysics.Scene(stage.GetPrimAtPath("/World/physics_scene"))
    assert scene.GetGravityDirectionAttr().Get() == (0, 0, -1)
    assert scene.GetGravityMagnitudeAttr().Get() == pytest.approx(9.81)
    assert not stage.GetCompositionErrors()


def test_every_prop_stands_where_the_manifest_says(stage: Usd.Stage, manifest: SceneManifest) -> None:
    for entry in manifest.props:
        found = world_pose(stage.GetPrimAtPath(entry.prim_path))
        assert np.allclose(found.matrix(), entry.prop.T_world_prop.matrix(), atol=1e-12)


def test_a_prop_reaches_as_high_as_it_is(stage: Usd.Stage) -> None:
    prim = UsdGeom.Imageable(stage.GetPrimAtPath("/World/props/cracker_box"))
    bounds = prim.ComputeWorldBound(0, UsdGeom.Tokens.default_).ComputeAlignedRange()
    assert bounds.GetMin()[2] == pytest.approx(0.74, abs=1e-6)
    assert bounds.GetMax()[2] == pytest.approx(0.94, abs=1e-6)


def test_the_settle_layer_is_over_the_placement(stage: Usd.Stage) -> None:
    prim = stage.GetPrimAtPath("/World/props/can")
    assert prim.GetCustomDataByKey("blueprint:pose") == "settled"
    stack = [Path(spec.layer.identifier).stem for spec in prim.GetAttribute("xformOp:translate").GetPropertyStack(0)]
    assert stack == ["settle", "placement"]


def test_the_robot_stands_in_the_folder_with_its_licence(stage: Usd.Stage, record: Path) -> None:
    robot = stage.GetPrimAtPath("/World/robot")
    assert np.allclose(world_pose(robot).matrix(), BASE.matrix(), atol=1e-12)
    assert stage.GetPrimAtPath("/World/robot/panda_hand").HasAPI(UsdPhysics.RigidBodyAPI)
    assert (record / "scene" / "assets" / "franka_panda" / "LICENSE").is_file()


def test_cameras_have_the_manifests_focal_length_and_place(stage: Usd.Stage, manifest: SceneManifest) -> None:
    for camera in manifest.cameras:
        prim = stage.GetPrimAtPath(camera.prim_path)
        lens = UsdGeom.Camera(prim).GetCamera(0)
        assert lens.focalLength / lens.horizontalAperture * camera.width_px == pytest.approx(camera.focal_px, rel=1e-5)
        aspect = lens.verticalAperture / lens.horizontalAperture
        assert aspect == pytest.approx(camera.height_px / camera.width_px)
        mount = world_pose(stage.GetPrimAtPath(camera.mount)) if camera.mount else Pose()
        expected = (mount @ camera.T_mount_camera).matrix()
        assert np.allclose(world_pose(prim).matrix(), expected, atol=1e-6)


def test_light_travels_as_the_manifest_says(stage: Usd.Stage, manifest: SceneManifest) -> None:
    (light,) = manifest.lights
    prim = stage.GetPrimAtPath(light.prim_path)
    assert prim.IsA(UsdLux.DistantLight)
    assert np.allclose(-world_pose(prim).rotation()[:, 2], light.direction, atol=1e-9)


def test_the_floor_is_solid_below_zero_and_visible(stage: Usd.Stage) -> None:
    collider = stage.GetPrimAtPath("/World/room/floor/collider")
    assert collider.HasAPI(UsdPhysics.CollisionAPI)
    bounds = UsdGeom.Imageable(collider).ComputeWorldBound(0, UsdGeom.Tokens.guide).ComputeAlignedRange()
    assert bounds.GetMax()[2] == pytest.approx(0, abs=1e-9)
    assert bounds.GetMin()[2] == pytest.approx(-0.1, abs=1e-9)
    assert UsdGeom.Imageable(stage.GetPrimAtPath("/World/room/floor/visual")).ComputePurpose() == "default"


def test_a_scene_is_self_contained_and_survives_a_move(record: Path, manifest: SceneManifest, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    (record / "scene").rename(moved)
    try:
        layers = check_confined(moved / "scene.usda", moved, ReadLimits())
        assert len(layers) == 1 + 7 + 6 * len(manifest.props) + 1
        content = b"".join(path.read_bytes() for path in sorted(moved.rglob("*")) if path.is_file())
        assert str(record).encode() not in content
        assert not re.search(rb"20\d\d-\d\d-\d\d", content)
    finally:
        moved.rename(record / "scene")


def test_equal_scenes_have_equal_bytes(record: Path, manifest: SceneManifest, tmp_path: Path) -> None:
    write_kitchenette(tmp_path)
    assert digest_files(tmp_path / "scene") == digest_files(record / "scene")
