"""USD scenes of a few prims, written as other programs write them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdShade, Vt

Y_UP_FROM_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


def new_stage(path: Path, up: str = "Z", metres_per_unit: float = 1.0) -> Usd.Stage:
    """Create a stage with a default prim /World."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, up)
    UsdGeom.SetStageMetersPerUnit(stage, metres_per_unit)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/World").GetPrim())
    return stage


def add_mesh(
    stage: Usd.Stage, path: str, vertices: NDArray[np.float64], faces: Sequence[Sequence[int]]
) -> UsdGeom.Mesh:
    """Add a polygon mesh."""
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.asarray(vertices, dtype=np.float32)))
    mesh.CreateFaceVertexCountsAttr([len(face) for face in faces])
    mesh.CreateFaceVertexIndicesAttr([index for face in faces for index in face])
    return mesh


def add_thing(
    stage: Usd.Stage,
    path: str,
    mesh: trimesh.Trimesh,
    *,
    move: Sequence[float] = (0, 0, 0),
    turn_z_deg: float = 0.0,
    scale: Sequence[float] = (1, 1, 1),
    kind: str = "",
) -> UsdGeom.Xform:
    """Add an Xform with one mesh below it."""
    place = UsdGeom.Xform.Define(stage, path)
    place.AddTranslateOp().Set(Gf.Vec3d(*map(float, move)))
    place.AddRotateZOp().Set(turn_z_deg)
    place.AddScaleOp().Set(Gf.Vec3f(*map(float, scale)))
    if kind:
        Usd.ModelAPI(place).SetKind(kind)
    add_mesh(stage, f"{path}/Geometry", np.asarray(mesh.vertices), np.asarray(mesh.faces).tolist())
    return place


def add_component(stage: Usd.Stage, path: str, mesh: trimesh.Trimesh) -> UsdGeom.Xform:
    """Add a thing that says it is a component."""
    return add_thing(stage, path, mesh, kind=Kind.Tokens.component)


def add_material(stage: Usd.Stage, path: str, *, color: Sequence[float] = (0.5, 0.5, 0.5), texture: str = "",
                 roughness: float = 0.4, metallic: float = 0.0) -> UsdShade.Material:  # fmt: skip
    """Add a UsdPreviewSurface material, with a texture through a primvar reader when one is named."""
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, f"{path}/Surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(roughness)
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(metallic)
    found = shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
    found.Set(Gf.Vec3f(*color))
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    if texture:
        reader = UsdShade.Shader.Define(stage, f"{path}/Reader")
        reader.CreateIdAttr("UsdPrimvarReader_float2")
        reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("map1")
        image = UsdShade.Shader.Define(stage, f"{path}/Texture")
        image.CreateIdAttr("UsdUVTexture")
        image.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(texture)
        image.CreateInput("fallback", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(1, 0, 0, 1))
        image.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(reader.ConnectableAPI(), "result")
        found.ConnectToSource(image.ConnectableAPI(), "rgb")
    return material


def bind(prim: Usd.Prim, material: UsdShade.Material) -> None:
    """Bind a material."""
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)
