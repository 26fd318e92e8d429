"""Read the recorded states of an episode: the `blueprint/` group of its `states.h5`."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError

FORMAT, VERSION = "blueprint.states", 3
FIRST_WITH_PEAKS = 3
"""The version from which on the greatest forces between two frames are recorded."""
ROOT = "blueprint"
FRAMES = f"{ROOT}/frames"
PHYSICS = f"{ROOT}/physics"
GEOMETRY = f"{ROOT}/geometry"
CORNERS, LINKS = "corners_m", "link"
PIECES, PIECE_NUMBERS, PIECE_LINKS = "collider_m", "collider", "collider_link"
CTRL_BEFORE = "ctrl_before"
"""Targets at the instant of the first frame, (1, n), in force until the first of `ctrl` was sent."""
NOTES = "channels"
"""The attribute of a group that says of each of its channels what it is."""
_DESCRIBED = "a JSON text with unit, space and names of each channel, as blueprint.pipeline writes it"


@dataclass(frozen=True)
class States:
    """The states of one episode; every array has one row per frame."""

    path: Path

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """Attributes of the group: format, version, fps, physics rate and lists of names."""
        with self._open() as file:
            if ROOT not in file:
                raise ScanError(self.path.name, f"has no group {ROOT!r}", expected="the states of an episode")
            return {name: _plain(value) for name, value in file[ROOT].attrs.items()}

    @cached_property
    def version(self) -> int:
        """Version of the group's format; raises ScanError for one that is newer than this program."""
        found = int(self.attributes.get("version", 0))
        if found > VERSION:
            expected = f"version {VERSION} at most; a newer release of blueprint.pipeline reads it"
            raise ScanError(self.path.name, f"has version {found} of {FORMAT}", expected=expected)
        return found

    @cached_property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels at frame rate."""
        found: list[str] = []

        def note(name: str, node: Any) -> None:
            if hasattr(node, "shape"):
                found.append(name)

        with self._open() as file:
            file[FRAMES].visititems(note)
        return tuple(sorted(found))

    def channel(self, name: str) -> NDArray[Any]:
        """Return a channel at frame rate."""
        return self._read(f"{FRAMES}/{name}")

    def physics(self, name: str) -> NDArray[Any]:
        """Return a channel at physics rate."""
        return self._read(f"{PHYSICS}/{name}")

    @property
    def has_physics(self) -> bool:
        """Whether the engine's own states were recorded."""
        with self._open() as file:
            return PHYSICS in file

    def link_corners_m(self) -> dict[str, NDArray[np.float64]]:
        """Return the corners (K, 3) of each link's colliders, in its frame, by the link's name."""
        corners, links = self._read(f"{GEOMETRY}/{CORNERS}"), self._read(f"{GEOMETRY}/{LINKS}")
        names = self._notes(GEOMETRY)[LINKS]["names"]
        return {name: corners[links == row] for row, name in enumerate(names)}

    def link_pieces_m(self) -> dict[str, tuple[NDArray[np.float64], ...]]:
        """Return the points (K, 3) of each of a link's colliders, in its frame, by the link's name.

        A record from before colliders were kept apart gives every link as one.
        """
        with self._open() as file:
            if PIECES not in file[GEOMETRY]:
                return {name: (corners,) for name, corners in self.link_corners_m().items()}
        points, numbers = self._read(f"{GEOMETRY}/{PIECES}"), self._read(f"{GEOMETRY}/{PIECE_NUMBERS}")
        names, links = self._notes(GEOMETRY)[PIECE_LINKS]["names"], self._read(f"{GEOMETRY}/{PIECE_LINKS}")
        found: dict[str, tuple[NDArray[np.float64], ...]] = {}
        for number, row in enumerate(links):
            found[names[row]] = (*found.get(names[row], ()), points[numbers == number])
        return found

    def describe(self, name: str) -> dict[str, Any]:
        """Return what is noted of a channel: unit, space, quaternion order, names."""
        return self._notes(FRAMES).get(name, {})

    def _notes(self, group: str) -> dict[str, Any]:
        with self._open() as file:
            if NOTES not in file[group].attrs:
                raise ScanError(self.path.name, f"has no attribute {NOTES!r} at {group}", expected=_DESCRIBED)
            return _plain(file[group].attrs[NOTES])

    @property
    def fps(self) -> int:
        """Frames per second."""
        return int(self._attribute("fps"))

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        with self._open() as file:
            return int(file[f"{FRAMES}/time_s"].shape[0])

    def names(self, kind: str) -> tuple[str, ...]:
        """Return a list of names, such as `joint_names`, `body_names` or `prop_names`."""
        return tuple(self._attribute(kind))

    def _attribute(self, name: str) -> Any:
        if name not in self.attributes:
            known = ", ".join(sorted(self.attributes)) or "attributes, of which there are none"
            raise ScanError(self.path.name, f"has no attribute {name!r} at {ROOT}", expected=known)
        return self.attributes[name]

    def _read(self, name: str) -> NDArray[Any]:
        with self._open() as file:
            if name not in file:
                raise ScanError(self.path.name, f"has no channel {name}", expected=", ".join(sorted(file[FRAMES])))
            return np.asarray(file[name][()])

    def _open(self) -> Any:
        # h5py has no stubs, so its file is untyped here and typed again by what the methods return.
        try:
            return h5py.File(self.path, "r")
        except OSError as error:
            raise ScanError(self.path.name, f"cannot be opened as HDF5: {error}") from error


def _plain(value: Any) -> Any:
    """Return an attribute as plain data; h5py gives texts as str or bytes, numbers as numpy scalars."""
    text = value.decode() if isinstance(value, bytes) else value
    if isinstance(text, str):
        return json.loads(text) if text[:1] in ("[", "{") else text
    return np.asarray(value).tolist()
