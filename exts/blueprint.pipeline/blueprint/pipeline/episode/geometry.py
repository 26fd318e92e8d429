"""The shapes of what is judged: corners of colliders per link, and where they are in every frame of a track."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.errors import UnknownName

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Geometry:
    """Link, as in `Track.body_names`, to the extreme points (K, 3) of its colliders in its frame."""

    corners_m: Mapping[str, Array] = field(default_factory=dict[str, Array])

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


def rotations(quat_wxyz: Array) -> Array:
    """Return rotation matrices (N, 3, 3) of quaternions (N, 4), which are normalised first."""
    w, x, y, z = (quat_wxyz / np.linalg.norm(quat_wxyz, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.array(rows).transpose(2, 0, 1)


def lengths(vectors: Array) -> Array:
    """Return the lengths of vectors (..., K), (...)."""
    return np.sqrt(np.square(vectors).sum(axis=-1))
