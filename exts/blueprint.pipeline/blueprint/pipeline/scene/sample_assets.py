"""The sample assets of data/assets: small things with a licence of their own, ready to stand in any scene."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.colliders import HullPiece
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.meshes import MeshRef

FOLDER = "assets"
ENTRY_FILE = "prop.json"
PREFIX = "sample_"
"""Begins the id of every sample asset, which so is no name of a scan's object."""


@dataclass(frozen=True, slots=True)
class SampleAsset:
    """An asset and its folder; `entry.prop.T_world_prop` is how it rests on a level surface at height 0."""

    entry: SceneProp
    folder: Path

    @property
    def id(self) -> str:
        """Its name."""
        return self.entry.prop.id

    @property
    def licence(self) -> str:
        """The SPDX id under which it may be used."""
        return self.entry.prop.provenance.licence


def assets_folder() -> Path:
    """Return the folder in which they lie."""
    return resource_path("data", FOLDER)


@cache
def sample_assets() -> tuple[SampleAsset, ...]:
    """Read every sample asset, by name."""
    files = sorted(assets_folder().glob(f"*/{ENTRY_FILE}"))
    return tuple(SampleAsset(load(path, SceneProp), path.parent) for path in files)


def meshes_of(entry: SceneProp) -> Iterator[MeshRef]:
    """Yield the meshes that a prop shows, and those of its colliders that are hulls."""
    yield from (visual.mesh for body in entry.prop.bodies for visual in body.visuals)
    pieces = (piece for link in entry.physics for piece in link.colliders.pieces)
    yield from (piece.mesh for piece in pieces if isinstance(piece, HullPiece))
