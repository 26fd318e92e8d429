"""Plain OpenUSD, newer than ours and with nothing else installed, opens the scene. Argument: scene folder."""

import math
import sys
from pathlib import Path

from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdPhysics, UsdUtils, UsdValidation
from verdict import Verdict

FLOOR_LIMIT_M = 0.05
ROOM_LIMIT_M = 30.0
PROP_SIZE_M = (0.005, 5.0)


def main(folder: Path) -> int:
    """Look at the root layer, at what it depends on, and at every variant."""
    verdict = Verdict()
    root = folder / "scene.usda"
    verdict.equal("scene.usda is there", root.is_file(), True)
    if not root.is_file():
        return verdict.exit_code()
    stage = Usd.Stage.Open(str(root))
    _compare_metadata(verdict, stage)
    _compare_geometry(verdict, stage)
    _compare_uprightness(verdict, stage)
    _compare_dependencies(verdict, folder, root)
    _compare_hierarchy(verdict, stage)
    _compare_paths(verdict, stage)
    _compare_validators(verdict, "scene.usda", stage)
    for variant in sorted((folder / "variants").glob("*.usda")):
        _compare_validators(verdict, f"variants/{variant.name}", Usd.Stage.Open(str(variant)))
    return verdict.exit_code()


def _compare_metadata(verdict: Verdict, stage: Usd.Stage) -> None:
    verdict.equal("up axis is authored", stage.HasAuthoredMetadata(UsdGeom.Tokens.upAxis), True)
    verdict.equal("up axis", str(UsdGeom.GetStageUpAxis(stage)), "Z")
    verdict.equal("unit is authored", UsdGeom.StageHasAuthoredMetersPerUnit(stage), True)
    verdict.equal("metres per unit", UsdGeom.GetStageMetersPerUnit(stage), 1.0)
    world = stage.GetDefaultPrim()
    verdict.equal("default prim", str(world.GetPath()) if world else "none", "/World")
    verdict.equal("kind of the root", Usd.ModelAPI(world).GetKind(), Kind.Tokens.assembly)
    verdict.nothing("composition errors", [str(error) for error in stage.GetCompositionErrors()])


def _compare_geometry(verdict: Verdict, stage: Usd.Stage) -> None:
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_, UsdGeom.Tokens.render])
    whole = cache.ComputeWorldBound(stage.GetDefaultPrim()).ComputeAlignedRange()
    room = stage.GetPrimAtPath("/World/room")
    floor = (
        [prim for prim in room.GetChildren() if prim.IsA(UsdGeom.Xformable) and "floor" in prim.GetName()]
        if room
        else []
    )
    tops = [cache.ComputeWorldBound(prim).ComputeAlignedRange().GetMax()[2] for prim in floor]
    verdict.at_least("floors", len(floor), 1)
    verdict.at_most("highest floor off z = 0", max(map(abs, tops), default=math.nan), FLOOR_LIMIT_M, "m")
    verdict.at_most("longest side of the scene", max(whole.GetSize()), ROOM_LIMIT_M, "m")
    props = stage.GetPrimAtPath("/World/props").GetChildren() if stage.GetPrimAtPath("/World/props") else []
    verdict.at_least("props", len(props), 1)
    sizes = {prim.GetName(): cache.ComputeWorldBound(prim).ComputeAlignedRange() for prim in props}
    low, high = PROP_SIZE_M
    odd = [
        f"{name} is {max(box.GetSize()):.3g} m"
        for name, box in sizes.items()
        if box.IsEmpty() or not low <= max(box.GetSize()) <= high
    ]
    verdict.nothing(f"props that are not between {low} and {high} m long", odd)
    sunk = [f"{name} at {box.GetMin()[2]:.3f} m" for name, box in sizes.items() if box.GetMin()[2] < -FLOOR_LIMIT_M]
    verdict.nothing("props under the floor", sunk)
    meshes = [prim for prim in Usd.PrimRange(stage.GetDefaultPrim()) if prim.IsA(UsdGeom.Mesh)]
    verdict.at_least("meshes", len(meshes), 1)
    bad = [str(prim.GetPath()) for prim in meshes if not _is_finite(UsdGeom.Mesh(prim))]
    verdict.nothing("meshes with points that are missing or not finite", bad)


