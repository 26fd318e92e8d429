"""Write a robot as one USD layer: bodies side by side below the root, in the rest pose."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdPhysics, UsdShade, Vt

from blueprint.pipeline.scene.poses import Pose, Vec3, quat_from_rotation
from blueprint.pipeline.scene.robot_builds import BoxPart, BuiltCamera, BuiltLink, HullPart, RobotBuild
from blueprint.pipeline.scene.robot_trees import Color

from .physics import apply_labels
from .robot_joints import fix_base, write_joint
from .transforms import gf_quat, set_pose

_TYPES = Sdf.ValueTypeNames

SHELL_FRICTION = 0.3
"""Painted aluminium and plastic, everywhere but on the pads."""
PAD_FRICTION = 1.0
"""Rubber on a dry hard surface; every engine takes the larger of the two materials."""
PAD_TORSION_M = 0.005
PAD_CONTACT_DIMENSIONS = 4
"""A rubber pad also resists turning about its normal; MuJoCo's coefficient is a patch diameter."""
PAD_CONTACT, PAD_CONTACT_WEIGHT = (0.01, 1.0), 10.0
"""MuJoCo time constant (s), damping ratio, and weight against the object's own; for steps up to 5 ms."""
WHITEST = 0.85
"""Linear albedo of white paint, which no real one exceeds."""
_APERTURE_MM = 20.955


def write_robot(path: Path, build: RobotBuild) -> None:
    """Write the layer; the same build gives the same bytes."""
    layer = Sdf.Layer.CreateNew(str(path))
    stage = Usd.Stage.Open(layer)
    root = _define_root(stage, build.name)
    shell = _friction(stage, root, "shell", SHELL_FRICTION)
    rubber = _friction(stage, root, "rubber", PAD_FRICTION)
    for link in build.links:
        _write_link(stage, root, link, shell, rubber)
    fix_base(stage, root, build.root)
    for joint in build.joints:
        write_joint(stage, root, joint)
    for link, name, pose in build.frames:
        set_pose(UsdGeom.Xform.Define(stage, root.AppendChild(link).AppendChild(name)).GetPrim(), pose)
    for camera in build.cameras:
        _write_camera(stage, root, camera)
    _let_pass(stage, root, build)
    layer.Save()


def _define_root(stage: Usd.Stage, name: str) -> Sdf.Path:
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    path = Sdf.Path(f"/{name}")
    prim = UsdGeom.Xform.Define(stage, path).GetPrim()
    stage.SetDefaultPrim(prim)
    Usd.ModelAPI(prim).SetKind(Kind.Tokens.component)
    UsdPhysics.ArticulationRootAPI.Apply(prim)
    prim.AddAppliedSchema("PhysxArticulationAPI")
    prim.CreateAttribute("physxArticulation:enabledSelfCollisions", _TYPES.Bool, custom=False).Set(True)
    apply_labels(prim, {"class": "robot"})
    for scope in ("Looks", "PhysicsMaterials", "Joints"):
        UsdGeom.Scope.Define(stage, path.AppendChild(scope))
    return path


def _write_link(
    stage: Usd.Stage, root: Sdf.Path, built: BuiltLink, shell: UsdShade.Material, rubber: UsdShade.Material
) -> None:
    path = root.AppendChild(built.link.name)
    prim = UsdGeom.Xform.Define(stage, path).GetPrim()
    set_pose(prim, built.T_root_link)
    _write_mass(prim, built)
    for at, skin in enumerate(built.skins):
        mesh = UsdGeom.Mesh.Define(stage, path.AppendPath(f"visuals/part_{at}"))
        _fill(mesh, skin.vertices_m, skin.faces)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(_look(stage, root, skin.color))
    hulls = [_write_hull(stage, path.AppendPath(f"collisions/hull_{at}"), hull) for at, hull in enumerate(built.hulls)]
    boxes = [_write_box(stage, path.AppendPath(f"collisions/box_{at}"), box) for at, box in enumerate(built.boxes)]
    for collider in (*hulls, *boxes):
        if built.rubber:
            _make_pad(collider, rubber)
        else:
            _bind(collider, shell)
    for at, pad in enumerate(built.pads):
        _make_pad(_write_box(stage, path.AppendPath(f"collisions/pad_{at}"), pad), rubber)


