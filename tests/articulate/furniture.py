"""Furniture made for tests: one closed block each, with boards, gaps, grips, and the unevenness of a scan.

Front towards -Y, Z up, origin below the middle of the block; metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from manifold3d import Manifold

from blueprint.pipeline.articulate.closed_solids import mesh_of
from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.props import Appearance, Body, Prop, Provenance, Role, Visual

BOARD_M = 0.018


@dataclass(frozen=True)
class Board:
    """A board on the front, x and z from the lower left of the block; `grip` is where its middle is (x, z) and how."""

    left: float
    bottom: float
    right: float
    top: float
    grip: str = ""
    grip_at: tuple[float, float] = (0.0, 0.0)


def block(low: Sequence[float], high: Sequence[float]) -> Manifold:
    """Return a box between two corners."""
    return Manifold.cube(tuple(np.subtract(high, low))).translate(tuple(low))


def cabinet(size_m: tuple[float, float, float], boards: Sequence[Board]) -> Manifold:
    """Return a solid block with boards of 18 mm in front of it."""
    width, depth, height = size_m
    solid = block((-width / 2, -depth / 2, 0.0), (width / 2, depth / 2, height))
    face = -depth / 2 - BOARD_M
    for board in boards:
        low, high = (board.left - width / 2, face, board.bottom), (board.right - width / 2, -depth / 2, board.top)
        solid += block(low, high)
        if board.grip:
            solid += grip(board.grip, board.grip_at[0] - width / 2, face, board.grip_at[1])
    return solid


def grip(kind: str, x: float, y: float, z: float) -> Manifold:
    """Return an upright or lying bar, or a knob, whose foot is in front of (x, z) at depth y."""
    if kind == "knob":
        return Manifold.cylinder(0.027, 0.016, circular_segments=24).rotate((90, 0, 0)).translate((x, y + 0.002, z))
    wide, tall = (0.012, 0.14) if kind == "upright" else (0.14, 0.012)
    bar = block((x - wide / 2, y - 0.032, z - tall / 2), (x + wide / 2, y - 0.022, z + tall / 2))
    feet = [
        block((px - 0.006, y - 0.03, pz - 0.006), (px + 0.006, y + 0.002, pz + 0.006))
        for px, pz in (
            (x - (wide - 0.012) / 2, z - (tall - 0.012) / 2),
            (x + (wide - 0.012) / 2, z + (tall - 0.012) / 2),
        )
    ]
    return bar + feet[0] + feet[1]


def scanned(solid: Manifold, *, yaw_rad: float = 0.0, uneven_m: float = 0.0, seed: int = 7) -> TriangleMesh:
    """Return the surface in triangles of about 3 cm, turned about the vertical, each vertex moved at random."""
    mesh = mesh_of(solid.refine_to_length(0.03), textured=False)
    shift = np.random.default_rng(seed).uniform(-uneven_m, uneven_m, mesh.vertices_m.shape)
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return TriangleMesh((mesh.vertices_m + shift) @ turn.T, mesh.faces)


def two_doors() -> Manifold:
    """Return a cupboard whose doors meet in the middle."""
    doors = [
        Board(0.004, 0.06, 0.448, 0.716, "upright", (0.41, 0.5)),
        Board(0.452, 0.06, 0.896, 0.716, "upright", (0.49, 0.5)),
    ]
    return cabinet((0.9, 0.5, 0.72), doors)


def three_drawers() -> Manifold:
    """Return a chest of three drawers of unlike height."""
    heights = [(0.03, 0.28), (0.284, 0.48), (0.484, 0.60)]
    fronts = [Board(0.004, low, 0.496, high, "lying", (0.25, (low + high) / 2)) for low, high in heights]
    return cabinet((0.5, 0.45, 0.604), fronts)


def chest_with_lid() -> Manifold:
    """Return a chest of 0.8 x 0.45 x 0.5 m, a groove at 0.40 m all around but at the back."""
    solid = block((-0.4, -0.225, 0.0), (0.4, 0.225, 0.5))
    return solid - (block((-0.5, -0.3, 0.40), (0.5, 0.215, 0.405)) - block((-0.392, -0.217, 0.39), (0.392, 0.3, 0.41)))


def microwave() -> Manifold:
    """Return a microwave: the door on the left is one plane with the controls, a groove between them."""
    solid = block((-0.25, -0.18, 0.0), (0.25, 0.18, 0.29))
    groove = block((0.118, -0.2, -0.1), (0.122, -0.155, 0.4))
    return solid - groove + grip("upright", 0.09, -0.18, 0.145)


def stove() -> Manifold:
    """Return a stove: an oven door with a lying bar, above it four knobs on a strip."""
    fronts = [Board(0.004, 0.10, 0.596, 0.72, "lying", (0.3, 0.68)), Board(0.004, 0.724, 0.596, 0.846)]
    solid = cabinet((0.6, 0.6, 0.85), fronts)
    for x in (-0.22, -0.08, 0.08, 0.22):
        solid += grip("knob", x, -0.3 - BOARD_M, 0.785)
    return solid


def knobbed_doors() -> Manifold:
    """Return a cupboard with one door that has a knob and is hinged on its right."""
    return cabinet((0.45, 0.35, 0.7), [Board(0.01, 0.01, 0.44, 0.69, "knob", (0.05, 0.4))])


def table() -> Manifold:
    """Return a table: a top with an apron and four legs."""
    solid = block((-0.6, -0.4, 0.70), (0.6, 0.4, 0.74)) + block((-0.55, -0.35, 0.60), (0.55, 0.35, 0.71))
    for x in (-0.55, 0.49):
        for y in (-0.35, 0.29):
            solid += block((x, y, 0.0), (x + 0.06, y + 0.06, 0.65))
    return solid


def bookshelf() -> Manifold:
    """Return an open shelf of four compartments."""
    solid = block((-0.4, -0.15, 0.0), (0.4, 0.15, 1.6))
    for low in (0.04, 0.43, 0.82, 1.21):
        solid -= block((-0.382, -0.2, low), (0.382, 0.138, low + 0.37))
    return solid


def framed_door() -> Manifold:
    """Return a cupboard with one framed door: its field lies 8 mm deeper than its stiles, which carry the handle."""
    solid = cabinet((0.45, 0.35, 0.7), [Board(0.01, 0.01, 0.44, 0.69, "upright", (0.04, 0.4))])
    return solid - block((-0.145, -0.3, 0.08), (0.145, -0.175 - BOARD_M + 0.008, 0.62))


def inset_doors() -> Manifold:
    """Return a cupboard whose two doors lie flush in a frame of 4 cm, 3 mm of gap around each."""
    solid = block((-0.4, -0.25, 0.0), (0.4, 0.25, 0.8))
    for left, right, handle_x in ((-0.36, -0.0015, -0.03), (0.0015, 0.36, 0.03)):
        ring = block((left - 0.003, -0.3, 0.057), (right + 0.003, -0.25 + BOARD_M, 0.743))
        solid -= ring - block((left, -0.4, 0.06), (right, 0.0, 0.74))
        solid += grip("upright", handle_x, -0.25, 0.4)
    return solid


def door_without_handle() -> Manifold:
    """Return a cupboard with one smooth door that is pushed to open."""
    return cabinet((0.45, 0.35, 0.7), [Board(0.01, 0.01, 0.44, 0.69)])


def plain_box() -> Manifold:
    """Return a box without any feature."""
    return block((-0.3, -0.2, 0.0), (0.3, 0.2, 0.5))


def hollow_drawer_unit() -> Manifold:
    """Return a unit with a real inside: a drawer with its box hangs on two runners in a carcass of boards."""
    carcass = block((-0.3, -0.25, 0.0), (0.3, 0.25, 0.25)) - block((-0.282, -0.3, 0.018), (0.282, 0.232, 0.232))
    front = block((-0.297, -0.271, 0.003), (0.297, -0.253, 0.247))
    drawer = block((-0.27, -0.254, 0.03), (0.27, 0.15, 0.2)) - block((-0.258, -0.253, 0.04), (0.258, 0.138, 0.3))
    runners = [block((x, -0.15, 0.1), (x + 0.0125, 0.1, 0.112)) for x in (-0.2824, 0.2699)]
    return carcass + front + drawer + runners[0] + runners[1] + grip("lying", 0.0, -0.271, 0.125)


def textured(mesh: TriangleMesh) -> TriangleMesh:
    """Return a mesh whose texture coordinates are its x and z, so that a kept face can be told from a made one."""
    return TriangleMesh(mesh.vertices_m, mesh.faces, (mesh.vertices_m[:, [0, 2]] + 2.0).astype(np.float32))


def prop_of(mesh: TriangleMesh, folder: Path, category: str = "cabinet") -> Prop:
    """Return a piece of furniture of one link whose mesh is stored in a folder."""
    body = Body("body", (Visual(save_mesh(folder, mesh), Appearance()),))
    size = mesh.bounds_m()[1] - mesh.bounds_m()[0]
    return Prop("unit", category, category, Role.FURNITURE, (body,), (), vec3(size), Pose(), Provenance("unit.glb"))