def _compare_uprightness(verdict: Verdict, stage: Usd.Stage) -> None:
    """What has an up of its own points it along +Z: gravity, the robot's base, every camera in the world."""
    up = Gf.Vec3d(0, 0, 1)
    scenes = [UsdPhysics.Scene(prim) for prim in stage.Traverse() if prim.IsA(UsdPhysics.Scene)]
    verdict.equal("physics scenes", len(scenes), 1)
    for scene in scenes:
        downward = -Gf.Vec3d(scene.GetGravityDirectionAttr().Get()).GetNormalized() * up
        verdict.at_least("gravity along -Z, cosine", downward, 1 - 1e-6)
        verdict.at_most("gravity off 9.81 m/s2", abs(scene.GetGravityMagnitudeAttr().Get() - 9.81), 0.01)
    robot = stage.GetPrimAtPath("/World/robot")
    verdict.equal("the scene has a robot", robot.IsValid(), True)
    if robot:
        verdict.at_least("robot stands upright, cosine", _axis(robot, up) * up, 1 - 1e-6)
    fixed = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera) and "robot" not in str(prim.GetPath())]
    verdict.at_least("cameras in the world", len(fixed), 1)
    hanging = [str(prim.GetPath()) for prim in fixed if _axis(prim, Gf.Vec3d(0, 1, 0)) * up <= 0]
    verdict.nothing("cameras upside down", hanging)


def _compare_dependencies(verdict: Verdict, folder: Path, root: Path) -> None:
    layers, assets, unresolved = UsdUtils.ComputeAllDependencies(str(root))
    home = folder.resolve()
    paths = [layer.realPath for layer in layers] + list(assets)
    outside = [Path(path).name for path in paths if not Path(path).resolve().is_relative_to(home)]
    verdict.nothing("references that do not resolve", list(unresolved))
    verdict.nothing(f"files outside the folder, of {len(paths)}", outside)
    empty = [Path(path).name for path in paths if not Path(path).stat().st_size]
    verdict.nothing("empty files", empty)


def _compare_hierarchy(verdict: Verdict, stage: Usd.Stage) -> None:
    """Kinds make a model hierarchy without gaps: assembly, groups, components, and each prop is one of those."""
    props = stage.GetPrimAtPath("/World/props")
    verdict.equal("kind of the props' group", Usd.ModelAPI(props).GetKind(), Kind.Tokens.group)
    entries = props.GetChildren()
    other = [prim.GetName() for prim in entries if Usd.ModelAPI(prim).GetKind() != Kind.Tokens.component]
    verdict.nothing("props that are no component", other)
    verdict.nothing("props outside the model hierarchy", [prim.GetName() for prim in entries if not prim.IsModel()])
    inline = [prim.GetName() for prim in entries if not prim.HasAuthoredReferences()]
    verdict.nothing("props that are not referenced", inline)
    nested = [str(prim.GetPath()) for prim in Usd.PrimRange(props) if _is_nested_component(prim)]
    verdict.nothing("components inside components", nested)
    solid = [prim.GetName() for prim in entries if not any(map(_is_collider, Usd.PrimRange(prim)))]
    verdict.nothing("props without a collider", solid)


def _is_nested_component(prim: Usd.Prim) -> bool:
    return prim.IsComponent() and prim.GetParent().IsModel() and not prim.GetParent().IsGroup()


def _is_collider(prim: Usd.Prim) -> bool:
    return prim.HasAPI(UsdPhysics.CollisionAPI)


def _compare_paths(verdict: Verdict, stage: Usd.Stage) -> None:
    written: set[str] = set()
    for layer in stage.GetUsedLayers(includeClipLayers=True):
        copy = Sdf.Layer.CreateAnonymous()
        copy.TransferContent(layer)
        UsdUtils.ModifyAssetPaths(copy, lambda path: written.add(path) or path)
    odd = sorted(path for path in written if Path(path).is_absolute() or ":" in path or "\\" in path)
    verdict.nothing(f"paths that are not relative, of {len(written)}", odd)


def _compare_validators(verdict: Verdict, name: str, stage: Usd.Stage) -> None:
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    errors = UsdValidation.ValidationContext(validators).Validate(stage)
    severe = [error for error in errors if error.GetType() == UsdValidation.ValidationErrorType.Error]
    mild = len(errors) - len(severe)
    version = ".".join(map(str, Usd.GetVersion()[1:]))
    what = f"{name}: errors of {len(validators)} validators of OpenUSD {version} ({mild} milder findings)"
    verdict.nothing(what, [f"{error.GetName()}: {error.GetMessage()}" for error in severe])


def _axis(prim: Usd.Prim, axis: Gf.Vec3d) -> Gf.Vec3d:
    matrix = UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default())
    return matrix.TransformDir(axis).GetNormalized()


def _is_finite(mesh: UsdGeom.Mesh) -> bool:
    points = mesh.GetPointsAttr().Get()
    return bool(points) and all(math.isfinite(value) for point in points for value in point)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
