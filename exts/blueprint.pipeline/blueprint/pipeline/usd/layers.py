"""Layers of our own: every one states axis and units, and equal content gives equal bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pxr import Sdf, Usd, UsdGeom, UsdPhysics

from blueprint.pipeline.errors import RunError


class LayerNotWritten(RunError):
    """USD refused to write a layer."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name}: USD could not write this layer; check that its folder exists and is writable")


def new_stage(default_prim: str) -> Usd.Stage:
    """Open an empty stage in memory: Z up, metres, kilograms, with the name of its one root prim."""
    stage = Usd.Stage.CreateInMemory(".usda")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    stage.GetRootLayer().defaultPrim = default_prim
    return stage


def save_layer(
    stage: Usd.Stage,
    path: Path,
    *,
    strongest_first: Sequence[str] = (),
    references: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write a stage's root layer; the suffix decides between text and crate.

    Sublayers and references (prim path to asset) are named relative to the file. They are added here, because on a
    stage in memory they would be looked up in vain. Raises LayerNotWritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    layer = Sdf.Layer.CreateAnonymous(path.suffix)
    layer.TransferContent(stage.GetRootLayer())
    layer.subLayerPaths[:] = list(strongest_first)
    for prim, asset in references.items():
        layer.GetPrimAtPath(prim).referenceList.Prepend(Sdf.Reference(asset))
    if not layer.Export(str(path)):
        raise LayerNotWritten(path)
