"""A scene in numbers only: a table with things of every kind on it, and a cabinet with drawer, door and switches."""

from dataclasses import replace
from functools import cache

import numpy as np
from tests.sims.scenes import Box, Link, PropPlan, make_manifest

from blueprint.pipeline.scene.edits import PlacementRegion, SetSemantics, SupportSurface
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Joint, Role
from blueprint.pipeline.tasks.situation import Array, Shapes, Situation, Solid

TOP_M = 0.3
REACH_M = 0.85
UP: Vec3 = (0.0, 0.0, 1.0)


def _block(name: str, x: float, y: float, half: Vec3) -> PropPlan:
    return PropPlan(name, Pose((x, y, TOP_M)), (Link("body", (Box((0, 0, half[2]), half),), 0.3),))


def _hollow(name: str, x: float, y: float, half: float, height: float, wall: float) -> PropPlan:
    """Return a square vessel of four walls and a bottom."""
    side, top = half - wall / 2, height / 2
    walls = (
        Box((0, 0, wall / 2), (half, half, wall / 2)),
        Box((side, 0, top), (wall / 2, half, top)),
        Box((-side, 0, top), (wall / 2, half, top)),
        Box((0, side, top), (half, wall / 2, top)),
        Box((0, -side, top), (half, wall / 2, top)),
    )
    return PropPlan(name, Pose((x, y, TOP_M)), (Link("body", walls, 0.4),))


TABLE = PropPlan("table", Pose((0.6, 0.0, 0.0)), (Link("top", (Box((0, 0, TOP_M - 0.02), (0.35, 0.5, 0.02)),)),))
CABINET = PropPlan(
    "cabinet",
    Pose.from_yaw((0.0, 0.9, 0.0), -np.pi / 2),
    (
        Link("frame", (Box((-0.19, 0, 0.3), (0.01, 0.25, 0.3)), Box((-0.05, 0.0, 0.59), (0.15, 0.25, 0.01)))),
        Link("drawer_1", (Box((0.0, 0, 0.45), (0.18, 0.22, 0.01)), Box((0.21, 0, 0.48), (0.01, 0.24, 0.09))), 2.0),
        Link("door_1", (Box((0.21, 0, 0.19), (0.01, 0.24, 0.18)),), 3.0),
    ),
    (
        Joint("drawer_1_joint", "prismatic", "frame", "drawer_1", (1, 0, 0), (0, 0, 0.45), 0.0, 0.35),
        Joint("door_1_joint", "revolute", "frame", "door_1", UP, (0.2, -0.24, 0.19), -1.5, 0.0),
    ),
)
PANEL = PropPlan(
    "panel",
    Pose((0.75, -0.35, TOP_M)),
    (
        Link("base", (Box((0, 0, 0.02), (0.1, 0.06, 0.02)),)),
        Link("button_1", (Box((-0.06, 0, 0.045), (0.012, 0.012, 0.005)),), 0.02),
        Link("knob_1", (Box((0.0, 0, 0.05), (0.02, 0.008, 0.01)),), 0.03),
        Link("part_3", (Box((0.06, 0, 0.05), (0.008, 0.012, 0.01)),), 0.03),
    ),
    (
        Joint("button_1_joint", "prismatic", "base", "button_1", (0, 0, -1), (-0.06, 0, 0.045), 0.0, 0.006),
        Joint("knob_1_joint", "revolute", "base", "knob_1", UP, (0.0, 0, 0.05), -2.3, 2.3),
        Joint("slider", "prismatic", "base", "part_3", (0, 1, 0), (0.06, 0, 0.05), 0.0, 0.06),
    ),
)
PLANS = (
    TABLE,
    CABINET,
    PANEL,
    _block("box", 0.45, -0.2, (0.03, 0.02, 0.04)),
    _block("brick", 0.45, 0.05, (0.04, 0.04, 0.03)),
    _block("bottle", 0.62, 0.2, (0.03, 0.03, 0.1)),
    _block("peg", 0.72, -0.1, (0.012, 0.012, 0.06)),
    _hollow("bowl", 0.62, -0.02, 0.08, 0.07, 0.008),
    _hollow("socket", 0.72, 0.3, 0.03, 0.05, 0.0155),
)
LABELS = {"box": "block", "brick": "block", "bowl": "bowl"}
AFFORDANCES = {
    "box": ("graspable", "stackable"),
    "brick": ("graspable", "stackable"),
    "bottle": ("graspable", "pourable"),
    "peg": ("graspable", "insertable"),
    "bowl": ("graspable", "fillable", "containable"),
    "socket": ("graspable", "containable"),
    "cabinet": ("openable", "slidable"),
    "panel": ("pressable", "turnable", "slidable"),
}
WAYS = {
    "cabinet": {
        "openable.drawer_1_range_m": 0.35,
        "slidable.drawer_1_range_m": 0.35,
        "openable.door_1_range_rad": 1.5,
    },
    "panel": {
        "pressable.button_1_range_m": 0.006,
        "turnable.knob_1_range_rad": 4.6,
        "openable.part_3_range_m": 0.06,
        "slidable.part_3_range_m": 0.06,
    },
}
REGIONS = {
    "bowl": PlacementRegion("inside", "body", "in", Pose((0, 0, 0.039)), (0.07, 0.07, 0.031), UP),
    "socket": PlacementRegion("inside", "body", "in", Pose((0, 0, 0.033)), (0.0145, 0.0145, 0.017), UP),
    "cabinet": PlacementRegion("in_drawer_1", "drawer_1", "in", Pose((0.0, 0.0, 0.51)), (0.17, 0.2, 0.05), UP),
}


