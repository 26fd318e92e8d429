"""A small scene with a cupboard whose door has no handle, before the arm: hinged on its right, seen from the arm."""

from pathlib import Path

import numpy as np
from tests.sims.scenes import Box, Link, PropPlan, author_scene

from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.sims import compile_scene

HINGE = "cupboard/hinge"
HINGE_M = np.array([0.55, -0.2, 0.0])
"""A point of the hinge in the world; the leaf reaches from there to y = 0.2 when it is shut, and faces -x."""
FACE_X_M = 0.54
LEAF = "cupboard/leaf"

_FRAME = Link(
    "frame",
    (
        Box((0.36, 0.0, 0.45), (0.01, 0.2, 0.25)),
        Box((0.18, 0.21, 0.45), (0.17, 0.01, 0.25)),
        Box((0.18, -0.21, 0.45), (0.17, 0.01, 0.25)),
    ),
)
_LEAF = Link("leaf", (Box((0.0, 0.0, 0.45), (0.01, 0.195, 0.24)),), 2.0, (0.03, 0.01, 0.03), (0.0, 0.0, 0.45))
CUPBOARD = PropPlan(
    "cupboard",
    Pose((0.55, 0.0, 0.0)),
    (_FRAME, _LEAF),
    (Joint("hinge", "revolute", "frame", "leaf", (0, 0, 1), (0.0, -0.2, 0.0), 0.0, 1.6),),
)
POST = PropPlan("post", Pose((0.2, -0.15, 0.0)), (Link("post", (Box((0, 0, 0.35), (0.02, 0.02, 0.35)),)),))
"""Something that stands in the door's swing."""


def make_door_scene(folder: Path, *, post: bool = False) -> tuple[Path, Path, SceneManifest]:
    """Write and compile the scene; returns its USD, its model folder and its manifest."""
    (folder / "scene").mkdir()
    usd_path, manifest = author_scene(folder / "scene", props=(CUPBOARD, POST) if post else (CUPBOARD,))
    compile_scene(usd_path, folder / "model", manifest)
    return usd_path, folder / "model", manifest
