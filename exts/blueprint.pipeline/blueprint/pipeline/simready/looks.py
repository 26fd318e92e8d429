"""What a surface's colour and gloss say about its material: weak evidence, where materials look apart at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh, texture_path
from blueprint.pipeline.scene.props import Visual

Floats = NDArray[np.float64]

METALS = ("steel", "aluminum", "iron", "brass")

_SURELY_METAL = 0.9
_NEUTRAL = 0.12
"""Saturation below which a colour is a grey."""

_WOOD_HUE_DEG, _WOOD_SATURATION, _WOOD_VALUE = (12.0, 48.0), (0.2, 0.8), (0.15, 0.9)
"""Planed timber from walnut to pine, in sRGB."""

_STONE_VALUE, _MOTTLED = 0.8, 0.04
"""A worktop that is grey and darker, or grey and speckled; a plain white one is laminate as often as stone."""


@dataclass(frozen=True)
class Look:
    """The area's mean colour (sRGB hue in degrees, saturation, value 0 to 1), the value's deviation, and metalness."""

    hue_deg: float
    saturation: float
    value: float
    mottling: float
    metallic: float

    def words(self) -> str:
        """Return the measurement in words."""
        return (
            f"hue {self.hue_deg:.0f} deg, saturation {self.saturation:.2f}, brightness {self.value:.2f} "
            f"+- {self.mottling:.2f}, metallic {self.metallic:.1f}"
        )


def measure_look(visuals: Sequence[Visual], meshes: Sequence[TriangleMesh], folders: Sequence[Path]) -> Look:
    """Average the colour over the area of the faces, sampled from the textures at the faces' middles."""
    colors, areas, metal = [], [], []
    for visual, mesh in zip(visuals, meshes, strict=True):
        corners = mesh.vertices_m[mesh.faces]
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        colors.append(_face_colors(visual, mesh, folders))
        areas.append(area)
        metal.append(np.full(len(area), visual.appearance.metallic))
    weights = np.concatenate(areas)
    weights = weights / max(float(weights.sum()), 1e-18)
    rgb = np.concatenate(colors)
    red, green, blue = (weights @ rgb).tolist()
    high, low = max(red, green, blue), min(red, green, blue)
    value = rgb.max(axis=1)
    mottling = float(np.sqrt(max(weights @ value**2 - (weights @ value) ** 2, 0.0)))
    hue = _hue_deg(red, green, blue)
    return Look(hue, (high - low) / max(high, 1e-9), high, mottling, float(weights @ np.concatenate(metal)))


def material_by_look(look: Look, usual: str, others: Sequence[str]) -> tuple[str, str] | None:
    """Return the material for which a look speaks among a category's, and why; None where it does not discriminate."""
    if look.metallic >= _SURELY_METAL and usual not in METALS:
        metal = next((name for name in others if name in METALS), None)
        return (metal, f"its surface is metallic ({look.words()})") if metal else None
    hue, saturation, value = _WOOD_HUE_DEG, _WOOD_SATURATION, _WOOD_VALUE
    brown = (
        hue[0] <= look.hue_deg <= hue[1]
        and saturation[0] <= look.saturation <= saturation[1]
        and value[0] <= look.value <= value[1]
    )
    if brown and "wood" in others:
        return "wood", f"it has the colour of wood ({look.words()})"
    if "stone" in others and look.saturation < _NEUTRAL and (look.value < _STONE_VALUE or look.mottling > _MOTTLED):
        return "stone", f"it is grey as stone is ({look.words()})"
    return None


def _face_colors(visual: Visual, mesh: TriangleMesh, folders: Sequence[Path]) -> Floats:
    """Return the sRGB colour (F, 3) at the middle of each face."""
    appearance = visual.appearance
    plain = np.asarray(appearance.base_color_rgb, dtype=np.float64)
    if appearance.texture is None or mesh.uv is None:
        return np.tile(plain, (len(mesh.faces), 1))
    image = cv2.imread(str(texture_path(folders, appearance.texture)), cv2.IMREAD_COLOR)
    if image is None:
        return np.tile(plain, (len(mesh.faces), 1))
    height, width = image.shape[:2]
    uv = np.asarray(mesh.uv, dtype=np.float64)[mesh.faces].mean(axis=1) % 1.0
    column = np.minimum((uv[:, 0] * width).astype(np.int64), width - 1)
    row = np.minimum(((1 - uv[:, 1]) * height).astype(np.int64), height - 1)
    texels = image[row, column, ::-1].astype(np.float64) / 255.0
    # The factor is linear; at the weight that this evidence has, a power law stands for sRGB's curve.
    return np.clip(texels * plain ** (1 / 2.2), 0.0, 1.0)


def _hue_deg(red: float, green: float, blue: float) -> float:
    high, low = max(red, green, blue), min(red, green, blue)
    if high - low < 1e-9:
        return 0.0
    if high == red:
        return 60.0 * (((green - blue) / (high - low)) % 6)
    if high == green:
        return 60.0 * ((blue - red) / (high - low) + 2)
    return 60.0 * ((red - green) / (high - low) + 4)
