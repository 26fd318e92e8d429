"""Mass, material, colliders and labels on a prop: what a simulator reads."""

from collections.abc import Mapping, Sequence

# The stubs of usd-core leave UsdSemantics out.
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdSemantics, UsdShade  # pyright: ignore[reportAttributeAccessIssue]

from blueprint.pipeline.scene.colliders import BoxPiece, ConvexPiece, CylinderPiece, HullPiece
from blueprint.pipeline.scene.edits import SetColliders, SetMass, SetMaterial, SetSemantics

from .author import author_box, author_mesh
from .names import body_path, physics_material_path
from .payloads import Payloads
from .round_shapes import author_cylinder, author_sphere
from .transforms import gf_quat

_TYPES = Sdf.ValueTypeNames


def apply_mass(stage: Usd.Stage, root: str, edit: SetMass) -> None:
    """Make a link a rigid body with its mass, centre of mass and inertia."""
    prim = stage.OverridePrim(body_path(root, edit.body))
    UsdPhysics.RigidBodyAPI.Apply(prim)
    override_mass(stage, root, edit)
    prim.SetCustomDataByKey("blueprint:mass", edit.why)


def override_mass(stage: Usd.Stage, root: str, edit: SetMass) -> None:
    """Author a link's mass properties and nothing else."""
    mass = UsdPhysics.MassAPI.Apply(stage.OverridePrim(body_path(root, edit.body)))
    mass.CreateMassAttr(edit.mass_kg)
    mass.CreateCenterOfMassAttr(Gf.Vec3f(*edit.center_of_mass_m))
    mass.CreateDiagonalInertiaAttr(Gf.Vec3f(*edit.inertia_kg_m2))
    mass.CreatePrincipalAxesAttr(Gf.Quatf(gf_quat(edit.principal_axes_quat_wxyz)))


def apply_material(stage: Usd.Stage, root: str, edit: SetMaterial) -> None:
    """Define a link's physics material; it is labelled with the name of what it is made of."""
    path = physics_material_path(root, edit.body)
    prim = UsdShade.Material.Define(stage, path).GetPrim()
    override_friction(stage, root, edit)
    prim.AddAppliedSchema("PhysxMaterialAPI")
    # Every engine can take the larger of two frictions, and not every engine can take another mean.
    prim.CreateAttribute("physxMaterial:frictionCombineMode", _TYPES.Token, False, Sdf.VariabilityUniform).Set("max")
    UsdPhysics.MaterialAPI(prim).CreateDensityAttr(edit.density_kg_m3)
    apply_labels(prim, {"material": edit.material})
    prim.SetCustomDataByKey("blueprint:material", edit.why)


def override_friction(stage: Usd.Stage, root: str, edit: SetMaterial) -> None:
    """Author friction and restitution of a link's physics material and nothing else."""
    material = UsdPhysics.MaterialAPI.Apply(stage.OverridePrim(physics_material_path(root, edit.body)))
    material.CreateStaticFrictionAttr(edit.static_friction)
    material.CreateDynamicFrictionAttr(edit.dynamic_friction)
    material.CreateRestitutionAttr(edit.restitution)


def apply_colliders(stage: Usd.Stage, root: str, edit: SetColliders, payloads: Payloads) -> None:
    """Give a link convex colliders that cameras do not see."""
    body = body_path(root, edit.body)
    group = UsdGeom.Xform.Define(stage, f"{body}/collisions").GetPrim()
    group.SetCustomDataByKey("blueprint:colliders", edit.why)
    for index, piece in enumerate(edit.pieces):
        prim = author_collider(stage, f"{body}/collisions/{piece.kind}_{index:02d}", piece, payloads)
        bind_physics_material(stage, prim, physics_material_path(root, edit.body))


def author_collider(stage: Usd.Stage, path: str, piece: ConvexPiece, payloads: Payloads | None) -> Usd.Prim:
    """Write one convex piece as a guide with collision; hulls need the payloads that hold them."""
    if isinstance(piece, HullPiece):
        assert payloads is not None, "a hull's mesh lies in a record"
        prim = author_mesh(stage, path, payloads.mesh(piece.mesh))
        UsdPhysics.MeshCollisionAPI.Apply(prim).CreateApproximationAttr(UsdPhysics.Tokens.convexHull)
    elif isinstance(piece, BoxPiece):
        prim = author_box(stage, path, piece.T_prop_box, piece.half_extents_m)
    elif isinstance(piece, CylinderPiece):
        prim = author_cylinder(stage, path, piece.T_prop_cylinder, piece.radius_m, piece.half_height_m)
    else:
        prim = author_sphere(stage, path, piece.center_m, piece.radius_m)
    UsdPhysics.CollisionAPI.Apply(prim)
    UsdGeom.Imageable(prim).CreatePurposeAttr(UsdGeom.Tokens.guide)
    return prim


def bind_physics_material(stage: Usd.Stage, prim: Usd.Prim, material_path: str) -> None:
    """Bind a material for physics only."""
    material = UsdShade.Material.Get(stage, material_path)
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material, materialPurpose="physics")


def apply_semantics(stage: Usd.Stage, root: str, edit: SetSemantics) -> None:
    """Label a prop and keep its role and affordances beside the labels."""
    prim = stage.OverridePrim(root)
    apply_labels(prim, edit.labels)
    prim.SetCustomDataByKey("blueprint:role", edit.role.value)
    prim.SetCustomDataByKey("blueprint:affordances", ", ".join(edit.affordances))
    prim.SetCustomDataByKey("blueprint:semantics", edit.why)


def apply_labels(prim: Usd.Prim, labels: Mapping[str, str | Sequence[str]]) -> None:
    """Give a prim one label per taxonomy, or several."""
    for taxonomy, value in sorted(labels.items()):
        UsdSemantics.LabelsAPI.Apply(prim, taxonomy).CreateLabelsAttr([value] if isinstance(value, str) else [*value])
