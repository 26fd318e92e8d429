"""USD scenes: any upward axis and unit, objects where they stand, looks as bound, nothing from outside."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdPhysics, UsdShade
from tests.formats.tiny_scans import bracket
from tests.formats.usd_scenes import (
    Y_UP_FROM_Z_UP,
    add_component,
    add_material,
    add_mesh,
    add_thing,
    bind,
    new_stage,
)

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats import usd_scene
from blueprint.pipeline.formats.raw_scan import RawObject, RawScan

pytestmark = pytest.mark.usefixtures("meshes_read_here")

CUBE = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [2, 3, 7, 6], [1, 2, 6, 5], [0, 4, 7, 3]]
CUBE_POINTS = np.array([[x, y, z] for z in (0, 1) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))], dtype=float)


def z_up_bracket() -> trimesh.Trimesh:
    """Return an asymmetric thing with Z up."""
    mesh = bracket((0.3, 0.2, 0.5))
    return trimesh.Trimesh(np.asarray(mesh.vertices) @ Y_UP_FROM_Z_UP, mesh.faces, process=False)


def entry_of(scan: RawScan, key: str) -> RawObject:
    return next(entry for entry in scan.objects if entry.key == key)


def volume(entry: RawObject) -> float:
    return float(trimesh.Trimesh(entry.posed.vertices(), entry.posed.faces(), process=True).volume)


@pytest.mark.parametrize(("suffix", "up", "unit"), [("usda", "Z", 1.0), ("usdc", "Y", 0.01), ("usd", "Z", 0.001)])
def test_the_same_scene_in_any_axis_and_unit_is_the_same_in_metres(
    tmp_path: Path, suffix: str, up: str, unit: float
) -> None:
    turn = np.eye(3) if up == "Z" else Y_UP_FROM_Z_UP
    mesh = z_up_bracket()
    stored = trimesh.Trimesh(np.asarray(mesh.vertices) @ turn.T / unit, mesh.faces, process=False)
    stage = new_stage(tmp_path / f"scene.{suffix}", up, unit)
    add_thing(stage, "/World/Lamp_3", stored, move=turn @ [0.4, 1.0, 0.2] / unit)
    stage.Save()
    scan = usd_scene.read(tmp_path)
    (entry,) = scan.objects
    assert (entry.key, entry.label) == ("Lamp_3", "Lamp")
    metres = entry.posed.vertices() * (scan.declared_metres_per_unit or 0) @ turn
    np.testing.assert_allclose(metres, np.asarray(mesh.vertices) + np.array([0.4, 1.0, 0.2]), atol=1e-6)
    assert scan.declared_up == ((0, 0, 1) if up == "Z" else (0, 1, 0))
    # The view that stands in for a camera is level, along +Y of the upright world.
    np.testing.assert_allclose(turn.T @ scan.T_scan_camera[:3, :3], [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12)
    assert entry.canonical is not None
    assert np.ptp(entry.canonical.vertices(), axis=0) * unit == pytest.approx((0.3, 0.2, 0.5), abs=1e-6)


def test_nested_transforms_scales_and_mirrors_are_applied(tmp_path: Path) -> None:
    stage = new_stage(tmp_path / "scene.usda")
    group = UsdGeom.Xform.Define(stage, "/World/Shelf")
    Usd.ModelAPI(group).SetKind(Kind.Tokens.group)
    group.AddTranslateOp().Set(Gf.Vec3d(0, 0, 2))
    add_thing(stage, "/World/Shelf/Vase", z_up_bracket(), move=(1, 0, 0), turn_z_deg=90, scale=(2, 2, 2))
    add_thing(stage, "/World/Shelf/Twin", z_up_bracket(), scale=(-1, 1, 1))
    stage.Save()
    scan = usd_scene.read(tmp_path)
    vase, twin = entry_of(scan, "Vase"), entry_of(scan, "Twin")
    wanted = 2 * np.asarray(z_up_bracket().vertices) @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]]) + [1, 0, 2]
    np.testing.assert_allclose(vase.posed.vertices(), wanted, atol=1e-6)
    assert volume(vase) == pytest.approx(8 * z_up_bracket().volume, rel=1e-5)
    assert volume(twin) == pytest.approx(z_up_bracket().volume, rel=1e-5)
    assert "mirrors it" in twin.remarks[0]


def test_components_references_and_loose_meshes_are_objects(tmp_path: Path) -> None:
    asset = new_stage(tmp_path / "assets/chair.usdc")
    add_thing(asset, "/World/Seat", z_up_bracket())
    add_thing(asset, "/World/Back", z_up_bracket(), move=(0, 0, 1))
    asset.Save()
    stage = new_stage(tmp_path / "scene.usda")
    UsdGeom.Xform.Define(stage, "/World/Props")
    add_component(stage, "/World/Props/Mug", z_up_bracket())
    add_component(stage, "/World/Props/Deep/Mug", z_up_bracket())
    chair = UsdGeom.Xform.Define(stage, "/World/Chair_1")
    chair.GetPrim().GetReferences().AddReference("./assets/chair.usdc")
    twin = UsdGeom.Xform.Define(stage, "/World/Chair_2")
    twin.GetPrim().GetPayloads().AddPayload("./assets/chair.usdc")
    twin.GetPrim().SetInstanceable(True)
    add_mesh(stage, "/World/floor", CUBE_POINTS, CUBE)
    hidden = add_mesh(stage, "/World/helper", CUBE_POINTS, CUBE)
    hidden.CreateVisibilityAttr(UsdGeom.Tokens.invisible)
    add_mesh(stage, "/World/proxy", CUBE_POINTS, CUBE).CreatePurposeAttr(UsdGeom.Tokens.proxy)
    stage.Save()
    scan = usd_scene.read(tmp_path)
    keys = [entry.key for entry in scan.objects]
    assert sorted(keys) == ["Chair_1", "Chair_2", "World/Props/Deep/Mug", "World/Props/Mug", "floor"]
    assert len(entry_of(scan, "Chair_1").posed.surfaces) == 2
    assert volume(entry_of(scan, "Chair_2")) == pytest.approx(2 * z_up_bracket().volume, rel=1e-5)


def test_polygons_become_triangles_wound_outward(tmp_path: Path) -> None:
    stage = new_stage(tmp_path / "scene.usda")
    add_mesh(stage, "/World/right", CUBE_POINTS, CUBE)
    left = add_mesh(stage, "/World/left", CUBE_POINTS, [face[::-1] for face in CUBE])
    left.CreateOrientationAttr(UsdGeom.Tokens.leftHanded)
    open_top = add_mesh(stage, "/World/open", CUBE_POINTS, CUBE)
    open_top.CreateHoleIndicesAttr([1])
    UsdGeom.Sphere.Define(stage, "/World/ball").CreateRadiusAttr(0.5)
    pipe = UsdGeom.Cylinder.Define(stage, "/World/pipe")
    pipe.CreateAxisAttr("X")
    pipe.CreateHeightAttr(3.0)
    pipe.CreateRadiusAttr(0.5)
    stage.Save()
    scan = usd_scene.read(tmp_path)
    assert volume(entry_of(scan, "right")) == pytest.approx(1.0)
    assert volume(entry_of(scan, "left")) == pytest.approx(1.0)
    assert len(entry_of(scan, "open").posed.faces()) == 10
    assert volume(entry_of(scan, "ball")) == pytest.approx(np.pi / 6, rel=0.02)
    assert np.ptp(entry_of(scan, "pipe").posed.vertices(), axis=0) == pytest.approx((3, 1, 1), abs=1e-6)
    assert volume(entry_of(scan, "pipe")) == pytest.approx(3 * np.pi / 4, rel=0.02)


def test_textures_subsets_and_colours_arrive(tmp_path: Path) -> None:
    Image.new("RGB", (4, 2), (10, 20, 30)).save(tmp_path / "wood.png")
    stage = new_stage(tmp_path / "scene.usda")
    mesh = add_mesh(stage, "/World/box", CUBE_POINTS, CUBE)
    corners = [corner for face in CUBE for corner in face]
    uv = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("map1", Sdf.ValueTypeNames.TexCoord2fArray, "faceVarying")
    uv.Set([Gf.Vec2f(index / 24, 0.25) for index in range(len(corners))])
    bind(mesh.GetPrim(), add_material(stage, "/World/Looks/wood", texture="./wood.png"))
    lid = UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).CreateMaterialBindSubset("lid", [1])
    bind(lid.GetPrim(), add_material(stage, "/World/Looks/red", color=(1, 0.2140411, 0), metallic=1.0))
    stage.Save()
    (entry,) = usd_scene.read(tmp_path).objects
    wood, red = entry.posed.surfaces
    assert (len(wood.faces), len(red.faces)) == (10, 2)
    assert wood.look.texture_size == (4, 2)
    assert wood.look.texture_png is not None
    assert wood.uv is not None
    # Each corner of the file keeps its own coordinates, so the cube's points are split.
    assert len(wood.vertices) == 20
    first = wood.vertices[wood.faces[0][0]], wood.uv[wood.faces[0][0]]
    assert first[0].tolist() == CUBE_POINTS[0].tolist()
    assert first[1] == pytest.approx((0.0, 0.25))
    assert red.look.base_color_rgb == pytest.approx((1.0, 0.5, 0.0), abs=1e-4)
    assert (red.look.metallic, red.look.roughness, red.look.texture_png) == (1.0, pytest.approx(0.4), None)


def test_physics_of_the_file_is_said_and_not_used(tmp_path: Path) -> None:
    stage = new_stage(tmp_path / "scene.usda")
    thing = add_thing(stage, "/World/Mug", z_up_bracket())
    UsdPhysics.RigidBodyAPI.Apply(thing.GetPrim())
    UsdPhysics.MassAPI.Apply(thing.GetPrim()).CreateMassAttr(3.0)
    stage.Save()
    remarks = usd_scene.read(tmp_path).remarks
    assert any("holds 1 rigid bodies, 1 masses, which are not read" in remark for remark in remarks)


def test_missing_textures_and_references_are_named_and_cost_only_themselves(tmp_path: Path) -> None:
    stage = new_stage(tmp_path / "scene.usda")
    mesh = add_mesh(stage, "/World/box", CUBE_POINTS, CUBE)
    bind(mesh.GetPrim(), add_material(stage, "/World/Looks/wood", texture="./gone.png"))
    stage.DefinePrim("/World/Chair", "Xform").GetReferences().AddReference("./chair.usda")
    stage.Save()
    scan = usd_scene.read(tmp_path)
    assert [entry.key for entry in scan.objects] == ["box"]
    # The texture node's fallback, red, is what a renderer would show.
    assert scan.objects[0].posed.surfaces[0].look.base_color_rgb == pytest.approx((1, 0, 0))
    assert [(entry.key, entry.reason) for entry in scan.failures] == [
        ("Chair", "scene.usda/World/Chair: holds no mesh. Expected: at least one polygon mesh")
    ]
    said = "\n".join(scan.remarks)
    assert "'./gone.png' does not exist" in said
    assert "'./chair.usda' does not exist" in said


@pytest.mark.parametrize("path", ["/etc/hosts.usda", "../outside.usda", "https://example.org/a.usd"])
def test_what_leads_outside_refuses_the_whole_scene(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.usda").write_text("#usda 1.0\n")
    stage = new_stage(tmp_path / "scan/scene.usda")
    add_thing(stage, "/World/Mug", z_up_bracket())
    stage.DefinePrim("/World/Chair", "Xform").GetReferences().AddReference(path)
    stage.Save()
    with pytest.raises(ScanError, match="cannot be opened safely") as caught:
        usd_scene.read(tmp_path / "scan")
    assert path in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_of_the_working_folder_is_not_taken_for_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """USD looks for bare names in the working folder too; what lies there is no part of the scan."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Image.new("RGB", (4, 4), (1, 2, 3)).save(elsewhere / "secret.png")
    monkeypatch.chdir(elsewhere)
    stage = new_stage(tmp_path / "scan/scene.usda")
    mesh = add_mesh(stage, "/World/box", CUBE_POINTS, CUBE)
    uv = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("map1", Sdf.ValueTypeNames.TexCoord2fArray, "vertex")
    uv.Set([Gf.Vec2f(0, 0)] * 8)
    bind(mesh.GetPrim(), add_material(stage, "/World/Looks/wood", texture="secret.png"))
    stage.Save()
    (entry,) = usd_scene.read(tmp_path / "scan").objects
    assert entry.posed.surfaces[0].look.texture_png is None


