"""The render materials that a scene's props wear, found once, so that variants can override them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pxr import Gf, Sdf, Usd, UsdShade

from blueprint.pipeline.scene.edits import SetLook
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Vec3, vec3

from .names import prop_path


@dataclass(frozen=True, slots=True)
class WornLook:
    """A shader that colours a prop: a texture by its scale, or a surface by its colour; both linear.

    `file` is the texture's picture relative to the scene's folder, empty for a plain surface.
    """

    shader: str
    rgb: Vec3
    file: str = ""


Looks = Mapping[str, tuple[WornLook, ...]]


def read_looks(scene: Path, manifest: SceneManifest) -> Looks:
    """Return the looks of each prop of a scene by id."""
    stage = Usd.Stage.Open(str(scene))
    return {entry.prop.id: tuple(_looks(stage, scene.parent, prop_path(entry.prop.id))) for entry in manifest.props}


def _looks(stage: Usd.Stage, folder: Path, root: str) -> list[WornLook]:
    found: list[WornLook] = []
    scope = stage.GetPrimAtPath(f"{root}/Looks")
    for material in scope.GetChildren() if scope else ():
        surface = UsdShade.Shader(material.GetChild("surface"))
        if not surface:
            continue
        texture = UsdShade.Shader(material.GetChild("texture"))
        if not texture:
            color = surface.GetInput("diffuseColor").Get()
            found.append(WornLook(str(surface.GetPath()), vec3(color)))
            continue
        scale, picture = texture.GetInput("scale"), texture.GetInput("file").Get()
        rgb = vec3(tuple(scale.Get())[:3]) if scale else (1.0, 1.0, 1.0)
        # Both ways resolved: the store of a run for several robots is a link.
        found_at = Path(picture.resolvedPath).resolve() if picture.resolvedPath else None
        file = found_at.relative_to(folder.resolve()).as_posix() if found_at else ""
        found.append(WornLook(str(texture.GetPath()), rgb, file))
    return found


def apply_look(stage: Usd.Stage, edit: SetLook, looks: Looks, to_scene: str) -> None:
    """Override the colours and pictures of a prop; `to_scene` leads from the layer to the scene's folder."""
    pictures = [look.file for look in looks.get(edit.texture_of, ()) if look.file]
    for look in looks[edit.prop]:
        shader = stage.OverridePrim(look.shader)
        red, green, blue = (base * factor for base, factor in zip(look.rgb, edit.tint_rgb, strict=True))
        if not look.file:
            shader.CreateAttribute("inputs:diffuseColor", Sdf.ValueTypeNames.Color3f, False).Set(
                Gf.Vec3f(*(min(value, 1.0) for value in (red, green, blue)))
            )
            continue
        shader.CreateAttribute("inputs:scale", Sdf.ValueTypeNames.Float4, False).Set(Gf.Vec4f(red, green, blue, 1.0))
        if pictures:
            asset = Sdf.AssetPath(f"{to_scene}{pictures[0]}")
            shader.CreateAttribute("inputs:file", Sdf.ValueTypeNames.Asset, False).Set(asset)
