"""Gather what is known about a prop's moving parts: a prediction where one exists, else what its shape shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint
from blueprint.pipeline.scene.props import Joint, Prop

from .caps import capped_piece
from .joints import ImpossibleJoint, decide_joint
from .moving_parts import Kind, MovingPart, joint_name, numbered
from .parts import Ids, base_part, group_parts, part_of_each_face
from .predicted_panels import kind_of, panel_of
from .proposer import find_parts

BASE = "base"

_SURE_OF_PREDICTION = 0.8


class Bounds(Protocol):
    """The settings that bound what a prediction may say."""

    @property
    def max_turn_rad(self) -> float: ...

    @property
    def max_slide_ratio(self) -> float: ...

    @property
    def min_part_faces(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Evidence:
    """The moving parts, and where their surfaces are.

    `ids` (per mesh, F) with `link_of_part` say it by faces; without them the parts' boards do.
    """

    parts: tuple[MovingPart, ...] = ()
    remarks: tuple[str, ...] = ()
    how: str = ""
    ids: tuple[Ids, ...] = ()
    link_of_part: tuple[tuple[int, str], ...] = ()


def shown_by_shape(prop: Prop, meshes: Sequence[TriangleMesh]) -> Evidence:
    """Return the parts that shape alone shows."""
    found = find_parts(_together(meshes), prop.category)
    how = f"by shape: {len(found.parts)} parts, boards set apart by gaps" if found.parts else ""
    return Evidence(found.parts, found.remarks, how)


def told_by_prediction(
    prop: Prop, prediction: PartPrediction, meshes: Sequence[TriangleMesh], bounds: Bounds
) -> Evidence:
    """Return a prediction's parts as far as a mechanism can have them; what was refused or mended is remarked."""
    ids, how = part_of_each_face(prediction, meshes)
    joints, remarks = _usable_joints(prop, prediction, ids, bounds)
    if not joints:
        return Evidence(remarks=(*remarks, "the prediction has no joint that can be used; it stays rigid"))
    parents, mended = _one_tree({joint.child: joint.parent for joint in prediction.joints})
    parts = sorted({int(part) for entry in ids for part in np.unique(entry)})
    leader = group_parts(parents, sorted(joints), parts)
    base = base_part(parents, sorted(joints), parts)
    made = _moving_parts(
        prop,
        joints,
        {part: leader.get(parents.get(part, base), base) for part in joints},
        base,
        ids,
        leader,
        meshes,
        bounds,
        prediction.source,
    )
    names = {base: BASE, **{part: entry.joint.child for part, entry in made.items()}}
    return Evidence(
        tuple(made[part] for part in sorted(made)),
        (*remarks, *mended),
        f"{prediction.source}: {len(names)} parts, faces by {how}, cuts capped",
        tuple(ids),
        tuple((part, names[lead]) for part, lead in sorted(leader.items())),
    )


def _together(meshes: Sequence[TriangleMesh]) -> TriangleMesh:
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes[:-1])])
    return TriangleMesh(
        np.concatenate([mesh.vertices_m for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]).astype(np.int32),
    )


def _one_tree(parents: dict[int, int]) -> tuple[dict[int, int], list[str]]:
    """Return parents without circles and with one root; each mending is named."""
    mended = dict(parents)
    remarks: list[str] = []
    for part in sorted(parents):
        at, seen = part, {part}
        while at in mended and mended[at] not in seen:
            at = mended[at]
            seen.add(at)
        if at in mended:
            del mended[at]
            remarks.append(
                f"parts {', '.join(map(str, sorted(seen)))} of the prediction carry each other in a circle; "
                f"part {at} now hangs on the base"
            )
    roots = sorted(set(mended.values()) - set(mended))
    for root in roots[1:]:
        remarks.append(f"the prediction has {len(roots)} roots; part {root} is held by the base, part {roots[0]}")
        mended[root] = roots[0]
    return mended, remarks


def _usable_joints(
    prop: Prop, prediction: PartPrediction, ids: Sequence[Ids], bounds: Bounds
) -> tuple[dict[int, PredictedJoint], list[str]]:
    """Return the joints by moving part that a mechanism can have and whose part has a mesh."""
    remarks: list[str] = []
    usable: dict[int, PredictedJoint] = {}
    for joint in prediction.joints:
        faces = sum(int((entry == joint.child).sum()) for entry in ids)
        if faces < bounds.min_part_faces:
            remarks.append(f"part {joint.child} of the prediction has {faces} triangles and stays with its parent")
            continue
        try:
            _decide(prop, joint, "joint", BASE, "part", bounds)
        except ImpossibleJoint as error:
            remarks.append(f"the {joint.kind} joint of part {joint.child} is refused: {error}; the part stays fixed")
            continue
        usable[joint.child] = joint
    return usable, remarks


def _moving_parts(
    prop: Prop,
    joints: dict[int, PredictedJoint],
    carrier: dict[int, int],
    base: int,
    ids: Sequence[Ids],
    leader: dict[int, int],
    meshes: Sequence[TriangleMesh],
    bounds: Bounds,
    source: str,
) -> dict[int, MovingPart]:
    """Return the moving parts by their number in the prediction, named by what they look like."""
    centre = np.array([0.0, 0.0, prop.size_m[2] / 2])
    kinds: dict[int, Kind] = {}
    found: dict[int, MovingPart] = {}
    for part in sorted(joints):
        members = np.array([member for member, lead in leader.items() if lead == part], dtype=np.int32)
        surface = _together(
            [
                capped_piece(mesh, chosen)
                for mesh, entry in zip(meshes, ids, strict=True)
                if (chosen := np.isin(entry, members)).any()
            ]
        )
        joint, why = _decide(prop, joints[part], "joint", BASE, "part", bounds)
        panel = panel_of(surface, joint, centre)
        kinds[part] = kind_of(surface, joint, panel)
        found[part] = MovingPart(kinds[part], joint, panel, _SURE_OF_PREDICTION, why)
    names = dict(zip(kinds, numbered(list(kinds.values())), strict=True)) | {base: BASE}
    for part, entry in found.items():
        name = names[part]
        joint, why = _decide(prop, joints[part], joint_name(name), names[carrier[part]], name, bounds)
        found[part] = replace(entry, joint=joint, why=f"{source}: {why}")
    return found


def _decide(
    prop: Prop, predicted: PredictedJoint, name: str, parent: str, child: str, bounds: Bounds
) -> tuple[Joint, str]:
    max_slide_m = bounds.max_slide_ratio * max(prop.size_m)
    return decide_joint(predicted, name, parent, child, max_turn_rad=bounds.max_turn_rad, max_slide_m=max_slide_m)
