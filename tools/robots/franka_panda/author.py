"""Write the robot as one USD layer: links side by side under the root, in the rest pose."""

import numpy as np
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdPhysics, UsdSemantics, UsdShade, Vt  # pyright: ignore[reportAttributeAccessIssue]
from scipy.spatial.transform import Rotation

from . import hardware
from .meshes import Color, Part
from .urdf import IDENTITY, Array, Box, Frame, Joint, Link, Robot

ROOT = Sdf.Path("/franka_panda")


def new_stage(path: str) -> Usd.Stage:
    """Create the layer with units, up axis and default prim."""
    stage = Usd.Stage.CreateNew(path)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, ROOT).GetPrim()
    stage.SetDefaultPrim(root)
    Usd.ModelAPI(root).SetKind(Kind.Tokens.component)
    UsdPhysics.ArticulationRootAPI.Apply(root)
    root.AddAppliedSchema("PhysxArticulationAPI")
    _set(root, "physxArticulation:enabledSelfCollisions", Sdf.ValueTypeNames.Bool, True)
    UsdSemantics.LabelsAPI.Apply(root, "class").CreateLabelsAttr(["robot"])
    for scope in ("Looks", "PhysicsMaterials", "Joints"):
        UsdGeom.Scope.Define(stage, ROOT.AppendChild(scope))
    return stage


def rest_frames(robot: Robot) -> dict[str, Frame]:
    """Return each link's pose in the root's frame with every joint at its rest value."""
    frames = {hardware.BASE: IDENTITY}
    for joint in robot.joints.values():
        frames[joint.child] = frames[joint.parent] @ joint.frame @ _motion(joint)
    return frames


def add_looks(stage: Usd.Stage) -> dict[Color, UsdShade.Material]:
    """Define one preview material per colour of the palette."""
    return {color: _look(stage, color, name) for color, name in hardware.COLOR_NAMES.items()}


def add_link(stage: Usd.Stage, link: Link, frame: Frame) -> Usd.Prim:
    """Define a rigid body with its mass; gravity is compensated as the arm's controller does."""
    prim = UsdGeom.Xform.Define(stage, ROOT.AppendChild(link.name)).GetPrim()
    _place(prim, frame)
    UsdPhysics.RigidBodyAPI.Apply(prim)
    mass = UsdPhysics.MassAPI.Apply(prim)
    moments, axes = np.linalg.eigh(link.inertia_kg_m2)
    axes[:, 2] *= np.sign(np.linalg.det(axes))
    mass.CreateMassAttr(link.mass_kg)
    mass.CreateCenterOfMassAttr(Gf.Vec3f(*link.center_of_mass_m.tolist()))
    mass.CreateDiagonalInertiaAttr(Gf.Vec3f(*moments.tolist()))
    mass.CreatePrincipalAxesAttr(Gf.Quatf(_quaternion(Rotation.from_matrix(axes))))
    prim.AddAppliedSchema("PhysxRigidBodyAPI")
    _set(prim, "physxRigidBody:disableGravity", Sdf.ValueTypeNames.Bool, True)
    prim.AddAppliedSchema("MjcBodyAPI")
    _set(prim, "mjc:gravcomp", Sdf.ValueTypeNames.Double, 1.0)
    return prim


def add_visual(link: Usd.Prim, frame: Frame, parts: list[Part], looks: dict[Color, UsdShade.Material]) -> None:
    """Define one mesh per colour below `link`."""
    stage = link.GetStage()
    group = UsdGeom.Xform.Define(stage, link.GetPath().AppendChild("visuals")).GetPrim()
    _place(group, frame)
    for part in parts:
        name = hardware.COLOR_NAMES[part.color]
        mesh = UsdGeom.Mesh.Define(stage, group.GetPath().AppendChild(name))
        _fill(mesh, np.asarray(part.mesh.vertices), np.asarray(part.mesh.faces))
        mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(part.normals.astype(np.float32)))
        mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(looks[part.color])


def add_hull(link: Usd.Prim, points: Array, faces: np.ndarray) -> Usd.Prim:
    """Define the link's collider as a convex hull, hidden from cameras by its purpose."""
    path = link.GetPath().AppendPath("collisions/hull")
    mesh = UsdGeom.Mesh.Define(link.GetStage(), path)
    _fill(mesh, points, faces)
    mesh.CreatePurposeAttr(UsdGeom.Tokens.guide)
    UsdPhysics.CollisionAPI.Apply(mesh.GetPrim())
    UsdPhysics.MeshCollisionAPI.Apply(mesh.GetPrim()).CreateApproximationAttr(UsdPhysics.Tokens.convexHull)
    return mesh.GetPrim()


