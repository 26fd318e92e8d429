"""Propose links and joints for a prop, as edits with reasons, from a prediction in the prop's own frame."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.edits import AddJoint, Edit, SplitBody
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh, save_mesh
from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint
from blueprint.pipeline.scene.props import Body, Joint, Prop, Visual

from .joints import ImpossibleJoint, decide_joint
from .parts import Ids, base_part, cut_out, group_parts, part_of_each_face
from .stage import ArticulateSettings

BASE = "base"

# A person reads these in joint tables; the number is the prediction's part.
_NAMES = {"revolute": "hinged", "prismatic": "sliding"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits for one prop, and what a person should know about what was not proposed."""

    edits: tuple[Edit, ...] = ()
    remarks: tuple[str, ...] = ()


def propose_articulation(
    prop: Prop, prediction: PartPrediction, scan_record: Path, record: Path, settings: ArticulateSettings
) -> Proposal:
    """Return the edits that split a prop's one link and join the parts; their meshes are written into the record."""
    body = prop.bodies[0]
    meshes = [load_mesh([scan_record], visual.mesh) for visual in body.visuals]
    ids, how = part_of_each_face(prediction, meshes)
    joints, remarks = _usable_joints(prop, prediction, ids, settings)
    if not joints:
        return Proposal(remarks=(*remarks, "the prediction has no joint that can be used; it stays rigid"))
    parts = sorted({int(part) for entry in ids for part in np.unique(entry)})
    parents = {joint.child: joint.parent for joint in prediction.joints}
    leader = group_parts(parents, sorted(joints), parts)
    names = _link_names(joints, base_part(parents, sorted(joints), parts))
    bodies = tuple(_part_body(name, part, leader, ids, meshes, body.visuals, record) for part, name in names.items())
    split = SplitBody(prop.id, body.name, bodies, f"{prediction.source}: {len(bodies)} parts, faces by {how}")
    added = [_add_joint(prop, joint, names, leader, settings, prediction.source) for _, joint in sorted(joints.items())]
    return Proposal((split, *added), tuple(remarks))


def _usable_joints(
    prop: Prop, prediction: PartPrediction, ids: list[Ids], settings: ArticulateSettings
) -> tuple[dict[int, PredictedJoint], list[str]]:
    """Return the joints by moving part that a mechanism can have and whose part has a mesh."""
    remarks: list[str] = []
    usable: dict[int, PredictedJoint] = {}
    for joint in prediction.joints:
        faces = sum(int((entry == joint.child).sum()) for entry in ids)
        if faces < settings.min_part_faces:
            remarks.append(f"part {joint.child} of the prediction has {faces} triangles and stays with its parent")
            continue
        try:
            _decide(prop, joint, "joint", BASE, "part", settings)
        except ImpossibleJoint as error:
            remarks.append(f"the {joint.kind} joint of part {joint.child} is refused: {error}; the part stays fixed")
            continue
        usable[joint.child] = joint
    return usable, remarks


def _link_names(joints: dict[int, PredictedJoint], base: int) -> dict[int, str]:
    return {base: BASE, **{part: f"{_NAMES[joint.kind]}_{part}" for part, joint in sorted(joints.items())}}


def _part_body(
    name: str,
    part: int,
    leader: dict[int, int],
    ids: list[Ids],
    meshes: list[TriangleMesh],
    visuals: tuple[Visual, ...],
    record: Path,
) -> Body:
    members = np.array([member for member, lead in leader.items() if lead == part], dtype=np.int32)
    cut: list[Visual] = []
    for mesh, entry, visual in zip(meshes, ids, visuals, strict=True):
        chosen = np.isin(entry, members)
        if chosen.any():
            cut.append(Visual(save_mesh(record, cut_out(mesh, chosen)), visual.appearance))
    return Body(name, tuple(cut))


def _add_joint(
    prop: Prop,
    predicted: PredictedJoint,
    names: dict[int, str],
    leader: dict[int, int],
    settings: ArticulateSettings,
    source: str,
) -> AddJoint:
    child = names[predicted.child]
    parent = names[leader[predicted.parent]] if predicted.parent in leader else BASE
    joint, why = _decide(prop, predicted, f"{child}_joint", parent, child, settings)
    return AddJoint(prop.id, joint, f"{source}: {why}")


def _decide(
    prop: Prop, predicted: PredictedJoint, name: str, parent: str, child: str, settings: ArticulateSettings
) -> tuple[Joint, str]:
    max_slide_m = settings.max_slide_ratio * max(prop.size_m)
    return decide_joint(predicted, name, parent, child, max_turn_rad=settings.max_turn_rad, max_slide_m=max_slide_m)