def manifest() -> SceneManifest:
    """Return the scene with affordances, regions and a support surface."""
    plain = make_manifest(PLANS)
    return replace(plain, props=tuple(_dressed(entry) for entry in plain.props))


def _dressed(entry: SceneProp) -> SceneProp:
    name = entry.prop.id
    role = Role.MANIPULABLE if entry.movable else Role.FURNITURE
    semantics = SetSemantics(name, role, AFFORDANCES.get(name, ()), {}, "authored", parameters=WAYS.get(name, {}))
    top = (SupportSurface("top", "top", Pose((0.0, 0.0, TOP_M)), (0.35, 0.5), 0.04),) if name == "table" else ()
    regions = (REGIONS[name],) if name in REGIONS else ()
    low, high = np.min(corners(name), axis=0), np.max(corners(name), axis=0)
    x, y, z = (high - low).tolist()
    prop = replace(entry.prop, label=LABELS.get(name, name), size_m=(x, y, z))
    return replace(entry, prop=prop, semantics=semantics, supports=top, regions=regions)


def corners(name: str) -> Array:
    """Return the corners of all boxes of a prop in its frame."""
    plan = next(plan for plan in PLANS if plan.id == name)
    return np.concatenate([_box(box) for link in plan.links for box in link.boxes])


def _box(box: Box) -> Array:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return signs * np.asarray(box.half_m) + np.asarray(box.center_m)


@cache
def shapes() -> Shapes:
    """Return the colliders."""
    movable = [entry.prop.id for entry in manifest().props if entry.movable]
    fixed = [
        Solid(plan.id, f"{plan.id}/{link.name}", _box(box))
        for plan in PLANS
        if plan.id not in movable
        for link in plan.links
        for box in link.boxes
    ]
    bodies = {f"{plan.id}/{link.name}": Pose() for plan in PLANS for link in plan.links}
    pieces = {plan.id: tuple(_box(box) for box in plan.links[0].boxes) for plan in PLANS if plan.id in movable}
    return Shapes(pieces, tuple(fixed), bodies)


def situation() -> Situation:
    """Return the scene as it stands."""
    scene = manifest()
    poses = {entry.prop.id: entry.prop.T_world_prop for entry in scene.props if entry.movable}
    return Situation(scene, shapes(), REACH_M, poses)
