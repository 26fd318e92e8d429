"""How near the robot came to things, measured between the shapes that collide: boxes first, then the shapes themselves.

Boxes around links are never nearer than what they hold, so the pairs of links are looked at in the order of their
boxes' distance, and what is left once the boxes are further apart than the nearest shapes so far is not looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.boxes import LinkBoxes, pairs_by_gap
from blueprint.pipeline.episode.geometry import owner_of
from blueprint.pipeline.episode.touches import ROBOT
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.pose_arrays import lengths, rotations

from .model import CompiledModel
from .newton_mujoco.load import load_mujoco
from .protocols import Array

FARTHEST_M = 0.2
"""Clearances beyond this are all alike."""
FRAMES_PER_S = 10
MOVES_M = 0.01
"""A link of the robot whose origin moves less than this is its foot, which stands where it stands."""
_WORLD = 0


@dataclass(frozen=True, eq=False, slots=True)
class _Geom:
    """One collider: its number, and where it sits in its link, or in the world for a part of the room."""

    number: int
    position_m: Array
    rotation: Array


class Clearances:
    """The colliders of one compiled scene; not for two threads at once."""

    def __init__(self, maps: CompiledModel, model: mujoco.MjModel) -> None:
        self._model, self._data = model, mujoco.MjData(model)
        self._links = {body.name for body in maps.bodies}
        self._geoms: dict[str, list[_Geom]] = {}
        for geom in maps.geoms:
            number = int(model.geom(geom.name).id)
            if model.geom_contype[number] | model.geom_conaffinity[number]:
                self._geoms.setdefault(geom.body, []).append(self._in_link(maps, number, geom.body))
        self._boxes = {link: self._box(geoms) for link, geoms in self._geoms.items()}

    @classmethod
    def of_scene(cls, model_folder: Path) -> "Clearances":
        """Return those of a compiled scene, which is a record and never changes; the last scenes are kept."""
        return _kept(model_folder)

    def least_m(self, track: Track, spared: Iterable[str]) -> float | None:
        """Return how near the robot's moving links came to anything but what is spared; None where nothing else is.

        About ten frames a second are looked at; from `FARTHEST_M` on all is alike, and what overlaps has none.
        """
        step = max(1, track.fps // FRAMES_PER_S)
        left_out = {ROBOT, *spared}
        ours = [link for link in sorted(self._geoms) if owner_of(link) == ROBOT and _moves(track, link)]
        theirs = [link for link in sorted(self._geoms) if owner_of(link) not in left_out]
        if not ours or not theirs:
            return None
        placed = _Placed.of(track, step)
        boxes = [LinkBoxes.stacked([self._placed_box(link, placed) for link in links]) for links in (ours, theirs)]
        nearest = FARTHEST_M
        for gap, frame, first, second in pairs_by_gap(boxes[0], boxes[1], FARTHEST_M):
            if gap >= nearest or nearest <= 0:
                break
            nearest = min(nearest, self._apart_m(ours[first], theirs[second], placed, frame, nearest))
        return max(nearest, 0.0)

    def _apart_m(self, first: str, second: str, placed: "_Placed", frame: int, farthest_m: float) -> float:
        """Return the distance of two links in a frame, or a greater one as `farthest_m`; negative inside."""
        nearest = farthest_m
        pairs = product(self._put(first, placed, frame), self._put(second, placed, frame))
        for one, other in pairs:
            if self._bound_m(one, other) < nearest:
                nearest = min(nearest, mujoco.mj_geomDistance(self._model, self._data, one, other, nearest, None))
        return nearest

    def _bound_m(self, one: int, other: int) -> float:
        """Return the distance of the balls around two colliders; a plane, which has none, is always near."""
        if not (self._model.geom_rbound[one] and self._model.geom_rbound[other]):
            return -np.inf
        reach = float(self._model.geom_rbound[one] + self._model.geom_rbound[other])
        return float(np.linalg.norm(self._data.geom_xpos[one] - self._data.geom_xpos[other])) - reach

    def _put(self, link: str, placed: "_Placed", frame: int) -> list[int]:
        """Place a link's colliders as they were in a frame, and return their numbers."""
        position, rotation = placed.link(link, frame) if link in self._links else (np.zeros(3), np.eye(3))
        for geom in self._geoms[link]:
            self._data.geom_xpos[geom.number] = rotation @ geom.position_m + position
            self._data.geom_xmat[geom.number] = (rotation @ geom.rotation).ravel()
        return [geom.number for geom in self._geoms[link]]

    def _in_link(self, maps: CompiledModel, number: int, link: str) -> _Geom:
        turn = np.zeros(9)
        mujoco.mju_quat2Mat(turn, self._model.geom_quat[number])
        position, rotation = np.array(self._model.geom_pos[number]), turn.reshape(3, 3)
        # Links that never move are welded into MuJoCo's world, so that their colliders stand in world coordinates.
        if link in self._links and int(self._model.geom_bodyid[number]) == _WORLD:
            T_link_world = maps.body(link).T_world_body.inverse()
            position, rotation = T_link_world.apply(position), T_link_world.rotation() @ rotation
        return _Geom(number, position, rotation)

    def _box(self, geoms: Sequence[_Geom]) -> tuple[Array, Array]:
        """Return middle and half size of the box around colliders, along the axes of their link."""
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for geom in geoms:
            center, half = self._model.geom_aabb[geom.number, :3], self._model.geom_aabb[geom.number, 3:]
            middle, reach = geom.rotation @ center + geom.position_m, np.abs(geom.rotation) @ half
            low, high = np.minimum(low, middle - reach), np.maximum(high, middle + reach)
        return (low + high) / 2, (high - low) / 2

    def _placed_box(self, link: str, placed: "_Placed") -> LinkBoxes:
        middle, half = self._boxes[link]
        position, rotation = placed.link(link, slice(None)) if link in self._links else placed.still
        return LinkBoxes((position + rotation @ middle)[:, None], rotation[:, None], half[None])


@dataclass(frozen=True, eq=False, slots=True)
class _Placed:
    """Where the links of a track were in the frames that are looked at."""

    rows: dict[str, int]
    position_m: Array
    rotation: Array

    @classmethod
    def of(cls, track: Track, step: int) -> "_Placed":
        count = track.body_position_m.shape[1]
        rows = {name: row for row, name in enumerate(track.body_names[:count])}
        quat = track.body_quat_wxyz[::step]
        turned = rotations(quat.reshape(-1, 4)).reshape(*quat.shape[:2], 3, 3)
        return cls(rows, track.body_position_m[::step], turned)

    def link(self, name: str, frames: int | slice) -> tuple[Array, Array]:
        """Return a link's positions and rotations."""
        return self.position_m[frames, self.rows[name]], self.rotation[frames, self.rows[name]]

    @property
    def still(self) -> tuple[Array, Array]:
        """The world's own frame, as often as there are frames."""
        count = len(self.position_m)
        return np.zeros((count, 3)), np.tile(np.eye(3), (count, 1, 1))


def _moves(track: Track, link: str) -> bool:
    ways: NDArray[np.float64] = track.body_position_m[:, track.body_names.index(link)]
    return bool(lengths(np.ptp(ways, axis=0)) > MOVES_M)


@lru_cache(maxsize=2)
def _kept(model_folder: Path) -> Clearances:
    return Clearances(*load_mujoco(model_folder))