def add_box(link: Usd.Prim, name: str, box: Box) -> Usd.Prim:
    """Define a box collider below `link`."""
    path = link.GetPath().AppendPath(f"collisions/{name}")
    cube = UsdGeom.Cube.Define(link.GetStage(), path)
    cube.CreateSizeAttr(1.0)
    cube.CreateExtentAttr([Gf.Vec3f(-0.5), Gf.Vec3f(0.5)])
    cube.CreatePurposeAttr(UsdGeom.Tokens.guide)
    _place(cube.GetPrim(), box.frame)
    cube.AddScaleOp().Set(Gf.Vec3f(*box.size_m.tolist()))
    UsdPhysics.CollisionAPI.Apply(cube.GetPrim())
    return cube.GetPrim()


def add_friction(stage: Usd.Stage, name: str, friction: float) -> UsdShade.Material:
    """Define a physics material whose friction counts where it is the larger of two."""
    material = UsdShade.Material.Define(stage, ROOT.AppendPath(f"PhysicsMaterials/{name}"))
    physics = UsdPhysics.MaterialAPI.Apply(material.GetPrim())
    physics.CreateStaticFrictionAttr(friction)
    physics.CreateDynamicFrictionAttr(friction)
    physics.CreateRestitutionAttr(0.0)
    material.GetPrim().AddAppliedSchema("PhysxMaterialAPI")
    mode = "physxMaterial:frictionCombineMode"
    _set(material.GetPrim(), mode, Sdf.ValueTypeNames.Token, "max", uniform=True)
    return material


def make_pad(prim: Usd.Prim, rubber: UsdShade.Material) -> None:
    """Give a collider rubber's friction, and a contact that is stiff and resists turning."""
    bind_physics(prim, rubber)
    rubber.GetPrim().AddAppliedSchema("NewtonMaterialAPI")
    name = "newton:torsionalFriction"
    _set(rubber.GetPrim(), name, Sdf.ValueTypeNames.Float, hardware.PAD_TORSION_M)
    prim.AddAppliedSchema("MjcCollisionAPI")
    _set(prim, "mjc:condim", Sdf.ValueTypeNames.Int, hardware.PAD_CONTACT_DIMENSIONS, uniform=True)
    _set(prim, "mjc:solmix", Sdf.ValueTypeNames.Double, hardware.PAD_CONTACT_WEIGHT, uniform=True)
    contact = Vt.DoubleArray(hardware.PAD_CONTACT)
    _set(prim, "mjc:solref", Sdf.ValueTypeNames.DoubleArray, contact, uniform=True)


def bind_physics(prim: Usd.Prim, material: UsdShade.Material) -> None:
    """Bind a physics material to a collider."""
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material, UsdShade.Tokens.strongerThanDescendants, "physics")


def add_base_joint(stage: Usd.Stage) -> None:
    """Fix the base to the root's frame, so that the robot stands wherever a scene puts the root."""
    path = ROOT.AppendPath("Joints/base_joint")
    joint = UsdPhysics.FixedJoint.Define(stage, path)
    joint.CreateBody0Rel().SetTargets([ROOT])
    _attach(joint, hardware.BASE, IDENTITY.rotation, IDENTITY, IDENTITY.rotation)


def add_joint(stage: Usd.Stage, joint: Joint) -> None:
    """Define a joint with limits; a moving one also gets drive, armature and rest state."""
    path = ROOT.AppendPath(f"Joints/{joint.name}")
    kinds = {
        "fixed": UsdPhysics.FixedJoint,
        "revolute": UsdPhysics.RevoluteJoint,
        "prismatic": UsdPhysics.PrismaticJoint,
    }
    usd = kinds[joint.kind].Define(stage, path)
    usd.CreateBody0Rel().SetTargets([ROOT.AppendChild(joint.parent)])
    axis, turn = _axis(joint)
    _attach(usd, joint.child, turn, joint.frame, turn)
    if joint.kind != "fixed":
        usd.CreateAxisAttr(axis)
        _add_motion(usd.GetPrim(), joint)


