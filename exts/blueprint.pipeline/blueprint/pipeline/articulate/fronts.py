"""The frame of a piece of furniture as somebody sees who stands in front of one of its sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

Floats = NDArray[np.float64]

_UP = np.array([0.0, 0.0, 1.0])
_LEVEL = 0.3
"""Normals whose part along an axis is below this (17 degrees) count as lying across it."""


@dataclass(frozen=True, eq=False)
class Front:
    """Unit directions in the prop's frame: `right` and `up` in the plane of the front, `outward` towards the viewer."""

    right: Floats
    up: Floats
    outward: Floats

    @property
    def rotation(self) -> Floats:
        """Return the (3, 3) rotation from the prop's frame to right, up, outward."""
        return np.stack([self.right, self.up, self.outward])

    def local(self, points_m: Floats) -> Floats:
        """Map points (..., 3) of the prop's frame to right, up, outward."""
        return points_m @ self.rotation.T

    def world(self, points: Floats) -> Floats:
        """Map points (..., 3) from right, up, outward to the prop's frame."""
        return points @ self.rotation


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle of a front: metres to the right and up."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width_m(self) -> float:
        """Return the extent to the right."""
        return self.right - self.left

    @property
    def height_m(self) -> float:
        """Return the extent upwards."""
        return self.top - self.bottom

    @property
    def area_m2(self) -> float:
        """Return the area."""
        return self.width_m * self.height_m

    @property
    def centre(self) -> tuple[float, float]:
        """Return the middle, to the right and up."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def grown(self, by_m: float) -> "Rectangle":
        """Return it larger by `by_m` on every side."""
        return Rectangle(self.left - by_m, self.bottom - by_m, self.right + by_m, self.top + by_m)

    def holds(self, other: "Rectangle", slack_m: float = 0.0) -> bool:
        """Say whether another rectangle lies inside."""
        mine = self.grown(slack_m)
        return (
            mine.left <= other.left
            and mine.bottom <= other.bottom
            and other.right <= mine.right
            and other.top <= mine.top
        )


@dataclass(frozen=True, eq=False)
class Panel:
    """A board in a front: where it lies, how far outward its face is, and how thick it is, in metres."""

    front: Front
    rectangle: Rectangle
    face_m: float
    thickness_m: float

    @property
    def back_m(self) -> float:
        """Return how far outward the board's back is."""
        return self.face_m - self.thickness_m


def front_towards(outward: Floats, up_hint: Floats = _UP) -> Front:
    """Return the upright front that faces a direction; one that faces up or down has its top towards +Y."""
    outward = outward / np.linalg.norm(outward)
    hint = up_hint if abs(float(outward @ up_hint)) < 0.9 else np.array([0.0, 1.0, 0.0])
    up = hint - (hint @ outward) * outward
    up /= np.linalg.norm(up)
    return Front(np.cross(up, outward), up, outward)


def sides_of(mesh: TriangleMesh) -> tuple[Front, ...]:
    """Return the four upright sides of a boxy mesh, turned to where most of its surface faces."""
    normals, areas = weighted_normals(mesh)
    angle = _fourfold_angle(normals[:, 0], normals[:, 1], areas * (np.abs(normals[:, 2]) < _LEVEL))
    directions = [angle + quarter * np.pi / 2 for quarter in range(4)]
    return tuple(straightened(front_towards(np.array([np.cos(turn), np.sin(turn), 0.0])), mesh) for turn in directions)


def straightened(front: Front, mesh: TriangleMesh) -> Front:
    """Return a front rolled about its outward direction until its edges follow those of the mesh."""
    normals, areas = weighted_normals(mesh)
    seen = front.local(normals)
    roll = _fourfold_angle(seen[:, 0], seen[:, 1], areas * (np.abs(seen[:, 2]) < _LEVEL))
    right: Floats = np.cos(roll) * front.right + np.sin(roll) * front.up
    return Front(right, np.cross(front.outward, right), front.outward)


def facing(front: Front, outward: Floats) -> Front:
    """Return a front leaned by the small angle that makes it face a measured direction."""
    outward = outward / np.linalg.norm(outward)
    up = front.up - (front.up @ outward) * outward
    up /= np.linalg.norm(up)
    return Front(np.cross(up, outward), up, outward)


def weighted_normals(mesh: TriangleMesh) -> tuple[Floats, Floats]:
    """Return unit normals (F, 3) and areas (F,) of a mesh's faces."""
    a, b, c = (mesh.vertices_m[mesh.faces[:, corner]] for corner in range(3))
    crossed = np.cross(b - a, c - a)
    doubled = np.linalg.norm(crossed, axis=1)
    return crossed / np.maximum(doubled, 1e-30)[:, None], doubled / 2


def _fourfold_angle(x: Floats, y: Floats, weights: Floats) -> float:
    """Return the direction, -45 to 45 degrees, that most vectors follow when quarter turns count as equal."""
    angle = np.arctan2(y, x)
    total = np.sum(weights * np.exp(4j * angle))
    return float(np.angle(total)) / 4 if abs(total) > 1e-12 else 0.0
