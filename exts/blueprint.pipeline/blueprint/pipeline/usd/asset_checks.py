"""What can be said of an asset without the profile's validator: the required rules that plain OpenUSD can check.

A machine without the validator still gets evidence, but never the profile's pass: its rules see more than these.
Findings carry the codes of the requirements they stand for.
"""

import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdUtils

from .asset_files import DATE_FIELD, sidecar_of, thumbnail_of
from .physics_checks import check_physics
from .prop_asset import METADATA
from .surface_checks import check_surfaces
from .transforms import from_gf

_STRINGS = ("author", "asset_name", "asset_type", "asset_license", "category", "source_file", DATE_FIELD, "qcode")
_PNG_HEAD = struct.Struct(">8s4x4sII")
_THUMBNAIL_PX = 256
_BASE_OFF_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class AssetFault:
    """One rule that an asset breaks; `prim` is empty where the asset as a whole does."""

    code: str
    message: str
    prim: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" (at {self.prim})" if self.prim else "")


def check_asset(asset: Path, *, dated: bool = True) -> tuple[AssetFault, ...]:
    """Return every rule that a prop's asset breaks; `dated` says whether it lies where dates are stamped."""
    stage = Usd.Stage.Open(str(asset))
    root = stage.GetDefaultPrim()
    if not root:
        return (AssetFault("HI.004", "the asset names no default prim"),)
    checks: tuple[Callable[[], Iterator[tuple[str, str, str]]], ...] = (
        lambda: _check_stage(stage, root),
        lambda: _check_folder(asset),
        lambda: _check_paths(stage, asset),
        lambda: _check_metadata(stage, asset, dated),
        lambda: _check_origin(root),
        lambda: check_surfaces(root),
        lambda: check_physics(root),
    )
    return tuple(AssetFault(*fault) for check in checks for fault in check())


def _check_stage(stage: Usd.Stage, root: Usd.Prim) -> Iterator[tuple[str, str, str]]:
    if UsdGeom.GetStageUpAxis(stage) != UsdGeom.Tokens.z:
        yield "UN.006", f"up axis is {UsdGeom.GetStageUpAxis(stage)}, not Z", ""
    if UsdGeom.GetStageMetersPerUnit(stage) != 1.0:
        yield "UN.007", f"a unit is {UsdGeom.GetStageMetersPerUnit(stage):g} m, not 1 m", ""
    if UsdPhysics.GetStageKilogramsPerUnit(stage) != 1.0:
        yield "UN.002", f"a unit of mass is {UsdPhysics.GetStageKilogramsPerUnit(stage):g} kg, not 1 kg", ""
    others = [prim.GetName() for prim in stage.GetPseudoRoot().GetChildren() if prim != root]
    if others:
        yield "HI.001", f"beside the default prim there are {', '.join(others)}", ""
    if not root.IsA("Xformable"):
        yield "HI.003", "the root cannot be placed", str(root.GetPath())
    if Usd.ModelAPI(root).GetKind() != "component":
        yield "HI.004", "the root's kind is not component", str(root.GetPath())
    yield from (("HI.010", "an over defines nothing", str(prim.GetPath())) for prim in _bare_overs(stage))


def _bare_overs(stage: Usd.Stage) -> Iterator[Usd.Prim]:
    yield from (prim for prim in stage.TraverseAll() if not prim.IsDefined())


def _check_folder(asset: Path) -> Iterator[tuple[str, str, str]]:
    home = asset.parent.parent.name
    if home not in asset.stem:
        yield "NP.005", f"the file {asset.name} does not bear the name of its folder {home}", ""
    beside = sorted(path.name for path in asset.parent.iterdir() if path.suffix in {".usd", ".usda", ".usdc", ".usdz"})
    if len(beside) > 1:
        yield "NP.005", f"more than one USD lies in {asset.parent.name}: {', '.join(beside)}", ""
    if asset.name != asset.name.lower() or home != home.lower():
        yield "NP.002", f"{home}/{asset.name} has upper-case letters", ""
    picture = thumbnail_of(asset)
    size = _png_size(picture) if picture.is_file() else None
    if size is None:
        yield "SR.002", f"there is no picture {picture.relative_to(asset.parent).as_posix()}", ""
    elif size != (_THUMBNAIL_PX, _THUMBNAIL_PX):
        yield "SR.002", f"the thumbnail is {size[0]} x {size[1]}, not {_THUMBNAIL_PX} x {_THUMBNAIL_PX}", ""


