"""Read a foreign USD stage into its objects; runs in the child process of mesh_reader, which may not survive it.

What counts as one object: the outermost prim that says it is a component, or that brings an asset in by reference or
payload; where nothing says so, the prims right under the stage's containers.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from pxr import Kind, Tf, Usd, UsdGeom

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Vec3

from .mesh_limits import check_object_count
from .placing import Y_UP, Z_UP, words
from .raw_scan import Points, RawMesh, RawSurface
from .raw_stage import RawStage, StageObject
from .usd_confined import ForeignUsdRefused, ReadLimits, inspect_confined
from .usd_geometry import has_shape, surfaces_of
from .usd_look import LookReader

_UPS: dict[str, Vec3] = {"X": (1.0, 0.0, 0.0), "Y": Y_UP, "Z": Z_UP}
_CONTAINERS = {Kind.Tokens.assembly, Kind.Tokens.group}
_FLAT = 1e-9


def read_stage(path: Path, name: str, root: Path) -> RawStage:
    """Read a stage whose every path lies inside `root`; raises ScanError for the whole stage."""
    try:
        return _read(path, name, root)
    except ForeignUsdRefused as error:
        raise ScanError(name, str(error)) from error
    except Tf.ErrorException as error:
        # "Error in 'function' at line N in file F : 'words'", once for each error that has piled up.
        said = "; ".join(re.findall(r" : '(.*)'", str(error)))[:300].replace(f"{root}/", "")
        raise ScanError(name, f"cannot be read as USD ({said}).") from error


def _read(path: Path, name: str, root: Path) -> RawStage:
    confined = inspect_confined(path, root, ReadLimits())
    stage = Usd.Stage.Open(str(path), Usd.Stage.LoadAll)
    notes = [f"{missing}; the stage was read without it" for missing in confined.missing]
    up, metres_per_unit = _declared(stage, notes)
    looks = LookReader(root)
    roots = _object_prims(stage)
    check_object_count(len(roots), name)
    cache = UsdGeom.XformCache(Usd.TimeCode.EarliestTime())
    objects = tuple(_object(prim, cache, looks, name) for prim in roots)
    if roots and not any(_is_component(prim) or _arrives(prim) for prim in roots):
        notes.append(f"no prim says that it is a component; {len(roots)} prims under its containers became objects")
    notes += [*_unread(stage), *looks.notes]
    return RawStage(name, up, metres_per_unit, objects, tuple(f"{name}: {note}" for note in dict.fromkeys(notes)))


def stage_as_mesh(stage: RawStage) -> RawMesh:
    """Return a whole stage as one mesh in its own frame; raises ScanError when an object of it cannot be read."""
    surfaces: list[RawSurface] = []
    for entry in stage.objects:
        if entry.mesh is None:
            raise ScanError(stage.file, entry.fault)
        T = entry.T_stage_object
        surfaces += entry.mesh.mapped(T[:3, :3], T[:3, 3]).surfaces
    if not surfaces:
        raise ScanError(stage.file, "has no faces.", expected="a stage with at least one mesh")
    return RawMesh(stage.file, tuple(surfaces), stage.up, stage.metres_per_unit, stage.notes)


def _declared(stage: Usd.Stage, notes: list[str]) -> tuple[Vec3, float]:
    metres_per_unit = float(UsdGeom.GetStageMetersPerUnit(stage))
    axis = str(UsdGeom.GetStageUpAxis(stage))
    if not stage.HasAuthoredMetadata(UsdGeom.Tokens.upAxis):
        notes.append(f"declares no upAxis; USD's fallback {axis} was taken")
    if not stage.HasAuthoredMetadata(UsdGeom.Tokens.metersPerUnit):
        notes.append(f"declares no metersPerUnit; USD's fallback {metres_per_unit:g} was taken")
    if axis not in _UPS or not 0 < metres_per_unit < 1e6:
        raise ScanError(
            stage.GetRootLayer().GetDisplayName(),
            f"upAxis is {axis!r}, metersPerUnit is {metres_per_unit:g}.",
            expected="'X', 'Y' or 'Z', and a length above zero",
        )
    return _UPS[axis], metres_per_unit


def _below(prim: Usd.Prim) -> Iterator[Usd.Prim]:
    """Yield a prim and all below it that are active, defined and drawn, into instances."""
    walk = iter(Usd.PrimRange(prim, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)))
    for each in walk:
        if each.IsA("Imageable") and not _is_drawn(UsdGeom.Imageable(each)):
            walk.PruneChildren()
        else:
            yield each


def _is_drawn(imageable: UsdGeom.Imageable) -> bool:
    purpose = imageable.GetPurposeAttr().Get()
    hidden = imageable.GetVisibilityAttr().Get(Usd.TimeCode.EarliestTime()) == UsdGeom.Tokens.invisible
    return not hidden and purpose not in (UsdGeom.Tokens.proxy, UsdGeom.Tokens.guide)


def _object_prims(stage: Usd.Stage) -> list[Usd.Prim]:
    """Return the prims that are objects: first those with a shape, then assets that turned out to hold none."""
    prims = list(_below(stage.GetPseudoRoot()))
    shaped = _with_parents(prim for prim in prims if has_shape(prim))
    holders = _with_parents(prim.GetParent() for prim in prims if _is_component(prim))
    found = list(_descend(stage.GetPseudoRoot(), shaped, holders))
    covered = [prim.GetPath() for prim in found]
    empty = [
        prim
        for prim in prims
        if (_is_component(prim) or (_arrives(prim) and prim.GetTypeName() in ("", "Xform")))
        and str(prim.GetPath()) not in shaped
        and not any(prim.GetPath().HasPrefix(path) for path in covered)
    ]
    return [*found, *empty]


def _with_parents(prims: Iterable[Usd.Prim]) -> set[str]:
    return {str(path) for prim in prims for path in prim.GetPath().GetPrefixes()}


def _descend(prim: Usd.Prim, shaped: set[str], holders: set[str]) -> Iterator[Usd.Prim]:
    """Yield the outermost objects below a prim; `holders` are the prims with components somewhere below them."""
    inside = prim.GetFilteredChildren(Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate))
    children = [child for child in inside if str(child.GetPath()) in shaped]
    for child in children:
        holds = str(child.GetPath()) in holders
        is_object = _is_component(child) or has_shape(child) or (_arrives(child) and not holds)
        # A stage's one top prim is the usual "World"; an only child further down is as likely a thing as a container.
        is_world = prim.IsPseudoRoot() and len(children) == 1
        if not is_object and (holds or is_world or _is_container(child)):
            yield from _descend(child, shaped, holders)
        else:
            yield child


def _is_component(prim: Usd.Prim) -> bool:
    return Usd.ModelAPI(prim).GetKind() == Kind.Tokens.component


def _arrives(prim: Usd.Prim) -> bool:
    """Return whether a prim brings an asset in and does not call itself a collection of assets."""
    arrives = prim.HasAuthoredReferences() or prim.HasAuthoredPayloads()
    return arrives and Usd.ModelAPI(prim).GetKind() not in _CONTAINERS


def _is_container(prim: Usd.Prim) -> bool:
    is_scope = prim.IsA("Scope") or not prim.IsA("Imageable")
    return is_scope or Usd.ModelAPI(prim).GetKind() in _CONTAINERS


def _object(prim: Usd.Prim, cache: UsdGeom.XformCache, looks: LookReader, name: str) -> StageObject:
    path, label = str(prim.GetPath()), _label(prim)
    T = _columns(cache, prim)
    try:
        if not np.isfinite(T).all() or abs(float(np.linalg.det(T[:3, :3]))) < _FLAT**3:
            raise ScanError(f"{name}{path}", "is scaled to nothing.", expected="an invertible transform")
        own = np.linalg.inv(T)
        surfaces = [
            surface
            for each in _below(prim)
            if has_shape(each)
            for surface in surfaces_of(each, own @ _columns(cache, each), looks)
        ]
        if not surfaces:
            raise ScanError(f"{name}{path}", "holds no mesh.", expected="at least one polygon mesh")
    except ScanError as error:
        return StageObject(path, label, np.eye(4), None, str(error))
    return StageObject(path, label, T, RawMesh(f"{name}{path}", tuple(surfaces)))


def _columns(cache: UsdGeom.XformCache, prim: Usd.Prim) -> Points:
    """Return a prim's transform to the stage for column vectors; USD multiplies rows from the left."""
    return np.array(cache.GetLocalToWorldTransform(prim), dtype=np.float64).T


