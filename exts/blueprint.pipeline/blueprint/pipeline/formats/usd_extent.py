"""Bound how many prims a stage will have before it is composed: references multiply, and composing is what hurts."""

from collections.abc import Callable, Iterator

from pxr import Sdf

Layers = Callable[[Sdf.Layer, str], Sdf.Layer | None]


class NestsTooDeep(Exception):
    """Prims or arcs nest deeper than any scene does."""


class ExtentBound:
    """Counts prims as if every arc copied its target.

    Of a target that is put together from sublayers only the named layer's share is counted; what gets past this way
    meets the limits of the reading process.

    `find` returns the layer that an asset path in a layer means, or None where it is missing.
    """

    def __init__(self, find: Layers) -> None:
        self._find = find
        self._known: dict[tuple[str, str], int] = {}

    def of_layer(self, layer: Sdf.Layer) -> int:
        """Return the bound for all root prims of a layer; raises NestsTooDeep."""
        try:
            return sum(self._of_prim(layer, prim) for prim in layer.rootPrims)
        except RecursionError as error:
            raise NestsTooDeep from error

    def _of_prim(self, layer: Sdf.Layer, prim: Sdf.PrimSpec) -> int:
        key = (layer.identifier, str(prim.path))
        if key not in self._known:
            # A prim that holds itself counts once; composition refuses such circles.
            self._known[key] = 0
            inside = sum(self._of_prim(layer, child) for child in _children(prim))
            self._known[key] = 1 + inside + sum(self._of_prim(*target) for target in self._targets(layer, prim))
        return self._known[key]

    def _targets(self, layer: Sdf.Layer, prim: Sdf.PrimSpec) -> Iterator[tuple[Sdf.Layer, Sdf.PrimSpec]]:
        arcs = [*prim.referenceList.GetAddedOrExplicitItems(), *prim.payloadList.GetAddedOrExplicitItems()]
        named = [(arc.assetPath, arc.primPath) for arc in arcs]
        for paths in (prim.inheritPathList, prim.specializesList):
            named += [("", path) for path in paths.GetAddedOrExplicitItems()]
        for asset, path in named:
            source = self._find(layer, asset) if asset else layer
            if source is None:
                continue
            target = source.GetPrimAtPath(path) if path else source.GetPrimAtPath(f"/{source.defaultPrim}")
            if target is not None:
                yield source, target


def _children(prim: Sdf.PrimSpec) -> Iterator[Sdf.PrimSpec]:
    yield from prim.nameChildren
    for variants in prim.variantSets:
        for variant in variants.variants:
            yield variant.primSpec
