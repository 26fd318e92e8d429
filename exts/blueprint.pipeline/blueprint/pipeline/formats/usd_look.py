"""Read how a foreign USD material looks: UsdPreviewSurface, or the plain inputs of Omniverse's MDL materials."""

from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pxr import Sdf, Usd, UsdGeom, UsdShade

from blueprint.pipeline.scene.poses import Vec3, vec3

from .colours import srgb_from_linear
from .mesh_limits import MAX_FILE_BYTES
from .raw_scan import RawLook
from .textures import DAMAGED, as_png

_TEXTURE_ID = "UsdUVTexture"
_DEFAULT_ST = "st"
# The fallbacks of the UsdPreviewSurface specification.
_PREVIEW_COLOR, _PREVIEW_ROUGHNESS = (0.18, 0.18, 0.18), 0.5
# OmniPBR and its kin: colour, texture, roughness, metallic.
_MDL_INPUTS = ("diffuse_color_constant", "diffuse_texture", "reflection_roughness_constant", "metallic_constant")


@dataclass(frozen=True, eq=False)
class BoundLook:
    """A look, and the primvar that its texture is laid out by."""

    look: RawLook
    st: str = _DEFAULT_ST


@dataclass
class LookReader:
    """Reads each material once; textures only from inside `root`. `notes` say what could not be read."""

    root: Path
    notes: list[str] = field(default_factory=list)
    _known: dict[str, BoundLook] = field(default_factory=dict)

    def of(self, prim: Usd.Prim, default: BoundLook | None = None) -> BoundLook:
        """Return the look that is bound to a prim; without a material, `default` or the prim's display colour."""
        material, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()
        if not material:
            return default or BoundLook(RawLook(base_color_rgb=_display_color(prim)))
        path = str(material.GetPath())
        if path not in self._known:
            read = self._read(material, path)
            self._known[path] = replace(read, look=replace(read.look, name=material.GetPrim().GetName()))
        return self._known[path]

    def _read(self, material: UsdShade.Material, path: str) -> BoundLook:
        shader, _, _ = material.ComputeSurfaceSource()
        if shader and shader.GetIdAttr().Get() == "UsdPreviewSurface":
            return self._preview(shader, path)
        shader, _, _ = material.ComputeSurfaceSource("mdl")
        if shader and any(shader.GetInput(name) for name in _MDL_INPUTS):
            return self._mdl(shader, path)
        self.notes.append(f"material {path} is neither UsdPreviewSurface nor has plain MDL inputs; it became grey")
        return BoundLook(RawLook())

    def _preview(self, shader: UsdShade.Shader, path: str) -> BoundLook:
        roughness = _number(_value(shader, "roughness"), _PREVIEW_ROUGHNESS)
        metallic = _number(_value(shader, "metallic"), 0.0)
        texture = _texture_of(shader.GetInput("diffuseColor"))
        if texture is None:
            color = srgb_from_linear(_color(_value(shader, "diffuseColor"), _PREVIEW_COLOR))
            return BoundLook(RawLook(color, None, (0, 0), roughness, metallic))
        fallback = srgb_from_linear(_color(_value(texture, "fallback"), _PREVIEW_COLOR))
        factor = vec3(np.clip(_color(_value(texture, "scale"), (1.0, 1.0, 1.0)), 0.0, 1.0))
        look = self._textured(_value(texture, "file"), path, factor, fallback, (roughness, metallic))
        return BoundLook(look, _st_name(texture))

    def _mdl(self, shader: UsdShade.Shader, path: str) -> BoundLook:
        color_input, texture_input, roughness_input, metallic_input = _MDL_INPUTS
        surface = _number(_value(shader, roughness_input), 0.5), _number(_value(shader, metallic_input), 0.0)
        color = srgb_from_linear(_color(_value(shader, color_input), (0.2, 0.2, 0.2)))
        asset = _value(shader, texture_input)
        if not isinstance(asset, Sdf.AssetPath) or not asset.path:
            return BoundLook(RawLook(color, None, (0, 0), *surface))
        return BoundLook(self._textured(asset, path, (1.0, 1.0, 1.0), color, surface))

    def _textured(self, asset: Any, path: str, factor: Vec3, fallback: Vec3, surface: tuple[float, float]) -> RawLook:
        png, size, fault = self._picture(asset)
        if fault:
            named = asset.path if isinstance(asset, Sdf.AssetPath) else asset
            self.notes.append(f"texture {named!r} of {path} {fault}; it was left out")
            return RawLook(fallback, None, (0, 0), *surface)
        return RawLook(factor, png, size, *surface)

    def _picture(self, asset: Any) -> tuple[bytes, tuple[int, int], str]:
        if not isinstance(asset, Sdf.AssetPath) or not asset.resolvedPath:
            return b"", (0, 0), "is missing"
        path = Path(asset.resolvedPath).resolve()
        # A name that is not beside its layer is searched for elsewhere; what is found there is not the scan's.
        if not path.is_relative_to(self.root.resolve()):
            return b"", (0, 0), "is missing in the scan's folder"
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return b"", (0, 0), "is no file of moderate size"
        try:
            with Image.open(BytesIO(path.read_bytes())) as image:
                png, fault = as_png(image)
                return png, image.size, fault
        except DAMAGED as error:
            return b"", (0, 0), f"cannot be read ({str(error)[:120].replace(str(self.root), '')})"


def _display_color(prim: Usd.Prim) -> Vec3:
    colors = UsdGeom.PrimvarsAPI(prim).GetPrimvar("displayColor").ComputeFlattened(Usd.TimeCode.EarliestTime())
    if not colors:
        return RawLook().base_color_rgb
    return srgb_from_linear(np.array(colors, dtype=np.float64).mean(axis=0))


def _value(shader: UsdShade.Shader, name: str) -> Any:
    """Return an input's value, through connections to the interface of its material; None without one."""
    found = shader.GetInput(name)
    if not found:
        return None
    attributes = UsdShade.Utils.GetValueProducingAttributes(found)
    return attributes[0].Get(Usd.TimeCode.EarliestTime()) if attributes else None


def _texture_of(found: UsdShade.Input) -> UsdShade.Shader | None:
    """Return the texture node that feeds an input, or None where it holds a value."""
    if not found:
        return None
    for attribute in UsdShade.Utils.GetValueProducingAttributes(found):
        shader = UsdShade.Shader(attribute.GetPrim())
        if shader and shader.GetIdAttr().Get() == _TEXTURE_ID:
            return shader
    return None


def _st_name(texture: UsdShade.Shader) -> str:
    """Return the primvar that a texture reads; transforms of texture coordinates in between are not applied."""
    found = texture.GetInput("st")
    for _ in range(4):
        sources = found.GetConnectedSources()[0] if found else []
        if not sources:
            break
        reader = UsdShade.Shader(sources[0].source.GetPrim())
        name = _value(reader, "varname") if reader else None
        if name:
            return str(name)
        found = reader.GetInput("in") if reader else None
    return _DEFAULT_ST


def _number(value: Any, default: float) -> float:
    if not isinstance(value, int | float) or not np.isfinite(value):
        return default
    return float(np.clip(value, 0.0, 1.0))


def _color(value: Any, default: Vec3) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        color = np.array(value, dtype=np.float64).reshape(-1)[:3]
    except (TypeError, ValueError):
        color = np.empty(0)
    return color if color.shape == (3,) and np.isfinite(color).all() else np.array(default)
