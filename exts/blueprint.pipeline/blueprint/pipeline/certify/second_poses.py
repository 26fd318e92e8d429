"""Where things were by the other record of them: the single-precision poses in Isaac Sim's part of `states.h5`.

Points are turned by quaternion products. The judge of an episode reads the double-precision channels beside it and
turns by matrices, so neither shares a number or a line with the other; shapes alone are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.states import States
from blueprint.pipeline.errors import ScanError

Array = NDArray[np.float64]
EPISODE = "episodes/episode_00000"


@dataclass(frozen=True, eq=False)
class SecondPoses:
    """Poses and shapes of one recorded episode; every array has one row per frame."""

    states: States

    @cached_property
    def poses(self) -> Mapping[str, tuple[Array, Array]]:
        """Link name to positions (N, 3) and quaternions wxyz (N, 4), of everything that Isaac Sim would move."""
        names = self.states.names("body_names")
        found: dict[str, tuple[Array, Array]] = {}
        with h5py.File(self.states.path, "r") as file:
            if EPISODE not in file:
                raise ScanError(self.states.path.name, f"has no {EPISODE}", expected="Isaac Sim's part of the record")
            stored: Any = file[EPISODE]
            for name in names:
                owner = name.split("/", 1)[0]
                single, joined = f"rigid_{name.replace('/', '_')}", f"articulation_{owner}"
                if single in stored:
                    found[name] = (_double(stored[single]["position"]), _double(stored[single]["orientation"]))
                elif joined in stored:
                    row = [other for other in names if other.split("/", 1)[0] == owner].index(name)
                    turned = stored[joined]["orientations"]
                    found[name] = (_double(stored[joined]["positions"])[:, row], _double(turned)[:, row])
        return found

    @cached_property
    def corners_m(self) -> Mapping[str, Array]:
        """Link name to the corners of its colliders, in its frame."""
        return self.states.link_corners_m()

    @cached_property
    def pieces_m(self) -> Mapping[str, tuple[Array, ...]]:
        """Link name to the points of each of its colliders, in its frame."""
        return self.states.link_pieces_m()

    @cached_property
    def frame_count(self) -> int:
        """Number of frames."""
        return self.states.frame_count

    def links(self, prop: str) -> list[str]:
        """Return the links of a prop that have shapes; raises ScanError where there are none."""
        found = [name for name in self.corners_m if name.split("/", 1)[0] == prop]
        if not found:
            raise ScanError(self.states.path.name, f"holds no shapes of {prop!r}", expected=", ".join(self.corners_m))
        return found

    def points_m(self, prop: str, frame: int) -> Array:
        """Return the corners of a prop in the world in a frame, (K, 3)."""
        parts: list[Array] = []
        for link in self.links(prop):
            position, quat = self.pose(link, frame)
            parts.append(turned(quat, self.corners_m[link]) + position)
        return np.concatenate(parts)

    def middle_m(self, prop: str, frame: int) -> Array:
        """Return the middle of the box around a prop's first link, in the world."""
        link = self.links(prop)[0]
        corners = self.corners_m[link]
        position, quat = self.pose(link, frame)
        return turned(quat, (corners.min(axis=0) + corners.max(axis=0))[None] / 2)[0] + position

    def pose(self, link: str, frame: int) -> tuple[Array, Array]:
        """Return a link's position and quaternion in a frame; what never moves is where it was first recorded."""
        if link in self.poses:
            position, quat = self.poses[link]
            return position[frame], quat[frame]
        row = self.states.names("body_names").index(link)
        return self._still[0][row], self._still[1][row]

    @cached_property
    def _still(self) -> tuple[Array, Array]:
        return self.states.channel("body_position_m")[0], self.states.channel("body_quat_wxyz")[0]


def turned(quat_wxyz: Array, points: Array) -> Array:
    """Return points (K, 3) turned by a quaternion: v + 2 w (u x v) + 2 u x (u x v)."""
    scalar, axis = float(quat_wxyz[0]), np.asarray(quat_wxyz[1:], dtype=np.float64)
    once = np.cross(axis, points)
    return points + 2 * scalar * once + 2 * np.cross(axis, once)


def _double(dataset: Any) -> Array:
    return np.asarray(dataset[()], dtype=np.float64)
