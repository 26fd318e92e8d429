"""Open foreign USD only when everything it would pull in lies in its own folder.

The check reads layers one by one, without composing them, so nothing is fetched before it is known to be inside.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from pxr import Sdf, Tf, Usd, UsdUtils

from blueprint.pipeline.errors import InputError

from .usd_extent import ExtentBound, NestsTooDeep


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much foreign USD may be; counts over all layers together, and of prims when all arcs are followed."""

    layers: int = 256
    prims: int = 2_000_000
    specs: int = 200_000
    bytes: int = 1 << 30


class ForeignUsdRefused(InputError):
    """A foreign layer points outside its folder, or asks for more than the limits allow."""

    def __init__(self, layer: str, faults: list[str]) -> None:
        self.layer, self.faults = layer, tuple(faults)
        listing = "\n".join(f"  {fault}" for fault in faults[:20])
        more = f"\n  and {len(faults) - 20} more" if len(faults) > 20 else ""
        super().__init__(
            f"{layer}: this USD cannot be opened safely; every layer and texture must be a relative path "
            f"inside its own folder:\n{listing}{more}"
        )


def open_confined(path: Path, folder: Path, limits: ReadLimits | None = None) -> Usd.Stage:
    """Open a foreign stage after checking every path in it; raises ForeignUsdRefused that lists all faults."""
    check_confined(path, folder, limits or ReadLimits())
    return Usd.Stage.Open(str(path))


@dataclass(frozen=True, slots=True)
class Confined:
    """Every layer that a stage composes, and what its paths name inside the folder and is not there."""

    layers: tuple[Path, ...]
    missing: tuple[str, ...]


def check_confined(path: Path, folder: Path, limits: ReadLimits) -> tuple[Path, ...]:
    """Return every layer that a stage composes; raises ForeignUsdRefused, also for what is missing."""
    found = inspect_confined(path, folder, limits)
    if found.missing:
        raise ForeignUsdRefused(path.name, list(found.missing))
    return found.layers


def inspect_confined(path: Path, folder: Path, limits: ReadLimits) -> Confined:
    """Return every layer that a stage composes, and what is missing; raises ForeignUsdRefused for what leads outside.

    Opening a stage with missing layers is safe only where the resolver's search path, which begins with the working
    folder, holds nothing of that name.
    """
    root = folder.resolve()
    seen: dict[Path, Sdf.Layer | None] = {}
    waiting, specs, size = [path.resolve()], 0, 0
    faults: list[str] = []
    missing: list[str] = []
    while waiting:
        layer_path = waiting.pop(0)
        # Each layer is read once, so a layer that references itself ends here.
        if layer_path in seen:
            continue
        seen[layer_path] = None
        size += layer_path.stat().st_size
        if len(seen) > limits.layers or size > limits.bytes:
            limit = f"more than {limits.layers} layers or {limits.bytes} bytes"
            raise ForeignUsdRefused(path.name, [*faults, limit])
        layer = seen[layer_path] = _read_layer(layer_path, root)
        specs += _count_specs(layer, limits.specs - specs, path)
        for asset, is_layer in _asset_paths(layer):
            target, fault = _resolve(asset, layer_path, root)
            said = f"{layer_path.relative_to(root).as_posix()}: {asset!r} {fault}"
            if target is None:
                faults.append(said)
            elif fault:
                missing.append(said)
            elif is_layer:
                waiting.append(target)
    if faults:
        raise ForeignUsdRefused(path.name, [*faults, *missing])
    _check_extent(path, root, seen, limits)
    return Confined(tuple(seen), tuple(missing))


def _check_extent(path: Path, root: Path, layers: Mapping[Path, Sdf.Layer | None], limits: ReadLimits) -> None:
    """Raise ForeignUsdRefused where following all references makes more prims than a machine can hold."""
    places = {layer.identifier: place for place, layer in layers.items() if layer is not None}

    def find(layer: Sdf.Layer, asset: str) -> Sdf.Layer | None:
        target, _ = _resolve(asset, places[layer.identifier], root)
        return None if target is None else layers.get(target)

    bound = ExtentBound(find)
    try:
        prims = sum(bound.of_layer(layer) for layer in layers.values() if layer is not None)
    except NestsTooDeep as error:
        raise ForeignUsdRefused(path.name, ["prims or references nest deeper than the limit allows"]) from error
    if prims > limits.prims:
        raise ForeignUsdRefused(path.name, [f"up to {prims} prims when its references are followed"])


def _read_layer(path: Path, root: Path) -> Sdf.Layer:
    if not path.is_relative_to(root):
        raise ForeignUsdRefused(path.name, ["lies outside its folder"])
    if path.suffix.lower() not in {".usd", ".usda", ".usdc"}:
        raise ForeignUsdRefused(path.name, [f"{path.suffix!r} is not among the layer formats .usd, .usda, .usdc"])
    try:
        layer = Sdf.Layer.OpenAsAnonymous(str(path))
    except Tf.ErrorException as error:
        raise ForeignUsdRefused(path.name, ["cannot be read as USD"]) from error
    if layer is None:
        raise ForeignUsdRefused(path.name, ["cannot be read as USD"])
    return layer


def _count_specs(layer: Sdf.Layer, left: int, root_path: Path) -> int:
    count = 0

    def visit(_: Sdf.Path | str) -> None:
        nonlocal count
        count += 1
        if count > left:
            raise ForeignUsdRefused(root_path.name, ["more prims and properties than the limit allows"])

    layer.Traverse(Sdf.Path.absoluteRootPath, visit)
    return count


def _asset_paths(layer: Sdf.Layer) -> Iterator[tuple[str, bool]]:
    """Yield every asset path of a layer and whether it names a layer: arcs, sublayers, values, clips, metadata."""
    arcs = set(layer.GetCompositionAssetDependencies())
    found: set[str] = set()

    def note(asset: str) -> str:
        found.add(asset)
        return asset

    UsdUtils.ModifyAssetPaths(layer, note)
    yield from ((asset, asset in arcs) for asset in sorted(arcs | found) if asset)


def _resolve(asset: str, layer_path: Path, root: Path) -> tuple[Path | None, str]:
    """Return the file an asset path means, if it is inside, and what is wrong with it."""
    # Package-relative paths, `a.usdz[b.png]`, would be read by a resolver that this check does not see.
    if "[" in asset:
        return None, "points into a package"
    if urlparse(asset).scheme or asset.startswith("//"):
        return None, "is a network or scheme address"
    if Path(asset).is_absolute() or "\\" in asset:
        return None, "is absolute"
    try:
        # A bare name is searched for along the resolver's search paths; anchored, it is beside its layer.
        target = (layer_path.parent / asset).resolve()
        if not target.is_relative_to(root):
            return None, "leads outside the folder"
        return target, "" if target.is_file() else "does not exist"
    except (OSError, ValueError):
        return None, "is no file name"
