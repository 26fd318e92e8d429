"""What may stand elsewhere in a scene, and what it must keep clear of: the same for all variants."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import Array, box_corners, convex_outline, rectangle_m, shape_of_prop
from blueprint.pipeline.scene.supports import find_support, surfaces_of
from blueprint.pipeline.usd.robot_asset import read_robot_asset

from .poses import Mover, Outline

SUPPORT_REACH_M = 0.005
"""After settling a prop touches its support to a fraction of a millimetre."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Props that stand alone on a surface, outlines of what stays, and where the robot stands."""

    movers: tuple[Mover, ...]
    obstacles: tuple[Outline, ...]
    base_xy_m: Array


def read_ground(manifest: SceneManifest, robot: Robot, record_folders: Sequence[Path]) -> Ground:
    """Find the movable props that stand alone on a surface; others keep their pose, and are obstacles."""
    surfaces, stacked = surfaces_of(manifest), _stacked(manifest)
    movers: list[Mover] = []
    obstacles = [_base_outline(manifest, robot)]
    obstacles += [convex_outline(_box_xy(box)) for box in manifest.room if box.name != "floor"]
    for entry in manifest.props:
        if not entry.movable:
            continue
        shape, pose = shape_of_prop(entry, record_folders), entry.prop.T_world_prop
        standing = find_support(shape, pose, surfaces, SUPPORT_REACH_M)
        if standing is None or entry.prop.id in stacked:
            obstacles.append(shape.outline_m(pose))
        else:
            movers.append(Mover.of(entry.prop.id, shape, pose, standing.surface))
    base_xy_m = np.asarray(manifest.robot.T_world_base.position_m)[:2]
    return Ground(tuple(movers), tuple(map(Outline.of, obstacles)), base_xy_m)


def _stacked(manifest: SceneManifest) -> set[str]:
    """Return the movable props that carry one another, or lean on one another: to move one would move both."""
    movable = {entry.prop.id for entry in manifest.props if entry.movable}
    pairs = [(entry.subject, entry.object) for entry in manifest.relations if entry.object in movable]
    return {name for pair in pairs for name in pair} & movable


def _base_outline(manifest: SceneManifest, robot: Robot) -> Array:
    asset = read_robot_asset(robot)
    low, high = np.asarray(asset.base_low_m)[:2], np.asarray(asset.base_high_m)[:2]
    x, y = (low + high) / 2
    middle = manifest.robot.T_world_base @ Pose((float(x), float(y), 0.0))
    return rectangle_m(middle, ((high - low) / 2).tolist())


def _box_xy(box: RoomBox) -> Array:
    return box.T_world_box.apply(box_corners(box.half_extents_m))[:, :2]