def _label(prim: Usd.Prim) -> str:
    """Return what a prim is called: its semantic class, its display name, or its name."""
    for attribute in prim.GetAttributes():
        named = attribute.GetName()
        if named.startswith("semantics:labels:class") or named.endswith(":params:semanticData"):
            value = attribute.Get()
            text = value if isinstance(value, str) else (value[0] if value else "")
            if str(text).strip():
                return words(str(text))
    return words(prim.GetDisplayName() or prim.GetName())


def _unread(stage: Usd.Stage) -> list[str]:
    """Return what a stage holds and this reader has no use for."""
    counts = {"rigid bodies": 0, "joints": 0, "masses": 0, "point instancers": 0, "curves and points": 0}
    for prim in stage.Traverse():
        schemas = set(prim.GetAppliedSchemas())
        counts["rigid bodies"] += "PhysicsRigidBodyAPI" in schemas
        counts["masses"] += "PhysicsMassAPI" in schemas
        counts["joints"] += prim.GetTypeName().startswith("Physics") and prim.GetTypeName().endswith("Joint")
        counts["point instancers"] += prim.IsA("PointInstancer")
        counts["curves and points"] += prim.IsA("Curves") or prim.IsA("Points")
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return [f"holds {said}, which are not read: mass, joints and colliders are decided anew"] if said else []
