"""A small scene with a chest whose drawer has a bar to pull, next to the table with its box."""

from pathlib import Path

import numpy as np
from tests.sims.scenes import BOX, TABLE, Box, Link, PropPlan, author_scene

from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.sims import compile_scene

SLIDE = "chest/slide"
BAR_M = np.array([0.35, 0.495, 0.48])
"""The middle of the bar in the world, with the drawer shut."""

CHEST = PropPlan(
    "chest",
    Pose.from_yaw((0.35, 0.75, 0.0), -np.pi / 2),
    (
        Link(
            "frame",
            (
                Box((-0.19, 0, 0.3), (0.01, 0.2, 0.3)),
                Box((0.0, 0.19, 0.3), (0.2, 0.01, 0.3)),
                Box((0.0, -0.19, 0.3), (0.2, 0.01, 0.3)),
            ),
        ),
        Link(
            "drawer",
            (
                Box((0.0, 0, 0.42), (0.18, 0.17, 0.01)),
                Box((0.21, 0, 0.48), (0.01, 0.2, 0.09), (0.8, 0.7, 0.5)),
                Box((0.255, 0, 0.48), (0.005, 0.07, 0.006), (0.2, 0.2, 0.2)),
                Box((0.235, 0.064, 0.48), (0.015, 0.006, 0.006), (0.2, 0.2, 0.2)),
                Box((0.235, -0.064, 0.48), (0.015, 0.006, 0.006), (0.2, 0.2, 0.2)),
            ),
            2.0,
            (0.02, 0.02, 0.02),
            (0.1, 0, 0.46),
        ),
    ),
    (Joint("slide", "prismatic", "frame", "drawer", (1, 0, 0), (0, 0, 0.45), 0.0, 0.25),),
)


def make_chest_scene(folder: Path) -> tuple[Path, Path, SceneManifest]:
    """Write and compile the scene; returns its USD, its model folder and its manifest."""
    (folder / "scene").mkdir()
    usd_path, manifest = author_scene(folder / "scene", props=(TABLE, BOX, CHEST))
    compile_scene(usd_path, folder / "model", manifest)
    return usd_path, folder / "model", manifest
