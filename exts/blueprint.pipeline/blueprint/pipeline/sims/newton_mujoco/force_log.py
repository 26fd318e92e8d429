"""The greatest force between the robot and each thing over the physics steps of a frame: no blow falls between two.

The solver's arrays are copied after a step in which the robot touched something, and worked through for many steps
at once: looking through them step by step would take a tenth of the time that the physics itself takes.
"""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.protocols import Array, ForcePeaks

_WORKED_OUT_AT = 4096
_ROOM = 2 * _WORKED_OUT_AT
"""Contacts that are kept before they are worked through, at the end of a frame; and for how many there is room."""
_FORCES = 3
"""Rows of a contact that are forces: the normal one, and friction along two axes."""
_ROWS_EACH = 6
"""A contact has no more constraint rows than this; limits and equalities have some as well."""


class MujocoForceLog:
    """Implements `ForceLog`; `note` is called after every physics step in which the robot touches something."""

    def __init__(self, model: mujoco.MjModel, geom_bodies: Sequence[str]) -> None:
        assert (model.geom_condim >= _FORCES).all(), "a compiled scene has friction at every contact"
        self._names = tuple(dict.fromkeys(geom_bodies))
        rows = {name: row for row, name in enumerate(self._names)}
        self._body_of = np.array([rows[name] for name in geom_bodies], dtype=np.int64)
        self._of_robot = np.array([name.startswith(f"{ROBOT}/") for name in geom_bodies])
        self._geoms, self._axes = np.empty((_ROOM, 2), dtype=np.int32), np.empty((_ROOM, 9))
        self._address, self._force = np.empty(_ROOM, dtype=np.int32), np.empty(_ROOM * _ROWS_EACH)
        self._steps: list[tuple[int, int, int]] = []
        self._contacts, self._rows = 0, 0
        self._frame_count = 0
        self._worked_out: list[tuple[NDArray[np.int64], Array]] = []

    def note(self, data: mujoco.MjData) -> None:
        """Keep the contacts of the step that was just made; the engine overwrites them in the next one."""
        contact, force = data.contact, data.efc_force
        geoms = contact.geom
        first, row = self._contacts, self._rows
        last, end = first + len(geoms), row + len(force)
        if last > _ROOM or end > len(self._force):
            self._work_out()
            first, row, last, end = 0, 0, len(geoms), len(force)
        self._geoms[first:last], self._axes[first:last] = geoms, contact.frame
        self._address[first:last], self._force[row:end] = contact.efc_address, force
        self._steps.append((self._frame_count, last - first, row))
        self._contacts, self._rows = last, end

    def end_frame(self) -> None:
        """The steps since the last call make up one frame."""
        self._frame_count += 1
        if self._contacts >= _WORKED_OUT_AT:
            self._work_out()

    def peaks(self) -> ForcePeaks:
        """Return the greatest forces of the frames that have ended."""
        self._work_out()
        where = np.concatenate([rows for rows, _ in self._worked_out] or [np.zeros((0, 3), dtype=np.int64)])
        force_n = np.concatenate([forces for _, forces in self._worked_out] or [np.zeros(0)])
        ended = where[:, 0] < self._frame_count
        frame, first, second = where[ended].T
        return ForcePeaks(self._names, frame, first, second, force_n[ended])

    def _work_out(self) -> None:
        """Work through what was kept, and forget it."""
        count = self._contacts
        if not count:
            return
        frame, counts, begin = np.array(self._steps).T
        step_of = np.repeat(np.arange(len(counts)), counts)
        geoms, address = self._geoms[:count], self._address[:count]
        active = np.flatnonzero((address >= 0) & (self._of_robot[geoms[:, 0]] | self._of_robot[geoms[:, 1]]))
        if len(active):
            rows = (address[active] + begin[step_of[active]])[:, None] + np.arange(_FORCES)
            force = (self._force[rows][:, None] @ self._axes[active].reshape(-1, 3, 3))[:, 0]
            bodies = self._body_of[geoms[active]]
            self._worked_out.append(strongest_pairs(step_of[active], bodies, force, frame))
        self._steps, self._contacts, self._rows = [], 0, 0


def strongest_pairs(
    step_of: NDArray[np.int64], bodies: NDArray[np.int64], force_n: Array, frame_of: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Array]:
    """Return frame and the two bodies (R, 3) of each pair that touched, and its greatest force (R,) over the steps.

    Contacts C: step, bodies (C, 2) and force (C, 3) on the second; `frame_of` is the frame of each step, never falling.
    Forces are vector sums over the points of a pair in one step.
    """
    first, second = np.minimum(bodies[:, 0], bodies[:, 1]), np.maximum(bodies[:, 0], bodies[:, 1])
    count = int(second.max()) + 1
    # The force is what the second body feels; seen from the higher one it may be the other way round.
    signed = np.where((bodies[:, 0] > bodies[:, 1])[:, None], -force_n, force_n)
    pairs, of_pair = _numbered(first * count + second, count**2)
    slot, shape = step_of * len(pairs) + of_pair, (len(frame_of), len(pairs))
    squares = sum(np.bincount(slot, signed[:, axis], shape[0] * shape[1]) ** 2 for axis in range(3))
    size_n = np.sqrt(squares).reshape(shape)
    # A step in which the simulation blows up has forces that mean nothing.
    felt = (np.bincount(slot, minlength=size_n.size) > 0).reshape(shape) & np.isfinite(size_n)
    starts = np.flatnonzero(np.diff(frame_of, prepend=-1))
    peak_n = np.maximum.reduceat(np.where(felt, size_n, 0.0), starts, axis=0)
    frame, pair = np.nonzero(np.logical_or.reduceat(felt, starts, axis=0))
    where = np.stack([frame_of[starts][frame], pairs[pair] // count, pairs[pair] % count], axis=1)
    return where, peak_n[frame, pair]


def _numbered(keys: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the keys that occur, in order, and the place of each key among them; faster than sorting them."""
    occurs = np.zeros(count, dtype=bool)
    occurs[keys] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[keys]