def add_mimic(stage: Usd.Stage, leader: str, follower: str) -> None:
    """Make `follower` move as `leader` does, in Newton's words and in PhysX's."""
    prim = stage.GetPrimAtPath(ROOT.AppendPath(f"Joints/{follower}"))
    target = ROOT.AppendPath(f"Joints/{leader}")
    prim.AddAppliedSchema("NewtonMimicAPI")
    prim.CreateRelationship("newton:mimicJoint", custom=False).SetTargets([target])
    _set(prim, "newton:mimicCoef0", Sdf.ValueTypeNames.Float, 0.0)
    _set(prim, "newton:mimicCoef1", Sdf.ValueTypeNames.Float, 1.0)
    prim.AddAppliedSchema("MjcEqualityJointAPI")
    tie = Vt.DoubleArray(hardware.FINGER_TIE)
    _set(prim, "mjc:solref", Sdf.ValueTypeNames.DoubleArray, tie, uniform=True)
    impedance = Vt.DoubleArray(hardware.FINGER_TIE_IMPEDANCE)
    _set(prim, "mjc:solimp", Sdf.ValueTypeNames.DoubleArray, impedance, uniform=True)
    # PhysX wants rotX even on a prismatic joint, and writes follower + gearing * leader = 0.
    prim.AddAppliedSchema("PhysxMimicJointAPI:rotX")
    prefix = "physxMimicJoint:rotX"
    prim.CreateRelationship(f"{prefix}:referenceJoint", custom=False).SetTargets([target])
    _set(prim, f"{prefix}:gearing", Sdf.ValueTypeNames.Float, -1.0)
    _set(prim, f"{prefix}:offset", Sdf.ValueTypeNames.Float, 0.0)


def filter_pairs(stage: Usd.Stage, pairs: tuple[tuple[str, str], ...]) -> None:
    """Let each pair of links pass through each other."""
    for name in dict.fromkeys(first for first, _ in pairs):
        api = UsdPhysics.FilteredPairsAPI.Apply(stage.GetPrimAtPath(ROOT.AppendChild(name)))
        others = [ROOT.AppendChild(second) for first, second in pairs if first == name]
        api.CreateFilteredPairsRel().SetTargets(others)


def add_frame(link: Usd.Prim, name: str, frame: Frame) -> None:
    """Define a named frame without mass or shape below `link`."""
    prim = UsdGeom.Xform.Define(link.GetStage(), link.GetPath().AppendChild(name)).GetPrim()
    _place(prim, frame)


def add_wrist_camera(hand: Usd.Prim) -> None:
    """Define the camera on the hand's front, tilted towards the tips, picture up = hand +x."""
    camera = UsdGeom.Camera.Define(hand.GetStage(), hand.GetPath().AppendChild("wrist_camera"))
    # USD cameras look along -z with +y up; this one looks along the hand's +z with +x up.
    back, up = np.array([0.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0])
    straight = Rotation.from_matrix(np.column_stack([np.cross(up, back), up, back]))
    tilt = Rotation.from_euler("y", -float(hardware.CAMERA_TILT_RAD))
    _place(camera.GetPrim(), Frame(hardware.CAMERA_POSITION_M, tilt * straight))
    aperture = 20.955
    focal = aperture / 2.0 / float(np.tan(hardware.CAMERA_FIELD_OF_VIEW_RAD / 2.0))
    camera.CreateHorizontalApertureAttr(aperture)
    camera.CreateVerticalApertureAttr(aperture)
    camera.CreateFocalLengthAttr(round(focal, 4))
    camera.CreateClippingRangeAttr(Gf.Vec2f(0.01, 10.0))


