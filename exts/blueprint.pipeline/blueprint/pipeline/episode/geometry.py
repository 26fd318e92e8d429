"""The shapes of what is judged: corners of colliders per link, and where they are in every frame of a track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.pose_arrays import rotations

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Geometry:
    """Link, as in `Track.body_names`, to the extreme points (K, 3) of its colliders in its frame."""

    corners_m: Mapping[str, Array] = field(default_factory=dict[str, Array])
    pieces_m: Mapping[str, Sequence[Array]] = field(default_factory=dict[str, Sequence[Array]])
    """Link to the points (K, 3) of each collider by itself; what is read back from a record needs none."""

    @cached_property
    def owners(self) -> frozenset[str]:
        """The props, and the robot, that have colliders."""
        return frozenset(owner_of(name) for name in self.corners_m)

    def links_of(self, prop: str) -> tuple[str, ...]:
        """Return the links of a prop that have colliders; raises UnknownName."""
        found = tuple(name for name in self.corners_m if owner_of(name) == prop)
        if not found:
            raise UnknownName("prop with colliders", prop, sorted({owner_of(name) for name in self.corners_m}))
        return found


@dataclass(frozen=True, eq=False)
class Shapes:
    """A track's props as points in the world; every array has one row per frame."""

    track: Track
    geometry: Geometry

    @cached_property
    def _row(self) -> Mapping[str, int]:
        return {name: row for row, name in enumerate(self.track.body_names[: self.track.body_position_m.shape[1]])}

    @cached_property
    def _points(self) -> dict[str, Array]:
        return {}

    def points_m(self, prop: str) -> Array:
        """Return the corners of a prop's colliders, (N, K, 3); raises UnknownName."""
        if prop not in self._points:
            parts = [self._placed(link, self.geometry.corners_m[link]) for link in self.geometry.links_of(prop)]
            self._points[prop] = np.concatenate(parts, axis=1)
        return self._points[prop]

    def middle_m(self, prop: str) -> Array:
        """Return the middle of the box around a prop's first link with colliders, carried by the link, (N, 3)."""
        link = self.geometry.links_of(prop)[0]
        corners = self.geometry.corners_m[link]
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        return self._placed(link, middle[None])[:, 0]

    def body_pose(self, body: str) -> tuple[Array, Array]:
        """Return a link's positions (N, 3) and rotations (N, 3, 3); raises UnknownName."""
        if body not in self._row:
            raise UnknownName("link", body, self._row)
        row = self._row[body]
        return self.track.body_position_m[:, row], rotations(self.track.body_quat_wxyz[:, row])

    def top_m(self, prop: str) -> Array:
        """Return the height of a prop's highest point, (N,)."""
        return self.points_m(prop)[..., 2].max(axis=1)

    def bottom_m(self, prop: str) -> Array:
        """Return the height of a prop's lowest point, (N,)."""
        return self.points_m(prop)[..., 2].min(axis=1)

    def _placed(self, link: str, corners_m: Array) -> Array:
        position, rotation = self.body_pose(link)
        return corners_m @ rotation.transpose(0, 2, 1) + position[:, None]


def owner_of(body: str) -> str:
    """Return the prop, `robot` or room part that a link belongs to."""
    return body.split("/", 1)[0]
