"""Gather what is known about a prop's moving parts: a prediction where one exists, else what its shape shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint
from blueprint.pipeline.scene.props import Joint, Prop

from .caps import capped_piece
from .fronts import Panel
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
    def max_turn_rad(self) -> float:
        """Return the largest swing to one side, in rad."""
        ...

    @property
    def max_slide_ratio(self) -> float:
        """Return the largest travel as a share of the largest side."""
        ...

    @property
    def min_part_faces(self) -> int:
        """Return the fewest triangles of a part."""
        ...


@dataclass(frozen=True, eq=False)
class Surface:
    """A visible mesh whose holes may have been closed: `caps` faces at its end are not scanned."""

    mesh: TriangleMesh
    caps: int = 0

    def scanned(self) -> TriangleMesh:
        """Return the mesh without what closes its holes."""
        return TriangleMesh(self.mesh.vertices_m, self.mesh.faces[: len(self.mesh.faces) - self.caps], self.mesh.uv)

    def labelled(self, ids: Ids, cap: int) -> Ids:
        """Return labels of the scanned faces with one label for all that closes holes."""
        return np.concatenate([ids, np.full(self.caps, cap, dtype=np.int32)])


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


def shown_by_shape(prop: Prop, surfaces: Sequence[Surface]) -> Evidence:
    """Return the parts that shape alone shows."""
    found = find_parts(_together([surface.mesh for surface in surfaces]), prop.category)
    how = f"by shape: {len(found.parts)} moving parts" if found.parts else ""
    return Evidence(found.parts, found.remarks, how)


def told_by_prediction(prop: Prop, prediction: PartPrediction, surfaces: Sequence[Surface], bounds: Bounds) -> Evidence:
    """Return a prediction's parts as far as a mechanism can have them; what was refused or mended is remarked."""
    scanned, how = part_of_each_face(prediction, [surface.scanned() for surface in surfaces])
    joints, remarks = _usable_joints(prop, prediction, scanned, bounds)
    parents, mended = _one_tree({joint.child: joint.parent for joint in prediction.joints})
    parts = sorted({int(part) for entry in scanned for part in np.unique(entry)})
    base = base_part(parents, sorted(joints), parts)
    if joints.pop(base, None) is not None:
        mended.append(f"part {base} is the base, so its own joint is left out")
    if not joints:
        return Evidence(remarks=(*remarks, *mended, "the prediction has no joint that can be used; it stays rigid"))
    leader = group_parts(parents, sorted(joints), parts)
    carrier = {part: leader.get(parents.get(part, base), base) for part in joints}
    # What closes a hole of the scan belongs to the base, whose underside scans seldom see.
    ids = [surface.labelled(entry, base) for surface, entry in zip(surfaces, scanned, strict=True)]
    shown = {part: _surface_of(part, leader, surfaces, ids) for part in sorted(joints)}
    made = _moving_parts(prop, joints, carrier, base, shown, bounds, prediction.source)
    names = {base: BASE, **{part: entry.joint.child for part, entry in made.items()}}
    return Evidence(
        tuple(made[part] for part in sorted(made)),
        (*remarks, *mended),
        f"{prediction.source}: {len(names)} parts, faces by {how}, cuts capped",
        tuple(ids),
        tuple((part, names[lead]) for part, lead in sorted(leader.items())),
    )


def _surface_of(part: int, leader: dict[int, int], surfaces: Sequence[Surface], ids: Sequence[Ids]) -> TriangleMesh:
    members = np.array([member for member, lead in leader.items() if lead == part], dtype=np.int32)
    chosen = [(surface.mesh, np.isin(entry, members)) for surface, entry in zip(surfaces, ids, strict=True)]
    return _together([capped_piece(mesh, mask) for mesh, mask in chosen if mask.any()])


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
    shown: dict[int, TriangleMesh],
    bounds: Bounds,
    source: str,
) -> dict[int, MovingPart]:
    """Return the moving parts by their number in the prediction, named by what they look like."""
    centre = np.array([0.0, 0.0, prop.size_m[2] / 2])
    kinds: dict[int, Kind] = {}
    panels: dict[int, Panel | None] = {}
    for part, surface in shown.items():
        joint, _ = _decide(prop, joints[part], "joint", BASE, "part", bounds)
        panels[part] = panel_of(surface, joint, centre)
        kinds[part] = kind_of(surface, joint, panels[part])
    names = dict(zip(kinds, numbered(list(kinds.values())), strict=True)) | {base: BASE}
    made: dict[int, MovingPart] = {}
    for part, kind in kinds.items():
        joint, why = _decide(prop, joints[part], joint_name(names[part]), names[carrier[part]], names[part], bounds)
        made[part] = MovingPart(kind, joint, panels[part], _SURE_OF_PREDICTION, f"{source}: {why}")
    return made


def _decide(
    prop: Prop, predicted: PredictedJoint, name: str, parent: str, child: str, bounds: Bounds
) -> tuple[Joint, str]:
    max_slide_m = bounds.max_slide_ratio * max(prop.size_m)
    return decide_joint(predicted, name, parent, child, max_turn_rad=bounds.max_turn_rad, max_slide_m=max_slide_m)
