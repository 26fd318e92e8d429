"""What the scene is made of: props with every decision about them, their solid shapes, and the files behind both."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from blueprint.pipeline.engine.store import MappedRecord
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.scene.colliders import HullPiece
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.meshes import MESH_FOLDER, MeshRef, mesh_path
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import LeftOut, Role
from blueprint.pipeline.scene.records import Articulated, Ingested, Repaired, SimReady
from blueprint.pipeline.scene.shapes import PropShape, shape_of_prop
from blueprint.pipeline.usd.names import prop_path
from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.prop_asset import PropDecisions, asset_path

from .manifest import scene_prop

GRASPABLE = "graspable"


@dataclass(frozen=True, eq=False)
class Part:
    """One prop: as it will stand in the manifest, what was decided, its shape and its files."""

    entry: SceneProp
    decisions: PropDecisions
    shape: PropShape
    payloads: Payloads

    @property
    def graspable(self) -> bool:
        """Whether a robot is meant to pick it up."""
        return self.entry.movable and GRASPABLE in self.entry.semantics.affordances

    @property
    def T_world_prop(self) -> Pose:
        """Where it stands."""
        return self.entry.prop.T_world_prop

    def at(self, T_world_prop: Pose) -> "Part":
        """Return it elsewhere."""
        return replace(self, entry=replace(self.entry, prop=replace(self.entry.prop, T_world_prop=T_world_prop)))


Parts = Mapping[str, Part]


def gather_parts(scan: Ingested, articulated: Articulated, repaired: Repaired, simready: SimReady) -> dict[str, Part]:
    """Bring together what the stages decided about each usable prop, in the scan's order; shells make no prop."""
    joined, mended, physical = articulated.props(), repaired.props(), simready.props()
    parts: dict[str, Part] = {}
    for prop in scan.scan.props:
        if prop.id not in physical:
            continue
        records = (physical[prop.id], mended[prop.id], joined[prop.id])
        folders = (*(record.folder for record in records), scan.folder)
        part = make_part(PropDecisions(prop, records[2].edits, records[1].edits, records[0].edits), folders)
        if part.entry.semantics.role is not Role.SHELL:
            parts[prop.id] = part
    return parts


def make_part(decisions: PropDecisions, folders: tuple[Path, ...]) -> Part:
    """Return one prop with its files."""
    prop = decisions.edited()
    entry = scene_prop(prop, decisions.physics, prim_path=prop_path(prop.id), asset_path=asset_path(prop.id))
    return Part(entry, decisions, shape_of_prop(entry, folders), Payloads(folders))


def left_out_before(scan: Ingested, *records: MappedRecord) -> tuple[LeftOut, ...]:
    """Return the objects that the scan's reader or a stage that works prop by prop could not use."""
    reasons = [LeftOut(name, why) for record in records for name, why in sorted(record.items_left_out.items())]
    return (*scan.scan.left_out, *reasons)


def require_graspable(parts: Parts, left_out: Iterable[LeftOut]) -> tuple[str, ...]:
    """Return the props a robot is meant to pick; raises NothingUsable that says of each prop why it is none."""
    graspable = tuple(name for name, part in parts.items() if part.graspable)
    if not graspable:
        reasons = [_why_not(name, part) for name, part in parts.items()]
        reasons += [f"{entry.id}: left out: {entry.reason}" for entry in left_out]
        raise NothingUsable(
            "graspable object",
            reasons,
            remedy="Correct the category or role of one in the file corrections, or use another scan.",
        )
    return graspable


def _why_not(name: str, part: Part) -> str:
    role = part.entry.semantics.role.value
    affordances = ", ".join(part.entry.semantics.affordances) or "none"
    return f"{name}: category {part.entry.prop.category!r}, role {role}, affordances: {affordances}"


def keep_meshes(folder: Path, parts: Parts) -> None:
    """Copy every mesh that the manifest names into the record, so that later stages need no other one."""
    target = folder / MESH_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for part in parts.values():
        for ref in _meshes(part.entry):
            shutil.copyfile(mesh_path(part.payloads.folders, ref), target / f"{ref.digest}.npz")


def _meshes(entry: SceneProp) -> list[MeshRef]:
    visible = [visual.mesh for body in entry.prop.bodies for visual in body.visuals]
    pieces = [piece for link in entry.physics for piece in link.colliders.pieces]
    return visible + [piece.mesh for piece in pieces if isinstance(piece, HullPiece)]
