"""Which links of a robot touch each other at given poses: MuJoCo's distances between their convex colliders."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import mujoco
import numpy as np

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robot_builds import BuiltLink, box_corners_m

_TOUCH_M = 1e-4


class LinkContacts:
    """The colliders of a robot's links, each link placed freely."""

    def __init__(self, links: Sequence[BuiltLink]) -> None:
        spec = mujoco.MjSpec()
        self._geoms: dict[str, list[str]] = {}
        for link in links:
            body = spec.worldbody.add_body(name=link.link.name, mocap=True)
            clouds = [hull.corners_m for hull in link.hulls]
            clouds += [box_corners_m(box) for box in (*link.boxes, *link.pads)]
            for at, cloud in enumerate(clouds):
                name = f"{link.link.name}/{at}"
                spec.add_mesh(name=name, uservert=np.asarray(cloud, dtype=np.float64).ravel())
                body.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name)
                self._geoms.setdefault(link.link.name, []).append(name)
        self._model = spec.compile()
        self._data = mujoco.MjData(self._model)

    def touching(self, poses: Mapping[str, Pose]) -> frozenset[tuple[str, str]]:
        """Return pairs of links, in the order they were given, that touch at poses in one frame."""
        for name in self._geoms:
            at = self._model.body(name).mocapid[0]
            self._data.mocap_pos[at], self._data.mocap_quat[at] = poses[name].position_m, poses[name].quat_wxyz
        mujoco.mj_kinematics(self._model, self._data)
        pairs = combinations(self._geoms, 2)
        return frozenset(pair for pair in pairs if self._touch(*pair))

    def _touch(self, first: str, second: str) -> bool:
        for one in self._geoms[first]:
            for other in self._geoms[second]:
                a, b = self._model.geom(one).id, self._model.geom(other).id
                if mujoco.mj_geomDistance(self._model, self._data, a, b, 0.05, None) < _TOUCH_M:
                    return True
        return False
