"""A small scene authored with plain `pxr`: floor, table, box, L-shaped block, cabinet with drawer and door, Panda."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdShade, Vt

from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import SetColliders, SetMass, SetMaterial, SetSemantics
from blueprint.pipeline.scene.manifests import WORLD, BodyPhysics, Camera, Light, PlacedRobot, SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose, Vec3, multiply_quats, vec3
from blueprint.pipeline.scene.props import Body, Joint, Prop, Provenance, Role
from blueprint.pipeline.scene.scans import GravityEstimate, ScaleEstimate

TABLE_TOP_M = 0.3
BOX_MASS_KG = 0.5
BOX_HALF_M = (0.03, 0.02, 0.04)
DOOR_LIMIT_RAD = 1.5
DRAWER_LIMIT_M = 0.2
IDENTITY = Pose()


@dataclass(frozen=True)
class Box:
    """One box of a link: centre, half extents, colour; it is seen, touched, or both."""

    center_m: Vec3
    half_m: Vec3
    color_rgb: Vec3 = (0.6, 0.6, 0.6)
    seen: bool = True
    touched: bool = True


@dataclass(frozen=True)
class Link:
    """A link made of boxes in the prop's frame; static without a mass."""

    name: str
    boxes: tuple[Box, ...]
    mass_kg: float | None = None
    inertia_kg_m2: Vec3 = (1e-3, 1e-3, 1e-3)
    center_of_mass_m: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class PropPlan:
    """A prop to author."""

    id: str
    T_world_prop: Pose
    links: tuple[Link, ...]
    joints: tuple[Joint, ...] = ()


def looking_at(eye_m: Vec3, target_m: Vec3) -> Pose:
    """Return the pose of a camera (-Z forward, +Y up) that looks at a point, the horizon level."""
    backward = np.subtract(eye_m, target_m)
    backward = backward / np.linalg.norm(backward)
    right = np.cross((0.0, 0.0, 1.0), backward)
    right = right / np.linalg.norm(right)
    T = np.eye(4)
    T[:3, 0], T[:3, 1], T[:3, 2], T[:3, 3] = right, np.cross(backward, right), backward, eye_m
    return Pose.from_matrix(T)


TABLE = PropPlan(
    "table",
    Pose((0.6, 0.0, 0.0)),
    (
        Link(
            "top",
            (
                Box((0, 0, TABLE_TOP_M - 0.02), (0.35, 0.5, 0.02), (0.55, 0.35, 0.2)),
                # A collider that no camera may show: it would hide the table top.
                Box((0, 0, TABLE_TOP_M - 0.05), (0.36, 0.51, 0.049), (1.0, 0.0, 1.0), seen=False),
            ),
        ),
    ),
)
BOX = PropPlan(
    "box",
    Pose.from_yaw((0.5, -0.2, TABLE_TOP_M), 0.3),
    (
        Link(
            "body",
            (Box((0, 0, BOX_HALF_M[2]), BOX_HALF_M, (0.85, 0.1, 0.1)),),
            BOX_MASS_KG,
            (1.0e-3, 1.2e-3, 8e-4),
            (0, 0, BOX_HALF_M[2]),
        ),
    ),
)
BLOCK = PropPlan(
    "block",
    # Turned about all axes: a permuted or reversed quaternion cannot pass for it.
    Pose((0.55, 0.15, TABLE_TOP_M + 0.1), multiply_quats((0.8, 0.3314, -0.1913, 0.4619), (1, 0, 0, 0))),
    (
        Link(
            "body",
            (
                Box((0.03, 0, 0.01), (0.05, 0.02, 0.01), (0.1, 0.2, 0.85)),
                Box((-0.01, 0, 0.04), (0.01, 0.02, 0.02), (0.1, 0.6, 0.85)),
            ),
            0.3,
            (4e-4, 5e-4, 6e-4),
            (0.02, 0.0, 0.02),
        ),
    ),
)
CABINET = PropPlan(
    "cabinet",
    Pose.from_yaw((0.0, 0.9, 0.0), -np.pi / 2),
    (
        Link(
            "frame",
            (
                Box((-0.19, 0, 0.3), (0.01, 0.25, 0.3)),
                Box((0.0, 0.24, 0.3), (0.2, 0.01, 0.3)),
                Box((0.0, -0.24, 0.3), (0.2, 0.01, 0.3)),
                Box((0.0, 0.0, 0.59), (0.2, 0.25, 0.01), (0.3, 0.3, 0.35)),
            ),
        ),
        Link(
            "drawer",
            (Box((0.0, 0, 0.45), (0.18, 0.22, 0.01)), Box((0.21, 0, 0.48), (0.01, 0.24, 0.09), (0.8, 0.7, 0.5))),
            2.0,
            (0.02, 0.02, 0.02),
            (0.1, 0, 0.46),
        ),
        Link(
            "door",
            (Box((0.21, 0, 0.19), (0.01, 0.24, 0.18), (0.5, 0.8, 0.6)),),
            3.0,
            (0.03, 0.03, 0.03),
            (0.21, 0, 0.19),
        ),
    ),
    (
        Joint("slide", "prismatic", "frame", "drawer", (1, 0, 0), (0, 0, 0.45), 0.0, DRAWER_LIMIT_M),
        Joint("hinge", "revolute", "frame", "door", (0, 0, 1), (0.2, -0.24, 0.19), -DOOR_LIMIT_RAD, 0.0),
    ),
)
PROPS = (TABLE, BOX, BLOCK, CABINET)
CAMERAS = (
    Camera("side", WORLD, looking_at((1.6, -1.0, 1.0), (0.45, 0.05, 0.3)), 300.0, 256, 256, "/World/cameras/side"),
    Camera("top", WORLD, Pose((0.6, 0.0, 1.4)), 150.0, 128, 96, "/World/cameras/top"),
    Camera(
        "wrist",
        "/World/robot/panda_hand",
        Pose((0.07, 0.0, 0.03), multiply_quats((0.1531, 0.6903, 0.6903, 0.1531), (1, 0, 0, 0))),
        167.0,
        256,
        256,
        "/World/robot/panda_hand/wrist_camera",
    ),
)
SUN = Light("sun", (0.3, 0.4, -0.866), (1.0, 1.0, 1.0), 1.0, "/World/lights/sun")


