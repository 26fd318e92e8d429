"""The extreme points of every link's colliders, which is what geometry is judged by."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import mujoco
import numpy as np
from scipy.spatial import ConvexHull, QhullError

from .model import CompiledModel
from .newton_mujoco.load import load_mujoco
from .newton_mujoco.shapes import CUBE, local_corners_m
from .protocols import Array

WORLD_BODY = 0


@lru_cache(maxsize=4)
def link_corners_m(model_folder: Path) -> dict[str, Array]:
    """Return link name to points (K, 3) in the link's frame whose hull is that of its colliders.

    Those of movable props are exact; other links' hulls are taken as the boxes around them. A model folder is a record
    and never changes, so what was found is kept for later episodes.
    """
    maps, model = load_mujoco(model_folder)
    movable = {joint.body for joint in maps.free_joints}
    parts: dict[str, list[Array]] = {}
    for link, geom in _colliders(maps, model):
        parts.setdefault(link, []).append(_in_link(maps, model, geom, link, exact=link in movable))
    return {name: outermost(np.concatenate(found)) for name, found in sorted(parts.items())}


@lru_cache(maxsize=4)
def link_pieces_m(model_folder: Path) -> dict[str, tuple[Array, ...]]:
    """Return link name to the points (K, 3) of each of its colliders in the link's frame, exact for every link.

    Whether a hand has let go cannot be told from one hull per link: a bent finger's hull holds what it stands around.
    """
    maps, model = load_mujoco(model_folder)
    pieces: dict[str, list[Array]] = {}
    for link, geom in _colliders(maps, model):
        pieces.setdefault(link, []).append(outermost(_in_link(maps, model, geom, link, exact=True)))
    return {name: tuple(found) for name, found in sorted(pieces.items())}


def _colliders(maps: CompiledModel, model: mujoco.MjModel) -> Iterator[tuple[str, int]]:
    """Yield the link and the number of every shape that collides."""
    links = {body.name for body in maps.bodies}
    for geom in maps.geoms:
        index = int(model.geom(geom.name).id)
        if geom.body in links and model.geom_contype[index] | model.geom_conaffinity[index]:
            yield geom.body, index


def outermost(points_m: Array) -> Array:
    """Return the corners of the hull of points (K, 3), in their order; all of them where they lie in a plane."""
    try:
        return points_m[np.sort(ConvexHull(points_m).vertices)]
    except QhullError:
        return points_m


def _in_link(maps: CompiledModel, model: mujoco.MjModel, geom: int, link: str, *, exact: bool) -> Array:
    corners = local_corners_m(model, geom) if exact else _box(model, geom)
    rotation = np.zeros(9)
    mujoco.mju_quat2Mat(rotation, model.geom_quat[geom])
    placed = corners @ rotation.reshape(3, 3).T + model.geom_pos[geom]
    # Links that never move are welded into MuJoCo's world, so that their colliders stand in world coordinates.
    welded = int(model.geom_bodyid[geom]) == WORLD_BODY
    return maps.body(link).T_world_body.inverse().apply(placed) if welded else placed


def _box(model: mujoco.MjModel, geom: int) -> Array:
    return CUBE * model.geom_aabb[geom, 3:] + model.geom_aabb[geom, :3]
