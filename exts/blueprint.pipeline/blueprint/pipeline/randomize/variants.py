"""Draw whole variants; every factor has a stream of its own, so adding one does not move the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import Array, box_corners, convex_outline, rectangle_m, shape_of_prop
from blueprint.pipeline.scene.supports import find_support, surfaces_of
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.usd.robot_asset import read_robot_asset

from .cameras import draw_camera
from .light import draw_light
from .physics import draw_friction, draw_mass
from .poses import Mover, draw_poses
from .stage import RandomizeSettings

SUPPORT_REACH_M = 0.005
"""After settling a prop touches its support to a fraction of a millimetre."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What moves and what it must keep clear of, the same for all variants."""

    movers: tuple[Mover, ...]
    obstacles_m: tuple[Array, ...]
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
            movers.append(Mover(entry.prop.id, shape, pose, standing.surface))
    return Ground(tuple(movers), tuple(obstacles), np.asarray(manifest.robot.T_world_base.position_m)[:2])


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


def draw_variant(manifest: SceneManifest, ground: Ground, index: int, settings: RandomizeSettings) -> Variant:
    """Draw one variant around the scene's values."""
    if index == 0 and settings.original_first:
        return Variant(0, settings.seed, ())
    named = partial(stream, settings.seed, index)
    movable = [entry for entry in manifest.props if entry.movable]
    streams = {mover.prop: named(f"poses/{mover.prop}") for mover in ground.movers}
    edits: list[Edit] = list(draw_poses(ground.movers, ground.obstacles_m, ground.base_xy_m, streams, settings.poses))
    for entry in movable:
        edits += draw_mass(entry, named(f"mass/{entry.prop.id}"), settings.physics)
        edits += draw_friction(entry, named(f"friction/{entry.prop.id}"), settings.physics)
    edits += [draw_light(light, named(f"light/{light.name}"), settings.light) for light in manifest.lights]
    edits += [draw_camera(camera, named(f"camera/{camera.name}"), settings.cameras) for camera in manifest.cameras]
    return Variant(index, settings.seed, tuple(edits))