def author_scene(folder: Path, *, robot: bool = True, props: Sequence[PropPlan] = PROPS) -> tuple[Path, SceneManifest]:
    """Write `scene.usda` into a folder and return it with its manifest."""
    path = folder / "scene.usda"
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    world = UsdGeom.Xform.Define(stage, "/World").GetPrim()
    stage.SetDefaultPrim(world)
    Usd.ModelAPI(world).SetKind("assembly")
    UsdPhysics.Scene.Define(stage, "/World/physics")
    grip = _physics_material(stage, "/World/materials/grip")
    _author_box(stage, "/World/room/floor", Box((0, 0, -0.05), (3, 3, 0.05), (0.75, 0.75, 0.72)), grip)
    for plan in props:
        _author_prop(stage, plan, grip)
    if robot:
        prim = stage.DefinePrim("/World/robot", "Xform")
        prim.GetReferences().AddReference(str(resource_path("data", "robots/franka_panda/franka_panda.usd")))
    stage.Save()
    return path, make_manifest(props)


def make_manifest(props: Sequence[PropPlan] = PROPS) -> SceneManifest:
    """Return the manifest of the scene."""
    return SceneManifest(
        "scratch",
        tuple(_scene_prop(plan) for plan in props),
        (),
        ScaleEstimate(1.0, "authored", None, (), "authored in metres"),
        GravityEstimate((0, 0, 1), "authored", "authored upright"),
        PlacedRobot("franka_panda", IDENTITY, "/World/robot"),
        CAMERAS,
        (SUN,),
    )


def _scene_prop(plan: PropPlan) -> SceneProp:
    movable = len(plan.links) == 1 and plan.links[0].mass_kg is not None
    role = Role.MANIPULABLE if movable else Role.FURNITURE
    prop = Prop(
        plan.id,
        plan.id,
        plan.id,
        role,
        tuple(Body(link.name, ()) for link in plan.links),
        plan.joints,
        (0.1, 0.1, 0.1),
        plan.T_world_prop,
        Provenance("authored"),
    )
    semantics = SetSemantics(plan.id, role, (), {"class": plan.id}, "authored")
    physics = tuple(_body_physics(plan.id, link) for link in plan.links)
    return SceneProp(prop, physics, semantics, (), f"/World/props/{plan.id}", "")


def _body_physics(prop: str, link: Link) -> BodyPhysics:
    pieces = tuple(BoxPiece(Pose(vec3(box.center_m)), vec3(box.half_m)) for box in link.boxes if box.touched)
    mass = SetMass(
        prop, link.name, link.mass_kg or 1.0, link.center_of_mass_m, link.inertia_kg_m2, (1, 0, 0, 0), "authored"
    )
    material = SetMaterial(prop, link.name, "wood", 700, 0.8, 0.8, 0.0, "authored")
    return BodyPhysics(link.name, material, mass, SetColliders(prop, link.name, pieces, "boxes", 1.0, "authored"))