def _add_motion(prim: Usd.Prim, joint: Joint) -> None:
    angular = joint.kind == "revolute"
    unit = 180.0 / np.pi if angular else 1.0
    instance = "angular" if angular else "linear"
    typed = UsdPhysics.RevoluteJoint(prim) if angular else UsdPhysics.PrismaticJoint(prim)
    typed.CreateLowerLimitAttr(joint.lower * unit)
    typed.CreateUpperLimitAttr(joint.upper * unit)
    rest = hardware.HOME[joint.name] * unit
    gains = hardware.DRIVES[joint.name]
    drive = UsdPhysics.DriveAPI.Apply(prim, instance)
    drive.CreateTypeAttr(UsdPhysics.Tokens.force)
    drive.CreateStiffnessAttr(gains.stiffness / unit)
    drive.CreateDampingAttr(gains.damping / unit)
    drive.CreateMaxForceAttr(gains.max_force)
    drive.CreateTargetPositionAttr(rest)
    drive.CreateTargetVelocityAttr(0.0)
    number = Sdf.ValueTypeNames.Float
    prim.AddAppliedSchema(f"PhysicsJointStateAPI:{instance}")
    _set(prim, f"state:{instance}:physics:position", number, rest)
    _set(prim, f"state:{instance}:physics:velocity", number, 0.0)
    prim.AddAppliedSchema("PhysxJointAPI")
    _set(prim, "physxJoint:armature", number, hardware.ARMATURE)
    _set(prim, "physxJoint:maxJointVelocity", number, joint.velocity * unit)
    prim.AddAppliedSchema("NewtonJointAPI")
    _set(prim, "newton:armature", number, hardware.ARMATURE)
    _set(prim, "newton:velocityLimit", number, joint.velocity * unit)
    # The motors carry the compensated weight too, so it counts against maxForce.
    prim.AddAppliedSchema("MjcJointAPI")
    _set(prim, "mjc:actuatorgravcomp", Sdf.ValueTypeNames.Bool, True, uniform=True)
    if joint.name in hardware.FINGER_JOINTS:
        stop = Vt.DoubleArray(hardware.FINGER_STOP)
        _set(prim, "mjc:solreflimit", Sdf.ValueTypeNames.DoubleArray, stop, uniform=True)


def _attach(joint: UsdPhysics.Joint, child: str, turn0: Rotation, frame: Frame, turn1: Rotation) -> None:
    joint.CreateBody1Rel().SetTargets([ROOT.AppendChild(child)])
    joint.CreateLocalPos0Attr(Gf.Vec3f(*frame.position_m.tolist()))
    joint.CreateLocalRot0Attr(Gf.Quatf(_quaternion(frame.rotation * turn0)))
    joint.CreateLocalPos1Attr(Gf.Vec3f(0.0))
    joint.CreateLocalRot1Attr(Gf.Quatf(_quaternion(turn1)))


def _axis(joint: Joint) -> tuple[str, Rotation]:
    """Return the USD axis, and the turn of both joint frames that makes the axis positive."""
    if joint.kind == "fixed":
        return "X", Rotation.identity()
    index = int(np.abs(joint.axis).argmax())
    if joint.axis[index] > 0:
        return "XYZ"[index], Rotation.identity()
    half_turn = np.zeros(3)
    half_turn[(index + 1) % 3] = np.pi
    return "XYZ"[index], Rotation.from_rotvec(half_turn)


def _motion(joint: Joint) -> Frame:
    value = hardware.HOME.get(joint.name, 0.0)
    if joint.kind == "revolute":
        return Frame(np.zeros(3), Rotation.from_rotvec(joint.axis * value))
    return Frame(joint.axis * value, Rotation.identity())


def _look(stage: Usd.Stage, color: Color, name: str) -> UsdShade.Material:
    path = ROOT.AppendPath(f"Looks/{name}")
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, path.AppendChild("surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    encoded = np.array(color) / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    albedo = Gf.Vec3f(*np.minimum(linear, hardware.WHITEST).tolist())
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(albedo)
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(0.4)
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(0.0)
    material.CreateSurfaceOutput().ConnectToSource(shader.CreateOutput("surface", Sdf.ValueTypeNames.Token))
    return material


def _fill(mesh: UsdGeom.Mesh, points: Array, faces: np.ndarray) -> None:
    vertices = Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(points, dtype=np.float32))
    mesh.CreatePointsAttr(vertices)
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([3] * len(faces)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(faces.ravel(), dtype=np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(vertices))


def _place(prim: Usd.Prim, frame: Frame) -> None:
    xform = UsdGeom.Xformable(prim)
    position = Gf.Vec3d(*frame.position_m.tolist())
    xform.AddTranslateOp(UsdGeom.XformOp.PrecisionDouble).Set(position)
    turn = _quaternion(frame.rotation)
    xform.AddOrientOp(UsdGeom.XformOp.PrecisionDouble).Set(turn)


def _quaternion(rotation: Rotation) -> Gf.Quatd:
    x, y, z, w = rotation.as_quat(canonical=True).tolist()
    return Gf.Quatd(w, x, y, z)


def _set(prim: Usd.Prim, name: str, kind: Sdf.ValueTypeName, value: object, uniform: bool = False) -> None:
    variability = Sdf.VariabilityUniform if uniform else Sdf.VariabilityVarying
    prim.CreateAttribute(name, kind, custom=False, variability=variability).Set(value)
