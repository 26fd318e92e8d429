"""Propose links and joints for a prop, as edits with reasons, from a prediction or from its shape."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE, Correction
from blueprint.pipeline.scene.edits import AddJoint, Edit, SplitBody
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh, save_mesh
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.props import Body, Prop, Role, Visual

from .closing import closed_surfaces
from .corrected_joints import Corrected, corrected_parts, length_scale
from .cutting import cut_along_faces, cut_around_boards, cut_in_boxes, edge_texel
from .evidence import BASE, Evidence, Surface, shown_by_shape, told_by_prediction
from .insides import furnish
from .moving_parts import MovingPart
from .pieces import Links, Piece, all_closed, largest
from .predicted_panels import panel_of
from .proposer import may_open
from .stage import ArticulateSettings
from .sweep import sweep
from .tree import check_tree

_DEEP_OVERLAP_M = 0.003
"""Twice the unevenness of a scan on both sides; deeper, something is wrong."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits for one prop, and what a person should know about what was not proposed."""

    edits: tuple[Edit, ...] = ()
    remarks: tuple[str, ...] = ()


def propose_articulation(
    prop: Prop,
    prediction: PartPrediction | None,
    correction: Correction,
    scan_record: Path,
    record: Path,
    settings: ArticulateSettings,
) -> Proposal:
    """Return the edits that split a prop's one link and join the parts; their meshes are written into the record.

    Raises UnknownName, RecipeError or BrokenTree for corrections that cannot be.
    """
    if prediction is None and not (correction.parts or correction.joints or may_open(prop.category)):
        return Proposal()
    body = prop.bodies[0]
    surfaces, closed = closed_surfaces([load_mesh([scan_record], visual.mesh) for visual in body.visuals])
    evidence = _evidence(prop, prediction, surfaces, settings)
    corrected = corrected_parts(prop, evidence.parts, correction, BASE)
    if not corrected.parts and not correction.parts:
        return Proposal(remarks=evidence.remarks)
    meshes = [surface.mesh for surface in surfaces]
    links = _cut(prop, meshes, body.visuals, evidence, corrected, correction)
    if BASE not in links:
        return Proposal(remarks=(*evidence.remarks, "no surface is left that does not move, so it stays rigid"))
    moving, dropped = _with_pieces(prop, corrected, correction, links)
    check_tree(prop.id, list(links), [part.joint for part in moving])
    remarks, notes = [*evidence.remarks, *dropped], [*closed]
    if settings.insides and prop.role is Role.FURNITURE:
        links, made_up, why_not = _furnished(links, moving)
        notes += made_up
        remarks += why_not
    remarks += _overlaps(links, moving)
    why = "; ".join([evidence.how or "corrected by a person", *(f"made up, not scanned: {note}" for note in notes)])
    bodies = tuple(_body(name, links[name], record) for name in [BASE, *(part.joint.child for part in moving)])
    joints = [AddJoint(prop.id, part.joint, part.why, part.confidence) for part in moving]
    return Proposal((SplitBody(prop.id, body.name, bodies, why), *joints), tuple(remarks))


def _evidence(
    prop: Prop, prediction: PartPrediction | None, surfaces: Sequence[Surface], settings: ArticulateSettings
) -> Evidence:
    if not settings.enabled:
        return Evidence()
    if prediction is not None:
        return told_by_prediction(prop, prediction, surfaces, settings)
    return shown_by_shape(prop, surfaces) if settings.by_shape else Evidence()


def _cut(
    prop: Prop,
    meshes: Sequence[TriangleMesh],
    visuals: Sequence[Visual],
    evidence: Evidence,
    corrected: Corrected,
    correction: Correction,
) -> Links:
    if evidence.ids:
        link_of_part = {part: _carrier(link, corrected.held_by) for part, link in evidence.link_of_part}
        links = cut_along_faces(meshes, visuals, evidence.ids, link_of_part)
    else:
        whole = [Piece(mesh, visual.appearance) for mesh, visual in zip(meshes, visuals, strict=True)]
        boards = [part for part in evidence.parts if part.joint.child not in corrected.held_by]
        links = cut_around_boards(whole, boards, BASE)
    return cut_in_boxes(links, correction.parts, length_scale(prop, correction))


def _carrier(link: str, held_by: dict[str, str]) -> str:
    while link in held_by:
        link = held_by[link]
    return link


def _with_pieces(
    prop: Prop, corrected: Corrected, correction: Correction, links: Links
) -> tuple[list[MovingPart], list[str]]:
    """Return the parts that have a surface, each with its board; one that a person named must have one."""
    named = {entry.joint for entry in correction.joints}
    centre = np.array([0.0, 0.0, prop.size_m[2] / 2])
    kept: list[MovingPart] = []
    remarks: list[str] = []
    for part in corrected.parts:
        child = part.joint.child
        if child not in links:
            if part.joint.name in named:
                raise UnknownName("link", child, links, where=f"{CORRECTIONS_FILE}, {prop.id}, {part.joint.name}")
            remarks.append(f"{child} has no surface of its own after the cut and stays with {part.joint.parent}")
            continue
        surface = max((piece.mesh for piece in links[child]), key=lambda mesh: len(mesh.faces))
        panel = part.panel or panel_of(surface, part.joint, centre)
        kept.append(replace(part, panel=panel))
    return kept, remarks


def _furnished(links: Links, moving: Sequence[MovingPart]) -> tuple[Links, tuple[str, ...], list[str]]:
    """Return the links with insides where they are closed; what was made up, and why something was not."""
    if not all_closed(links):
        return links, (), ["the surface is open somewhere, so no inside was made: parts are cut and capped only"]
    carcass_at = largest(links[BASE])
    carcass = links[BASE][carcass_at]
    at = {part.joint.child: largest(links[part.joint.child]) for part in moving}
    solids = {name: solid for name, number in at.items() if (solid := links[name][number].solid) is not None}
    if carcass.solid is None or not moving:
        return links, (), []
    parts = {part.joint.child: part for part in moving if part.joint.parent == BASE}
    made = furnish(carcass.solid, solids, parts, edge_texel(carcass.mesh, moving[0]))
    if not made.made_up:
        return links, (), []
    new = {name: list(pieces) for name, pieces in links.items()}
    new[BASE][carcass_at] = carcass.remade(made.carcass)
    for name, number in at.items():
        if made.parts[name] is not solids[name]:
            new[name][number] = new[name][number].remade(made.parts[name])
    return new, made.made_up, []


def _overlaps(links: Links, moving: Sequence[MovingPart]) -> list[str]:
    """Return what to tell a person of parts that cut into others on their way."""
    solids = {name: [piece.solid for piece in pieces if piece.solid is not None] for name, pieces in links.items()}
    units = {part.joint.name: "m" if part.joint.kind == "prismatic" else "rad" for part in moving}
    return [
        f"{found.joint} takes its part {1e3 * found.depth_m:.0f} mm deep into {found.link} "
        f"at {found.position:.2f} {units[found.joint]}; check its axis and limits"
        for found in sweep([part.joint for part in moving], solids)
        if found.depth_m > _DEEP_OVERLAP_M
    ]


def _body(name: str, pieces: Sequence[Piece], record: Path) -> Body:
    return Body(name, tuple(Visual(save_mesh(record, piece.mesh), piece.appearance) for piece in pieces))