def _author_prop(stage: Usd.Stage, plan: PropPlan, grip: UsdShade.Material) -> None:
    root = f"/World/props/{plan.id}"
    xform = UsdGeom.Xform.Define(stage, root)
    _place(xform, plan.T_world_prop)
    for link in plan.links:
        prim = UsdGeom.Xform.Define(stage, f"{root}/{link.name}").GetPrim()
        if link.mass_kg is not None:
            UsdPhysics.RigidBodyAPI.Apply(prim)
            mass = UsdPhysics.MassAPI.Apply(prim)
            mass.CreateMassAttr(link.mass_kg)
            mass.CreateCenterOfMassAttr(Gf.Vec3f(*link.center_of_mass_m))
            mass.CreateDiagonalInertiaAttr(Gf.Vec3f(*link.inertia_kg_m2))
            mass.CreatePrincipalAxesAttr(Gf.Quatf(1))
        for index, box in enumerate(link.boxes):
            _author_box(stage, f"{root}/{link.name}/piece_{index}", box, grip)
    for joint in plan.joints:
        _author_joint(stage, root, joint)


def _author_box(stage: Usd.Stage, path: str, box: Box, grip: UsdShade.Material) -> None:
    if box.seen:
        _author_visual(stage, f"{path}_visual", box)
    if box.touched:
        cube = UsdGeom.Cube.Define(stage, f"{path}_collider")
        cube.CreateSizeAttr(2.0)
        cube.CreateExtentAttr(Vt.Vec3fArray([Gf.Vec3f(-1), Gf.Vec3f(1)]))
        cube.AddTranslateOp().Set(Gf.Vec3d(*map(float, box.center_m)))
        cube.AddScaleOp().Set(Gf.Vec3f(*map(float, box.half_m)))
        cube.CreatePurposeAttr(UsdGeom.Tokens.guide)
        UsdPhysics.CollisionAPI.Apply(cube.GetPrim())
        UsdShade.MaterialBindingAPI.Apply(cube.GetPrim()).Bind(grip, materialPurpose="physics")


def _author_visual(stage: Usd.Stage, path: str, box: Box) -> None:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy((corners * box.half_m + box.center_m).astype(np.float32)))
    mesh.CreateFaceVertexCountsAttr([4] * 6)
    mesh.CreateFaceVertexIndicesAttr([corner for quad in quads for corner in quad])
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    material = UsdShade.Material.Define(stage, f"{path}_look")
    shader = UsdShade.Shader.Define(stage, f"{path}_look/surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*map(float, box.color_rgb)))
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)


def _author_joint(stage: Usd.Stage, root: str, joint: Joint) -> None:
    schema = UsdPhysics.RevoluteJoint if joint.kind == "revolute" else UsdPhysics.PrismaticJoint
    scale = 180 / np.pi if joint.kind == "revolute" else 1.0
    usd = schema.Define(stage, f"{root}/{joint.name}")
    usd.CreateBody0Rel().SetTargets([f"{root}/{joint.parent}"])
    usd.CreateBody1Rel().SetTargets([f"{root}/{joint.child}"])
    usd.CreateAxisAttr("XYZ"[int(np.argmax(np.abs(joint.axis)))])
    usd.CreateLocalPos0Attr(Gf.Vec3f(*map(float, joint.origin_m)))
    usd.CreateLocalPos1Attr(Gf.Vec3f(*map(float, joint.origin_m)))
    usd.CreateLowerLimitAttr(joint.lower * scale)
    usd.CreateUpperLimitAttr(joint.upper * scale)


def _physics_material(stage: Usd.Stage, path: str) -> UsdShade.Material:
    material = UsdShade.Material.Define(stage, path)
    physics = UsdPhysics.MaterialAPI.Apply(material.GetPrim())
    physics.CreateStaticFrictionAttr(0.8)
    physics.CreateDynamicFrictionAttr(0.8)
    physics.CreateRestitutionAttr(0.0)
    return material


def _place(xform: UsdGeom.Xform, pose: Pose) -> None:
    w, x, y, z = pose.quat_wxyz
    xform.AddTranslateOp().Set(Gf.Vec3d(*pose.position_m))
    xform.AddOrientOp(UsdGeom.XformOp.PrecisionDouble).Set(Gf.Quatd(w, x, y, z))
