"""A kitchenette made of nouns: a table, a cabinet with drawer and door, two boxes, a can and an L-shaped block.

Masses and inertias follow from the shapes' formulas, so a test can compare composed values with arithmetic.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.colliders import BoxPiece, ConvexPiece, HullPiece
from blueprint.pipeline.scene.edits import (
    AddJoint,
    AddSupport,
    Edit,
    SetColliders,
    SetJointDynamics,
    SetMass,
    SetMaterial,
    SetSemantics,
    SplitBody,
    SupportSurface,
)
from blueprint.pipeline.scene.meshes import TextureRef, TriangleMesh, save_mesh, save_texture
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Appearance, Body, Joint, Prop, Provenance, Role, Visual
from blueprint.pipeline.scene.scans import GravityEstimate, PhotoCamera, ScaleEstimate, Scan

WHY = "measured on a drawing"
TABLE_SIZE = (1.1, 0.7, 0.74)
TOP_THICKNESS = 0.03
FRICTION = {"wood": 0.5, "cardboard": 0.6, "steel": 0.4, "plastic": 0.35}
DENSITY = {"wood": 650.0, "cardboard": 300.0, "steel": 400.0, "plastic": 500.0}
DOOR_RAD = math.radians(95.0)


@dataclass(frozen=True)
class Made:
    """A prop as a scan would have it, with the decisions about it."""

    prop: Prop
    articulation: tuple[Edit, ...]
    physics: tuple[Edit, ...]


def box(center_m: Sequence[float], size_m: Sequence[float]) -> TriangleMesh:
    """Return a box as triangles, with texture coordinates that put the image once on each side."""
    vertices, faces, uv = [], [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            base = len(vertices)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                corner = np.zeros(3)
                corner[axis], corner[u], corner[v] = sign, a, b
                vertices.append(corner * np.asarray(size_m) / 2 + np.asarray(center_m))
                uv.append(((a + 1) / 2, (b + 1) / 2))
            quad = (base, base + 1, base + 2, base + 3)
            quad = quad if sign > 0 else quad[::-1]
            faces += [(quad[0], quad[1], quad[2]), (quad[0], quad[2], quad[3])]
    return TriangleMesh(np.array(vertices), np.array(faces, dtype=np.int32), np.array(uv, dtype=np.float32))


def cylinder(radius_m: float, height_m: float, sides: int = 24) -> TriangleMesh:
    """Return an upright cylinder that stands on z = 0."""
    angles = 2 * np.pi * np.arange(sides) / sides
    ring = np.stack([radius_m * np.cos(angles), radius_m * np.sin(angles)], axis=1)
    low = np.column_stack([ring, np.zeros(sides)])
    high = np.column_stack([ring, np.full(sides, height_m)])
    points = np.concatenate([low, high, [[0, 0, 0], [0, 0, height_m]]])
    faces = []
    for i in range(sides):
        j = (i + 1) % sides
        faces += [
            (i, j, sides + j),
            (i, sides + j, sides + i),
            (2 * sides, j, i),
            (2 * sides + 1, sides + i, sides + j),
        ]
    return TriangleMesh(points, np.array(faces, dtype=np.int32))


def join(meshes: Sequence[TriangleMesh]) -> TriangleMesh:
    """Return several meshes as one, without texture coordinates."""
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]
    vertices = np.concatenate([mesh.vertices_m for mesh in meshes])
    return TriangleMesh(vertices, np.concatenate(faces).astype(np.int32))


def checker(folder: Path) -> TextureRef:
    """Store a texture whose four quarters differ: red, green over blue, white (v upwards)."""
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    image[:32, :32], image[:32, 32:] = (40, 40, 200), (40, 160, 40)
    image[32:, :32], image[32:, 32:] = (200, 80, 40), (230, 230, 230)
    done, png = cv2.imencode(".png", image)
    assert done
    return save_texture(folder, png.tobytes(), 64, 64)


def box_physics(prop: str, body: str, material: str, boxes: Sequence[tuple[Vec3, Vec3]]) -> list[Edit]:
    """Return material, mass and colliders of a link made of solid boxes (centre, size)."""
    centers = np.array([center for center, _ in boxes])
    sizes = np.array([size for _, size in boxes])
    masses = DENSITY[material] * np.prod(sizes, axis=1)
    total = masses.sum()
    com = masses @ centers / total
    inertia = np.zeros((3, 3))
    for center, size, mass in zip(centers, sizes, masses, strict=True):
        offset = center - com
        inertia += mass * (
            np.diag((size @ size - size**2) / 12) + (offset @ offset) * np.eye(3) - np.outer(offset, offset)
        )
    moments, axes = np.linalg.eigh(inertia)
    axes[:, 2] *= np.sign(np.linalg.det(axes))
    pieces = [BoxPiece(Pose(tuple(center)), tuple(np.asarray(size) / 2)) for center, size in boxes]
    return physics(prop, body, material, (float(total), com, moments, axes), pieces)


def physics(prop: str, body: str, material: str, mass: tuple, pieces: Sequence[ConvexPiece]) -> list[Edit]:
    """Return the edits of one link; `mass` is mass, centre, principal moments and axes."""
    total, com, moments, axes = mass
    friction = FRICTION[material]
    quat = Pose.from_matrix(np.block([[axes, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]])).quat_wxyz
    # What sensors see is named like the material for all of these.
    matter = SetMaterial(
        prop, body, material, DENSITY[material], friction, friction * 0.9, 0.0, WHY, nonvisual_base=material
    )
    return [
        matter,
        SetMass(prop, body, total, tuple(map(float, com)), tuple(map(float, moments)), quat, f"{total:.3f} kg: {WHY}"),
        SetColliders(prop, body, tuple(pieces), "boxes", 1.0, WHY),
    ]


def semantics(prop: str, role: Role, label: str, qcode: str) -> SetSemantics:
    """Return the labels of a prop."""
    affordances = ("graspable",) if role is Role.MANIPULABLE else ("supports",)
    return SetSemantics(prop, role, affordances, {"class": label, "wikidata_qcode": qcode}, WHY)


def make_prop(prop_id: str, role: Role, bodies: Sequence[Body], size: Vec3, pose: Pose) -> Prop:
    """Return a prop whose label and category are its id."""
    provenance = Provenance(f"objects/{prop_id}.glb", "CC0-1.0")
    return Prop(prop_id, prop_id, prop_id, role, tuple(bodies), (), size, pose, provenance)


def boxy(
    folder: Path,
    prop_id: str,
    material: str,
    boxes: Sequence[tuple[Vec3, Vec3]],
    role: Role,
    pose: Pose,
    look: Appearance,
) -> Made:
    """Return a one-link prop made of boxes."""
    mesh = box(*boxes[0]) if len(boxes) == 1 else join([box(*part) for part in boxes])
    low, high = mesh.bounds_m()
    body = Body("body", (Visual(save_mesh(folder, mesh), look),))
    size = tuple(float(value) for value in high - low)
    prop = make_prop(prop_id, role, [body], size, pose)
    edits = [*box_physics(prop_id, "body", material, boxes), semantics(prop_id, role, prop_id, "Q1")]
    return Made(prop, (), tuple(edits))


def table(folder: Path, pose: Pose) -> Made:
    """Return a table with four legs whose top is a support."""
    width, depth, height = TABLE_SIZE
    top = ((0.0, 0.0, height - TOP_THICKNESS / 2), (width, depth, TOP_THICKNESS))
    leg_height = height - TOP_THICKNESS
    legs = [
        ((x * (width / 2 - 0.03), y * (depth / 2 - 0.03), leg_height / 2), (0.05, 0.05, leg_height))
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    made = boxy(folder, "table", "wood", [top, *legs], Role.FURNITURE, pose, Appearance((0.62, 0.45, 0.28)))
    surface = SupportSurface("top", "body", Pose((0.0, 0.0, height)), (width / 2, depth / 2), TOP_THICKNESS)
    return replace(made, physics=(*made.physics, AddSupport("table", surface, WHY)))


def can(folder: Path, pose: Pose, radius_m: float = 0.033, height_m: float = 0.1) -> Made:
    """Return a cylinder with a hull as its collider."""
    mesh = cylinder(radius_m, height_m)
    ref = save_mesh(folder, mesh)
    body = Body("body", (Visual(ref, Appearance((0.75, 0.1, 0.1), None, 0.3)),))
    prop = make_prop("can", Role.MANIPULABLE, [body], (2 * radius_m, 2 * radius_m, height_m), pose)
    mass = DENSITY["steel"] * math.pi * radius_m**2 * height_m
    side = mass * (3 * radius_m**2 + height_m**2) / 12
    moments = (side, side, mass * radius_m**2 / 2)
    hull = save_mesh(folder, cylinder(radius_m, height_m, 16))
    edits = physics("can", "body", "steel", (mass, (0, 0, height_m / 2), moments, np.eye(3)), [HullPiece(hull)])
    return Made(prop, (), (*edits, semantics("can", Role.MANIPULABLE, "can", "Q2")))


def cabinet(folder: Path, pose: Pose) -> Made:
    """Return a cabinet whose scan is one mesh, split into frame, door (hinge at +x) and drawer (slides to -y)."""
    frame = [
        ((0.0, 0.0, 0.01), (0.5, 0.4, 0.02)),
        ((0.0, 0.0, 0.59), (0.5, 0.4, 0.02)),
        ((-0.24, 0.0, 0.3), (0.02, 0.4, 0.56)),
        ((0.24, 0.0, 0.3), (0.02, 0.4, 0.56)),
        ((0.0, 0.19, 0.3), (0.46, 0.02, 0.56)),
    ]
    door = [((0.0, -0.19, 0.2), (0.45, 0.02, 0.34))]
    drawer = [((0.0, -0.19, 0.48), (0.45, 0.02, 0.18)), ((0.0, -0.01, 0.41), (0.42, 0.33, 0.02))]
    look = Appearance((0.85, 0.85, 0.8))
    links = {"frame": frame, "door": door, "drawer": drawer}
    whole = join([box(*part) for boxes in links.values() for part in boxes])
    scanned = Body("body", (Visual(save_mesh(folder, whole), look),))
    prop = make_prop("cabinet", Role.FURNITURE, [scanned], (0.5, 0.4, 0.6), pose)
    parts = tuple(
        Body(name, (Visual(save_mesh(folder, join([box(*part) for part in boxes])), look),))
        for name, boxes in links.items()
    )
    hinge = Joint("hinge", "revolute", "frame", "door", (0.0, 0.0, -1.0), (0.225, -0.19, 0.2), 0.0, DOOR_RAD)
    rail = Joint("rail", "prismatic", "frame", "drawer", (0.0, -1.0, 0.0), (0.0, -0.19, 0.48), 0.0, 0.25)
    articulation = (
        SplitBody("cabinet", "body", parts, WHY),
        AddJoint("cabinet", hinge, WHY),
        AddJoint("cabinet", rail, WHY),
    )
    edits = [edit for name, boxes in links.items() for edit in box_physics("cabinet", name, "wood", boxes)]
    top = SupportSurface("top", "frame", Pose((0.0, 0.0, 0.6)), (0.25, 0.2), 0.02)
    edits += [
        SetJointDynamics("cabinet", "hinge", 0.05, 0.2, 0.0, 20.0, WHY),
        SetJointDynamics("cabinet", "rail", 0.5, 3.0, 0.0, 100.0, WHY),
    ]
    edits += [semantics("cabinet", Role.FURNITURE, "cabinet", "Q3"), AddSupport("cabinet", top, WHY)]
    return Made(prop, articulation, tuple(edits))


def kitchenette(folder: Path) -> dict[str, Made]:
    """Return every prop as it stands; meshes and textures go into `folder`."""
    top = TABLE_SIZE[2]
    printed = Appearance((1.0, 1.0, 1.0), checker(folder))
    plastic = Appearance((0.1, 0.3, 0.7))
    ell = [((-0.02, 0.0, 0.02), (0.08, 0.04, 0.04)), ((-0.04, 0.0, 0.07), (0.04, 0.04, 0.06))]
    made = [
        table(folder, Pose.from_yaw((0.0, 1.2, 0.0), 0.2)),
        cabinet(folder, Pose.from_yaw((1.3, 1.5, 0.0), 0.0)),
        boxy(folder, "cracker_box", "cardboard", [((0, 0, 0.1), (0.06, 0.16, 0.2))], Role.MANIPULABLE,
             Pose.from_yaw((0.25, 1.35, top), 0.6), printed),
        boxy(folder, "tea_box", "cardboard", [((0, 0, 0.035), (0.05, 0.09, 0.07))], Role.MANIPULABLE,
             Pose.from_yaw((-0.2, 1.25, top), -0.3), printed),
        can(folder, Pose.from_yaw((0.05, 1.4, top), 0.0)),
        boxy(folder, "ell", "plastic", ell, Role.MANIPULABLE, Pose.from_yaw((-0.35, 1.05, top), 1.0), plastic),
    ]  # fmt: skip
    return {entry.prop.id: entry for entry in made}


def articulated(made: Made) -> Prop:
    """Return a prop with links and joints."""
    return edited_prop(made.prop, made.articulation)


def kitchenette_scan(made: dict[str, Made]) -> Scan:
    """Return the scan that the kitchenette's props stand in."""
    camera = PhotoCamera(Pose((0.0, -0.3, 1.5), (0.819152, 0.573576, 0.0, 0.0)), 900.0, 1024, 768)
    return Scan(
        "kitchenette",
        "nouns",
        tuple(entry.prop for entry in made.values()),
        (),
        ScaleEstimate(1.0, "given", None, (), WHY),
        GravityEstimate((0.0, 0.0, 1.0), "given", WHY),
        camera,
    )