def _write_mass(prim: Usd.Prim, built: BuiltLink) -> None:
    """Make a rigid body whose weight the controller carries."""
    UsdPhysics.RigidBodyAPI.Apply(prim)
    mass = UsdPhysics.MassAPI.Apply(prim)
    moments, axes = np.linalg.eigh(built.link.inertia_kg_m2)
    axes[:, 2] *= np.sign(np.linalg.det(axes))
    mass.CreateMassAttr(built.link.mass_kg)
    mass.CreateCenterOfMassAttr(Gf.Vec3f(*built.link.center_of_mass_m))
    mass.CreateDiagonalInertiaAttr(Gf.Vec3f(*moments.tolist()))
    mass.CreatePrincipalAxesAttr(Gf.Quatf(gf_quat(quat_from_rotation(axes))))
    prim.AddAppliedSchema("PhysxRigidBodyAPI")
    prim.CreateAttribute("physxRigidBody:disableGravity", _TYPES.Bool, custom=False).Set(True)
    prim.AddAppliedSchema("MjcBodyAPI")
    prim.CreateAttribute("mjc:gravcomp", _TYPES.Double, custom=False).Set(1.0)


def _write_hull(stage: Usd.Stage, path: Sdf.Path, hull: HullPart) -> Usd.Prim:
    mesh = UsdGeom.Mesh.Define(stage, path)
    _fill(mesh, hull.corners_m, hull.faces)
    mesh.CreatePurposeAttr(UsdGeom.Tokens.guide)
    UsdPhysics.CollisionAPI.Apply(mesh.GetPrim())
    UsdPhysics.MeshCollisionAPI.Apply(mesh.GetPrim()).CreateApproximationAttr(UsdPhysics.Tokens.convexHull)
    return mesh.GetPrim()


def _write_box(stage: Usd.Stage, path: Sdf.Path, box: BoxPart) -> Usd.Prim:
    cube = UsdGeom.Cube.Define(stage, path)
    cube.CreateSizeAttr(1.0)
    cube.CreateExtentAttr([Gf.Vec3f(-0.5), Gf.Vec3f(0.5)])
    cube.CreatePurposeAttr(UsdGeom.Tokens.guide)
    xform = UsdGeom.Xformable(cube)
    xform.AddTranslateOp(UsdGeom.XformOp.PrecisionDouble).Set(Gf.Vec3d(*box.T_link_box.position_m))
    xform.AddOrientOp(UsdGeom.XformOp.PrecisionDouble).Set(gf_quat(box.T_link_box.quat_wxyz))
    xform.AddScaleOp().Set(Gf.Vec3f(*(2 * half for half in box.half_m)))
    UsdPhysics.CollisionAPI.Apply(cube.GetPrim())
    return cube.GetPrim()


def _friction(stage: Usd.Stage, root: Sdf.Path, name: str, friction: float) -> UsdShade.Material:
    """Define a physics material whose friction counts where it is the larger of two."""
    material = UsdShade.Material.Define(stage, root.AppendPath(f"PhysicsMaterials/{name}"))
    prim = material.GetPrim()
    physics = UsdPhysics.MaterialAPI.Apply(prim)
    physics.CreateStaticFrictionAttr(friction)
    physics.CreateDynamicFrictionAttr(friction)
    physics.CreateRestitutionAttr(0.0)
    prim.AddAppliedSchema("PhysxMaterialAPI")
    mode = "physxMaterial:frictionCombineMode"
    prim.CreateAttribute(mode, _TYPES.Token, custom=False, variability=Sdf.VariabilityUniform).Set("max")
    return material