def test_fallback_axis_and_unit_are_said(tmp_path: Path) -> None:
    (tmp_path / "scene.usda").write_text(
        '#usda 1.0\ndef Mesh "box" {\npoint3f[] points = [(0,0,0),(1,0,0),(0,1,0)]\n'
        "int[] faceVertexCounts = [3]\nint[] faceVertexIndices = [0, 1, 2]\n}\n"
    )
    scan = usd_scene.read(tmp_path)
    assert (scan.declared_up, scan.declared_metres_per_unit) == ((0, 1, 0), 0.01)
    assert "declares no upAxis" in scan.remarks[0]
    assert "declares no metersPerUnit" in scan.remarks[1]


TRIANGLE = "point3f[] points = [(0,0,0),(1,0,0),(0,1,0)]\nint[] faceVertexCounts = [3]\nint[] faceVertexIndices = "


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (TRIANGLE.replace("[3]", "[4]") + "[0, 1, 2]", "has 3 corners where its faces count 4"),
        (TRIANGLE + "[0, 1, 9]", "name missing points"),
        (TRIANGLE.replace("(1,0,0)", "(1,0,nan)") + "[0, 1, 2]", "NaN or infinite"),
        (TRIANGLE.replace("[3]", "[2]") + "[0, 1]", "has 0 triangles"),
        ("", "has no faces"),
        (
            TRIANGLE + '[0,1,2]\nfloat3 xformOp:scale = (0,0,0)\nuniform token[] xformOpOrder = ["xformOp:scale"]',
            "is scaled to nothing",
        ),
    ],
)
def test_a_damaged_mesh_costs_its_object_and_is_named(tmp_path: Path, body: str, complaint: str) -> None:
    (tmp_path / "scene.usda").write_text(
        f'#usda 1.0\n(\nupAxis = "Z"\nmetersPerUnit = 1\n)\ndef Mesh "box" {{\n{body}\n}}\n'
    )
    scan = usd_scene.read(tmp_path)
    assert scan.objects == ()
    assert "/box" in scan.failures[0].reason
    assert complaint in scan.failures[0].reason


def test_a_root_layer_is_found_by_name_or_because_it_is_alone(tmp_path: Path) -> None:
    assert usd_scene.score(tmp_path) == 0
    new_stage(tmp_path / "kitchen_7.usda").Save()
    assert usd_scene.score(tmp_path) == 0.5
    new_stage(tmp_path / "chair.usda").Save()
    assert usd_scene.score(tmp_path) == 0
    with pytest.raises(ScanError, match="has no root layer"):
        usd_scene.read(tmp_path)
    new_stage(tmp_path / "Scene.usda").Save()
    assert usd_scene.score(tmp_path) == 0.6


def test_an_empty_or_damaged_stage_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "scene.usd"
    for content in (b"", b"not usd", b"PXR-USDC" + b"\xff" * 200):
        path.write_bytes(content)
        with pytest.raises(ScanError, match=r"scene\.usd"):
            usd_scene.read(tmp_path)