def _png_size(path: Path) -> tuple[int, int] | None:
    with path.open("rb") as file:
        head = file.read(_PNG_HEAD.size)
    if len(head) < _PNG_HEAD.size:
        return None
    mark, chunk, width, height = _PNG_HEAD.unpack(head)
    return (width, height) if (mark, chunk) == (b"\x89PNG\r\n\x1a\n", b"IHDR") else None


def _check_paths(stage: Usd.Stage, asset: Path) -> Iterator[tuple[str, str, str]]:
    home = asset.parent.parent.resolve()
    layers, files, missing = UsdUtils.ComputeAllDependencies(str(asset))
    yield from (("NP.008", f"{Path(str(path)).name} does not exist", "") for path in missing)
    found = [*(layer.realPath for layer in layers), *map(str, files)]
    outside = sorted(Path(path).name for path in found if not Path(path).resolve().is_relative_to(home))
    yield from (("AA.001", f"{name} lies outside the asset's folder", "") for name in outside)
    written: set[str] = set()
    for layer in stage.GetUsedLayers():
        copy = Sdf.Layer.CreateAnonymous()
        copy.TransferContent(layer)
        UsdUtils.ModifyAssetPaths(copy, lambda path: written.add(path) or path)
    yield from (("NP.007", f"{path} is absolute", "") for path in sorted(written) if Path(path).is_absolute())


def _check_metadata(stage: Usd.Stage, asset: Path, dated: bool) -> Iterator[tuple[str, str, str]]:
    inside = _flat(stage.GetRootLayer().customLayerData)
    beside = _flat(json.loads(sidecar_of(asset).read_bytes())) if sidecar_of(asset).is_file() else {}
    for name in sorted(inside.keys() & beside.keys()):
        yield "SR.004", f"{name} is said twice, in the USD and beside it", ""
    fields = {**beside, **inside}
    for name in _STRINGS:
        if name == DATE_FIELD and not dated:
            continue
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            yield "SR.004", f"{name} is not said", ""
    if isinstance(fields.get("qcode"), str) and not re.fullmatch(r"Q\d+", fields["qcode"]):
        yield "SR.004", f"qcode is {fields['qcode']!r}, not Q and digits", ""
    bodies = sum(prim.HasAPI("PhysicsRigidBodyAPI") for prim in stage.Traverse())
    if fields.get("rigid_body_count") != bodies:
        yield "SR.004", f"rigid_body_count is {fields.get('rigid_body_count')}, and {bodies} rigid bodies are there", ""
    if not isinstance(fields.get("mass"), float) or fields["mass"] <= 0:
        yield "SR.004", f"mass is {fields.get('mass')}, not a number of kilograms above zero", ""
    extents = fields.get("asset_extents")
    if extents is None or len(extents) != 3 or min(extents) < 0:
        yield "SR.004", f"asset_extents is {extents}, not three lengths in metres", ""


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in data.items() if name != METADATA}, **data.get(METADATA, {})}


def _check_origin(root: Usd.Prim) -> Iterator[tuple[str, str, str]]:
    """The root is not moved, and stands on the middle of its base."""
    if UsdGeom.Xformable(root).GetLocalTransformation() != Gf.Matrix4d(1):
        yield "VG.025", "the root has a transform of its own", str(root.GetPath())
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_, UsdGeom.Tokens.render])
    box = cache.ComputeWorldBound(root).ComputeAlignedRange()
    if box.IsEmpty():
        yield "VG.002", "nothing can be seen", str(root.GetPath())
        return
    low, high = from_gf(box.GetMin()), from_gf(box.GetMax())
    off = max(abs(low[2]), abs(low[0] + high[0]) / 2, abs(low[1] + high[1]) / 2)
    if off > _BASE_OFF_SHARE * max(b - a for a, b in zip(low, high, strict=True)):
        yield "VG.025", f"the origin is {1e3 * off:.1f} mm off the middle of the base", str(root.GetPath())
