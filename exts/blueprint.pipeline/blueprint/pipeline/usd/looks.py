"""What the render materials of an asset are made of: labels, and what sensors other than cameras see."""

from collections.abc import Mapping

from pxr import Sdf, Usd, UsdGeom, UsdShade

from blueprint.pipeline.scene.edits import SetMaterial

from .names import prim_name
from .physics import apply_labels

_LOOKS = "Looks"
_PREFIX = "omni:simready:nonvisual"


def describe_looks(stage: Usd.Stage, root: str, materials: Mapping[str, SetMaterial]) -> None:
    """Label each render material of a composed asset with what the links that wear it are made of.

    A look that no visible mesh wears any more, because its link was split, is switched off. Opinions go to the
    stage's edit target.
    """
    made_of = {prim_name(body): edit for body, edit in materials.items()}
    worn = _worn_looks(stage, root)
    for prim in stage.GetPrimAtPath(f"{root}/{_LOOKS}").GetChildren():
        if prim.GetName().startswith("physics_") or not UsdShade.Material(prim):
            continue
        bodies = worn.get(prim.GetPath(), [])
        if not bodies:
            prim.SetActive(False)
            continue
        matter = [made_of[body] for body in bodies if body in made_of]
        if matter:
            apply_labels(prim, {"material": sorted({edit.material for edit in matter})})
        bases = {edit.nonvisual_base for edit in matter}
        if len(bases) == 1:
            _describe_for_sensors(prim, bases.pop())


def _worn_looks(stage: Usd.Stage, root: str) -> dict[Sdf.Path, list[str]]:
    """Return which links, by prim name, wear each look."""
    worn: dict[Sdf.Path, list[str]] = {}
    for prim in Usd.PrimRange(stage.GetPrimAtPath(root)):
        if not UsdGeom.Gprim(prim) or UsdGeom.Imageable(prim).ComputePurpose() == UsdGeom.Tokens.guide:
            continue
        look, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()
        if look:
            worn.setdefault(look.GetPath(), []).append(prim.GetPath().GetPrefixes()[1].name)
    return worn


def _describe_for_sensors(prim: Usd.Prim, base: str) -> None:
    if not base:
        return
    tokens = Sdf.ValueTypeNames
    prim.CreateAttribute(f"{_PREFIX}:base", tokens.Token, False).Set(base)
    prim.CreateAttribute(f"{_PREFIX}:coating", tokens.Token, False).Set("none")
    prim.CreateAttribute(f"{_PREFIX}:attributes", tokens.TokenArray, False).Set(["none"])
