"""One small scan per format, which the fuzzer damages file by file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
import yaml
from PIL import Image
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

KEY = "mug__(12, 34)"


def write_seeds(folder: Path) -> dict[str, Path]:
    """Write every seed and return its folder by name; the name begins with that of its format."""
    folders = {name: folder / name.replace("/", "_") for name in _WRITERS}
    for name, write in _WRITERS.items():
        folders[name].mkdir(parents=True)
        write(folders[name])
    return folders


def _mesh(*, textured: bool = False) -> trimesh.Trimesh:
    foot = trimesh.creation.box(bounds=[[0, 0, 0], [1, 0.3, 1]])
    back = trimesh.creation.box(bounds=[[0, 0.3, 0], [0.4, 1, 0.6]])
    vertices = np.vstack([foot.vertices, back.vertices])
    mesh = trimesh.Trimesh(vertices, np.vstack([foot.faces, back.faces + len(foot.vertices)]), process=False)
    if textured:
        mesh.visual = TextureVisuals(uv=vertices[:, :2], material=PBRMaterial(baseColorTexture=_picture()))
    return mesh


def _picture() -> Image.Image:
    return Image.fromarray((np.arange(192) % 251).astype(np.uint8).reshape(8, 8, 3))


def _write(path: Path, content: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _exported(mesh: trimesh.Trimesh | trimesh.Scene | trimesh.PointCloud, kind: str, **options: Any) -> bytes | str:
    content: Any = mesh.export(file_type=kind, **options)
    return content


def _glb(path: Path) -> None:
    _write(path, _exported(_mesh(textured=True), "glb"))


def _json(path: Path, data: Any) -> None:
    _write(path, json.dumps(data))


def _prediction(folder: Path) -> None:
    mesh = _mesh()
    lines = [f"v {x} {y} {z}" for x, y, z in np.asarray(mesh.vertices).tolist()]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in np.asarray(mesh.faces).tolist()]
    _write(folder / "pred.obj", "\n".join(lines) + "\n")
    np.savez(
        folder / "pred.npz",
        face_part_ids=(np.arange(len(mesh.faces)) >= 12).astype(np.int32),
        motion_hierarchy=np.array([[0, 1]]),
        is_part_revolute=np.array([False, True]),
        is_part_prismatic=np.array([False, False]),
        revolute_plucker=np.array([[0.0] * 6, [0, 0, 1, 0.1, 0.2, 0]]),
        revolute_range=np.array([[0, 0], [0, 1.5]]),
        prismatic_axis=np.zeros((2, 3)),
        prismatic_range=np.zeros((2, 2)),
    )


def _regen3d(folder: Path) -> None:
    output = folder / "output"
    _glb(output / f"glb/{KEY}.glb")
    _glb(output / f"3D/{KEY}/{KEY}.glb")
    cloud = np.stack([*map(np.ravel, np.meshgrid(np.arange(4.0), np.arange(4.0))), np.zeros(16)], axis=1)
    _write(output / "pointclouds/PLANE_SAMPLED.ply", _exported(trimesh.PointCloud(cloud), "ply"))
    (output / "pre_3D").mkdir()
    np.savez(output / "pre_3D/camera.npz", focal=np.float32(700), image_size=np.array([640, 480], dtype=np.int32))
    _prediction(folder / "particulate" / KEY)


def _combined(folder: Path) -> None:
    scene = trimesh.Scene()
    scene.add_geometry(_mesh(), node_name=f"{KEY}_0", geom_name="a")
    scene.add_geometry(
        _mesh(textured=True), node_name="table__(5, 6)_0", geom_name="b", transform=np.diag([-1, 1, 1, 1])
    )
    _write(folder / "output/glb/scene/combined_scene.glb", _exported(scene, "glb"))


def _simple_layout(folder: Path) -> None:
    _json(folder / "scene_info.json", {"scene_id": "a", "coordinate_frame": "y_up", "meters_per_unit": 1.0})
    place = folder / "objects/mug_0"
    _glb(place / "mesh.glb")
    pose = {"transform_matrix": np.eye(4).tolist(), "confidence": 0.9, "is_floor_contact": True}
    _json(place / "pose.json", pose)
    other = folder / "objects/bowl_1"
    _glb(other / "model.glb")
    _json(other / "pose.json", {"translation": [1, 2, 3], "rotation_quaternion": [1, 0, 0, 0.1], "scale": [1, 1, 2]})
    _json(place / "bounds.json", {"min": [0, 0, 0], "max": [1, 1, 1]})
    _json(place / "material.json", {"base_color": [0.7, 0.6, 0.5], "metallic": 0.1, "roughness": 0.5})
    _json(place / "label.json", {"label": "mug"})
    matrix = [[500, 0, 320], [0, 500, 240], [0, 0, 1]]
    _json(folder / "camera/intrinsics.json", {"matrix": matrix, "width": 640, "height": 480})
    _json(folder / "camera/extrinsics.json", {"matrix": np.eye(4).tolist()})


def _sam3d(folder: Path) -> None:
    pose = {"rotation": [[0.8, 0.3, -0.4, 0.33]], "translation": [[0.1, 0.2, 2.0]], "scale": [[0.5, 0.5, 0.5]]}
    _glb(folder / "objects/mug/object.glb")
    _json(folder / "objects/mug/pose.json", pose)
    _glb(folder / "objects/bowl/object.glb")
    np.savez(
        folder / "objects/bowl/pose.npz", allow_pickle=False, **{name: np.array(value) for name, value in pose.items()}
    )
    matrix = [[0.9, 0, 0.5], [0, 1.2, 0.5], [0, 0, 1]]
    _json(folder / "intrinsics.json", {"matrix": matrix, "width": 640, "height": 480})


def _poses() -> dict[str, Any]:
    first = {"position": [0.1, 0.2, 0.3], "quat_wxyz": [0.8, 0.1, -0.5, 0.3], "scale": 0.5, "label": "mug"}
    return {"up_axis": "Z", "metres_per_unit": 0.5, "objects": {"a": first, "b": {"transform": np.eye(4).tolist()}}}


def _plain_glb(folder: Path) -> None:
    _glb(folder / "a.glb")
    _write(folder / "b.stl", _exported(_mesh(), "stl"))
    _json(folder / "poses.json", _poses())


def _plain_obj(folder: Path) -> None:
    mesh = _mesh()
    lines = ["mtllib a.mtl", *(f"v {x} {y} {z}" for x, y, z in np.asarray(mesh.vertices).tolist())]
    lines += [f"vt {x} {y}" for x, y, _ in np.asarray(mesh.vertices).tolist()]
    lines += ["usemtl wood", *(f"f {a + 1}/{a + 1} {b + 1}/{b + 1} {c + 1}/{c + 1}" for a, b, c in mesh.faces.tolist())]
    _write(folder / "a.obj", "\n".join(lines) + "\n")
    _write(folder / "a.mtl", "newmtl wood\nKd 0.8 0.7 0.6\nNs 10\nmap_Kd wood.png\n")
    _picture().save(folder / "wood.png")
    _write(folder / "b.ply", _exported(mesh, "ply"))
    _write(folder / "poses.yaml", yaml.safe_dump(_poses()))


def _plain_text(folder: Path) -> None:
    mesh = _mesh()
    _write(folder / "a.ply", _exported(mesh, "ply", encoding="ascii"))
    _write(folder / "b.stl", _exported(mesh, "stl_ascii"))
    files: Any = mesh.export(file_type="gltf")
    for name, content in files.items():
        _write(folder / ("c.gltf" if name.endswith(".gltf") else name), content)
    header = "# up_axis: Z\n# metres_per_unit: 0.01\nname,x,y,z,qw,qx,qy,qz,scale,label\n"
    _write(folder / "poses.csv", header + "a,0.1,0.2,0.3,1,0,0,0,2,mug\nb,1,2,3,0.5,0.5,0.5,0.5,,\n")


def _plain_usd(folder: Path) -> None:
    _usd_mesh(folder / "a.usdc", "")
    _usd_mesh(folder / "b.usda", "")


def _usd_scene(folder: Path) -> None:
    _picture().save(folder / "wood.png")
    _usd_mesh(folder / "parts/leg.usda", "../wood.png")
    _usd_mesh(folder / "scene.usda", "./wood.png", "./parts/leg.usda")


def _usd_crate(folder: Path) -> None:
    _picture().save(folder / "wood.png")
    _usd_mesh(folder / "scene.usdc", "./wood.png")


def _usd_mesh(path: Path, texture: str, reference: str = "") -> None:
    """Write a stage with one mesh, a subset, a material, a solid, and on request a reference."""
    path.parent.mkdir(exist_ok=True)
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    world = UsdGeom.Xform.Define(stage, "/World")
    stage.SetDefaultPrim(world.GetPrim())
    place = UsdGeom.Xform.Define(stage, "/World/Mug")
    place.AddTranslateOp().Set(Gf.Vec3d(1, 2, 3))
    Usd.ModelAPI(place).SetKind("component")
    mesh, shape = UsdGeom.Mesh.Define(stage, "/World/Mug/Shape"), _mesh()
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.asarray(shape.vertices, dtype=np.float32)))
    mesh.CreateFaceVertexCountsAttr([3] * len(shape.faces))
    mesh.CreateFaceVertexIndicesAttr(np.asarray(shape.faces).ravel().tolist())
    st = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, "faceVarying")
    st.Set([Gf.Vec2f(index / 100, 0.5) for index in range(3 * len(shape.faces))])
    material = _material(stage, texture)
    UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)
    subset = UsdShade.MaterialBindingAPI(mesh).CreateMaterialBindSubset("lid", [0, 1, 2])
    UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(material)
    UsdGeom.Cylinder.Define(stage, "/World/Can").CreateRadiusAttr(0.5)
    if reference:
        leg = UsdGeom.Xform.Define(stage, "/World/Leg")
        leg.GetPrim().GetReferences().AddReference(reference)
    stage.Save()


def _material(stage: Usd.Stage, texture: str) -> UsdShade.Material:
    material = UsdShade.Material.Define(stage, "/World/Looks/Wood")
    surface = UsdShade.Shader.Define(stage, "/World/Looks/Wood/Surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    surface.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(0.4)
    color = surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
    color.Set(Gf.Vec3f(0.1, 0.2, 0.3))
    material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    if texture:
        image = UsdShade.Shader.Define(stage, "/World/Looks/Wood/Texture")
        image.CreateIdAttr("UsdUVTexture")
        image.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(texture)
        color.ConnectToSource(image.ConnectableAPI(), "rgb")
    return material


_WRITERS: dict[str, Callable[[Path], None]] = {
    "regen3d": _regen3d,
    "regen3d/combined": _combined,
    "simple_layout": _simple_layout,
    "sam3d": _sam3d,
    "plain_folder/glb": _plain_glb,
    "plain_folder/obj": _plain_obj,
    "plain_folder/text": _plain_text,
    "plain_folder/usd": _plain_usd,
    "usd_scene/text": _usd_scene,
    "usd_scene/crate": _usd_crate,
}
