"""How deep the links of one prop are in each other along a joint's way, whether or not the engines let them collide."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import mujoco
import numpy as np

from .newton_mujoco.load import load_mujoco


@dataclass(frozen=True, slots=True)
class Overlap:
    """The deepest overlap at one position of a joint; links by name, "" where nothing overlaps."""

    position: float
    depth_m: float
    first: str
    second: str


class LinkOverlaps:
    """The colliders of a compiled model, moved by kinematics alone."""

    def __init__(self, model_folder: Path) -> None:
        self._maps, self._model = load_mujoco(model_folder)
        self._data = mujoco.MjData(self._model)
        self._geoms: dict[str, list[int]] = {}
        for geom in self._maps.geoms:
            self._geoms.setdefault(geom.body, []).append(self._model.geom(geom.name).id)

    def along(self, joint: str, positions: Sequence[float]) -> tuple[Overlap, ...]:
        """Return the deepest overlap of links that the joint moves with links of the same prop that it does not."""
        described = self._maps.joint(joint)
        moved = self._moved_by(described.body)
        prop = joint.split("/")[0]
        rest = [name for name in self._geoms if name.startswith(f"{prop}/") and name not in moved]
        pairs = list(product([name for name in moved if name in self._geoms], rest))
        self._data.qpos[:] = self._maps.qpos
        return tuple(self._deepest(described.qpos_address, position, pairs) for position in positions)

    def _moved_by(self, body: str) -> list[str]:
        """Return a link and everything that hangs on it."""
        top = self._model.body(body).id
        chain = {top}
        for child in range(top + 1, self._model.nbody):
            if int(self._model.body_parentid[child]) in chain:
                chain.add(child)
        return [self._model.body(member).name for member in sorted(chain)]

    def _deepest(self, address: int, position: float, pairs: Sequence[tuple[str, str]]) -> Overlap:
        self._data.qpos[address] = position
        mujoco.mj_kinematics(self._model, self._data)
        worst = Overlap(position, 0.0, "", "")
        for first, second in pairs:
            for a, b in product(self._geoms[first], self._geoms[second]):
                depth = self._depth_m(a, b)
                if depth > worst.depth_m:
                    worst = Overlap(position, depth, first, second)
        return worst

    def _depth_m(self, a: int, b: int) -> float:
        apart = float(np.linalg.norm(self._data.geom_xpos[a] - self._data.geom_xpos[b]))
        if apart > self._model.geom_rbound[a] + self._model.geom_rbound[b]:
            return 0.0
        return max(0.0, -mujoco.mj_geomDistance(self._model, self._data, a, b, 0.0, None))
