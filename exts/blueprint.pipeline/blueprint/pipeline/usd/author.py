"""Geometry and looks on a stage: meshes with normals and texture coordinates, preview surfaces, plain boxes."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Appearance, Body, Prop

from .names import body_path, prim_name
from .normals import crease_normals, face_normals
from .payloads import Payloads
from .places import joined_places
from .transforms import set_pose

TEXTURE_FOLDER = "textures"


def linear_from_srgb(color: Vec3) -> Vec3:
    """Return the linear colour that USD wants for an sRGB one; IEC 61966-2-1."""
    values = np.asarray(color, dtype=np.float64)
    low, high = values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    red, green, blue = np.where(values <= 0.04045, low, high).tolist()
    return (red, green, blue)


def author_prop(stage: Usd.Stage, prop: Prop, payloads: Payloads, asset_folder: Path) -> None:
    """Write a prop's links as the scan has them; textures are copied below `asset_folder`."""
    root = f"/{prim_name(prop.id)}"
    Usd.ModelAPI(UsdGeom.Xform.Define(stage, root)).SetKind("component")
    author_bodies(stage, root, prop.bodies, payloads, asset_folder)


def author_bodies(
    stage: Usd.Stage, root: str, bodies: Sequence[Body], payloads: Payloads, asset_folder: Path, *, prefix: str = ""
) -> None:
    """Write links with their visible meshes; `prefix` sets names apart from those that another layer has written."""
    UsdGeom.Scope.Define(stage, f"{root}/Looks")
    looks: dict[Appearance, str] = {}
    for body in bodies:
        path = body_path(root, body.name)
        UsdGeom.Xform.Define(stage, path)
        UsdGeom.Xform.Define(stage, f"{path}/visuals")
        for index, visual in enumerate(body.visuals):
            if visual.appearance not in looks:
                name = f"{root}/Looks/{prefix}look_{len(looks):02d}"
                looks[visual.appearance] = name
                author_look(stage, name, visual.appearance, payloads, asset_folder)
            mesh = payloads.mesh(visual.mesh)
            prim = author_mesh(stage, visual_path(root, body.name, index, prefix), mesh, visual.appearance)
            bind_look(stage, prim, looks[visual.appearance])


def visual_path(root: str, body: str, index: int, prefix: str = "") -> str:
    """Return the path of a link's visible mesh by number."""
    return f"{body_path(root, body)}/visuals/{prefix}mesh_{index:02d}"


def split_prefix(body: str) -> str:
    """Return what the names of a split link's parts begin with, so that they differ from those below them."""
    return f"{prim_name(body)}_part_"


def author_mesh(stage: Usd.Stage, path: str, mesh: TriangleMesh, appearance: Appearance | None = None) -> Usd.Prim:
    """Write a triangle mesh with normals; one with an appearance also gets texture coordinates and a display colour.

    Vertices at one place share a point, such as the two sides of a texture seam: normals and texture coordinates are
    given by corner.
    """
    shape = UsdGeom.Mesh.Define(stage, path)
    places, place_of_vertex = joined_places(mesh.vertices_m.astype(np.float32))
    points = Vt.Vec3fArray.FromNumpy(places)
    shape.CreatePointsAttr(points)
    shape.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.faces), 3, dtype=np.int32)))
    corners = place_of_vertex[mesh.faces.reshape(-1)].astype(np.int32)
    shape.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(corners))
    shape.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    shape.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(points))
    if appearance is None:
        shape.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(face_normals(mesh)))
        shape.SetNormalsInterpolation(UsdGeom.Tokens.uniform)
    else:
        shape.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(crease_normals(mesh)))
        shape.SetNormalsInterpolation(UsdGeom.Tokens.faceVarying)
        shape.CreateDisplayColorAttr([Gf.Vec3f(*_display_color(appearance))])
        if mesh.uv is not None:
            primvars = UsdGeom.PrimvarsAPI(shape)
            st = primvars.CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
            st.Set(Vt.Vec2fArray.FromNumpy(mesh.uv.astype(np.float32)))
            st.SetIndices(Vt.IntArray.FromNumpy(mesh.faces.reshape(-1).astype(np.int32)))
    return shape.GetPrim()


def author_box(stage: Usd.Stage, path: str, T_parent_box: Pose, half_extents_m: Vec3) -> Usd.Prim:
    """Write a box as a scaled cube of size 2."""
    cube = UsdGeom.Cube.Define(stage, path)
    cube.CreateSizeAttr(2.0)
    cube.CreateExtentAttr([Gf.Vec3f(-1), Gf.Vec3f(1)])
    prim = cube.GetPrim()
    set_pose(prim, T_parent_box)
    prim.CreateAttribute("xformOp:scale", Sdf.ValueTypeNames.Double3, custom=False).Set(Gf.Vec3d(*half_extents_m))
    cube.CreateXformOpOrderAttr(["xformOp:translate", "xformOp:orient", "xformOp:scale"])
    return prim


def author_look(
    stage: Usd.Stage, path: str, appearance: Appearance, payloads: Payloads | None, asset_folder: Path | None
) -> None:
    """Write a preview surface; a texture is copied below `asset_folder` and named relative to its `layers` folder.

    Without payloads and folder a look can only be a plain colour.
    """
    material = UsdShade.Material.Define(stage, path)
    surface = UsdShade.Shader.Define(stage, f"{path}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    surface.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(appearance.roughness)
    surface.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(appearance.metallic)
    color = surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
    if appearance.texture is None or payloads is None or asset_folder is None:
        color.Set(Gf.Vec3f(*linear_from_srgb(appearance.base_color_rgb)))
    else:
        name = f"{appearance.texture.digest[:16]}.png"
        target = asset_folder / TEXTURE_FOLDER / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(payloads.texture(appearance.texture), target)
        color.ConnectToSource(_texture_output(stage, path, f"../{TEXTURE_FOLDER}/{name}", appearance.base_color_rgb))
    material.CreateSurfaceOutput().ConnectToSource(surface.CreateOutput("surface", Sdf.ValueTypeNames.Token))


def _texture_output(stage: Usd.Stage, path: str, asset: str, factor: Vec3) -> UsdShade.Output:
    reader = UsdShade.Shader.Define(stage, f"{path}/st")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")
    texture = UsdShade.Shader.Define(stage, f"{path}/texture")
    texture.CreateIdAttr("UsdUVTexture")
    texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(Sdf.AssetPath(asset))
    texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set("sRGB")
    texture.CreateInput("wrapS", Sdf.ValueTypeNames.Token).Set("repeat")
    texture.CreateInput("wrapT", Sdf.ValueTypeNames.Token).Set("repeat")
    if factor != (1.0, 1.0, 1.0):
        texture.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*factor, 1.0))
    coordinates = reader.CreateOutput("result", Sdf.ValueTypeNames.Float2)
    texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(coordinates)
    return texture.CreateOutput("rgb", Sdf.ValueTypeNames.Float3)


def bind_look(stage: Usd.Stage, prim: Usd.Prim, material_path: str) -> None:
    """Bind a render material."""
    material = UsdShade.Material.Get(stage, material_path)
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)


def _display_color(appearance: Appearance) -> Vec3:
    # With a texture the factor multiplies an image that a plain display colour cannot show.
    if appearance.texture is not None:
        return appearance.base_color_rgb
    return linear_from_srgb(appearance.base_color_rgb)