def _make_pad(prim: Usd.Prim, rubber: UsdShade.Material) -> None:
    """Give a collider rubber's friction, and a contact that is stiff and resists turning."""
    _bind(prim, rubber)
    rubber.GetPrim().AddAppliedSchema("NewtonMaterialAPI")
    rubber.GetPrim().CreateAttribute("newton:torsionalFriction", _TYPES.Float, custom=False).Set(PAD_TORSION_M)
    prim.AddAppliedSchema("MjcCollisionAPI")
    uniform = {"custom": False, "variability": Sdf.VariabilityUniform}
    prim.CreateAttribute("mjc:condim", _TYPES.Int, **uniform).Set(PAD_CONTACT_DIMENSIONS)
    prim.CreateAttribute("mjc:solmix", _TYPES.Double, **uniform).Set(PAD_CONTACT_WEIGHT)
    prim.CreateAttribute("mjc:solref", _TYPES.DoubleArray, **uniform).Set(Vt.DoubleArray(PAD_CONTACT))


def _bind(prim: Usd.Prim, material: UsdShade.Material) -> None:
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material, UsdShade.Tokens.strongerThanDescendants, "physics")


def _look(stage: Usd.Stage, root: Sdf.Path, color: Color) -> UsdShade.Material:
    red, green, blue = (round(255 * value) for value in color)
    path = root.AppendPath(f"Looks/color_{red:02x}{green:02x}{blue:02x}")
    if stage.GetPrimAtPath(path):
        return UsdShade.Material(stage.GetPrimAtPath(path))
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, path.AppendChild("surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    encoded = np.array([red, green, blue]) / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    albedo = Gf.Vec3f(*np.minimum(linear, WHITEST).tolist())
    shader.CreateInput("diffuseColor", _TYPES.Color3f).Set(albedo)
    shader.CreateInput("roughness", _TYPES.Float).Set(0.4)
    shader.CreateInput("metallic", _TYPES.Float).Set(0.0)
    material.CreateSurfaceOutput().ConnectToSource(shader.CreateOutput("surface", _TYPES.Token))
    return material


def _write_camera(stage: Usd.Stage, root: Sdf.Path, camera: BuiltCamera) -> None:
    usd = UsdGeom.Camera.Define(stage, root.AppendChild(camera.link).AppendChild(camera.name))
    set_pose(usd.GetPrim(), camera.T_link_camera)
    usd.CreateHorizontalApertureAttr(_APERTURE_MM)
    usd.CreateVerticalApertureAttr(_APERTURE_MM)
    usd.CreateFocalLengthAttr(round(_APERTURE_MM / 2 / float(np.tan(camera.field_of_view_rad / 2)), 4))
    usd.CreateClippingRangeAttr(Gf.Vec2f(0.01, 10.0))


def _let_pass(stage: Usd.Stage, root: Sdf.Path, build: RobotBuild) -> None:
    for first in dict.fromkeys(pair[0] for pair in build.passing):
        api = UsdPhysics.FilteredPairsAPI.Apply(stage.GetPrimAtPath(root.AppendChild(first)))
        others = [root.AppendChild(second) for name, second in build.passing if name == first]
        api.CreateFilteredPairsRel().SetTargets(others)


def _fill(mesh: UsdGeom.Mesh, points_m: ArrayLike, faces: ArrayLike) -> None:
    vertices = Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(points_m, dtype=np.float32))
    triangles = np.ascontiguousarray(faces, dtype=np.int32)
    mesh.CreatePointsAttr(vertices)
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([3] * len(triangles)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(triangles.ravel()))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(vertices))


def camera_pose(position_m: Vec3, target_m: Vec3) -> Pose:
    """Return the pose of a camera in the tool frame that looks at a target, the hand at its picture's lower edge."""
    back = np.subtract(position_m, target_m)
    back /= np.linalg.norm(back)
    outward = np.array([position_m[0], position_m[1], 0.0])
    up = outward if np.linalg.norm(np.cross(outward, back)) > 1e-3 * np.linalg.norm(back) else np.array([1.0, 0.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    T = np.eye(4)
    T[:3, :3] = np.column_stack([right, np.cross(back, right), back])
    T[:3, 3] = position_m
    return Pose.from_matrix(T)
