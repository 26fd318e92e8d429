"""Courses: where a part of furniture is while its joint moves, and what it would run into on its way."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose

from .means import Means

Array = NDArray[np.float64]

_STEP_RAD, _STEP_M = 0.035, 0.01
_LOOK_EVERY = 2
_DEEPER_M = 0.003
"""A part that goes so far into something meets it; what is scanned to overlap when it is shut does not count."""


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """Where a joint stands one after the other (rad or m), with T_world_link then; the first is where it stands now."""

    joint: str
    link: str
    turns: bool
    positions: tuple[float, ...]
    T_world_links: tuple[Pose, ...]
    _turned: dict[tuple[int, float], Array] = field(default_factory=dict[tuple[int, float], Array])

    def turn_rad(self, at: int) -> Array:
        """Return the part's turn up to a position as axis times angle, in the world."""
        R = self.T_world_links[at].rotation() @ self.T_world_links[0].rotation().T
        axis = np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / 2
        sine = float(np.linalg.norm(axis))
        angle = float(np.arctan2(sine, (np.trace(R) - 1) / 2))
        return axis * (angle / sine) if sine > 1e-9 else np.zeros(3)

    def turned(self, at: int, share: float) -> Array:
        """Return the rotation (3, 3) by a share of the part's turn up to a position."""
        if (at, share) not in self._turned:
            self._turned[at, share] = rotation(self.turn_rad(at) * share)
        return self._turned[at, share]


def course_of(means: Means, joint: str, start: float, target: float) -> Course:
    """Return how a joint goes from where it stands to a target; the planning world's joint is left at the start."""
    world = means.workspace.world
    entry = world.compiled.joint(joint)
    turns = entry.kind == "revolute"
    count = max(2, int(np.ceil(abs(target - start) / (_STEP_RAD if turns else _STEP_M))))
    positions = [float(each) for each in np.linspace(start, target, count + 1)]
    poses: list[Pose] = []
    for position in positions:
        world.set_joint(joint, position)
        poses.append(world.link_pose(entry.body))
    world.set_joint(joint, start)
    return Course(joint, entry.body, turns, tuple(positions), tuple(poses))


def met_on(means: Means, course: Course) -> tuple[str, float] | None:
    """Return what a part runs into on its course, if anything, and where its joint stands then; whatever arm moves it.

    The planning world is arranged as at the start, and is left so.
    """
    world = means.workspace.world
    entry = world.compiled.joint(course.joint)
    world.set_joint(course.joint, 0.0 if entry.lower is None else entry.lower)
    shut = world.nearby_link(course.link, 0.0)
    found: tuple[str, float] | None = None
    for position in (*course.positions[::_LOOK_EVERY], course.positions[-1]):
        world.set_joint(course.joint, position)
        met = {name: depth for name, depth in world.nearby_link(course.link, -_DEEPER_M).items()}
        deeper = [name for name, depth in met.items() if depth < shut.get(name, 0.0) - _DEEPER_M]
        if deeper:
            found = min(deeper, key=lambda name: met[name]), position
            break
    world.set_joint(course.joint, course.positions[0])
    return found


def rotation(vector_rad: Array) -> Array:
    """Return the rotation (3, 3) by axis times angle (Rodrigues)."""
    angle = float(np.linalg.norm(vector_rad))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector_rad / angle
    K = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * (K @ K)
