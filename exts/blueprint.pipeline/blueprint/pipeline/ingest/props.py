"""Make a prop of an object: its frame, its mesh in metres, its looks, and the evidence for its numbers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.raw_scan import RawSurface
from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh, save_texture
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.predictions import PREDICTION_FOLDER, save_prediction
from blueprint.pipeline.scene.props import Appearance, Body, Evidence, Prop, Provenance, Role, Visual
from blueprint.pipeline.scene.scans import ScaleEstimate

from .category import Decision
from .leveled import LeveledObject, turn_about_z
from .scale import own_evidence
from .world import WorldFrame

Points = NDArray[np.float64]

BODY = "body"
"""Name of the one link of a prop that has no joints."""

_SUNK_M = 0.05

_LONGEST_NAME = 120
"""Letters of a foreign name that are kept; it is only searched for words."""


@dataclass(frozen=True, eq=False)
class OwnFrame:
    """p_prop = scale * rotation @ p_mesh + shift, for the vertices of the object's source mesh."""

    rotation: Points
    scale: float
    shift: Points

    def apply(self, points: Points) -> Points:
        """Map points of shape (N, 3) from the source mesh to the prop's frame, metres."""
        return self.scale * points @ self.rotation.T + self.shift


def make_prop(
    record: Path,
    entry: LeveledObject,
    world: WorldFrame,
    scale: ScaleEstimate,
    *,
    decision: Decision,
    role: tuple[Role, str],
    licence: str,
) -> Prop:
    """Write an object's meshes and textures into the record and return its prop."""
    frame = own_frame(entry, world)
    mesh = entry.raw.canonical or entry.raw.posed
    visuals = tuple(_visual(record, surface, frame) for surface in mesh.surfaces)
    T_world_prop = Pose.from_yaw(world.level_to_world(entry.base), entry.yaw_rad)
    if entry.raw.prediction is not None:
        moved = entry.raw.prediction.transformed(frame.rotation, frame.scale, frame.shift)
        save_prediction(record / PREDICTION_FOLDER / f"{entry.id}.npz", moved)
    size_m = vec3(entry.size * world.metres_per_unit)
    evidence = (
        Evidence("height", size_m[2], "m", f"{entry.size[2]:.6g} scan units x {world.metres_per_unit:.6g} m"),
        Evidence("pose residual", entry.pose.residual, "1", f"pose from {entry.pose.method}"),
        *_size_evidence(entry, scale),
    )
    return Prop(
        id=entry.id,
        label=entry.raw.label,
        category=decision.category,
        role=role[0],
        bodies=(Body(BODY, visuals),),
        joints=(),
        size_m=size_m,
        T_world_prop=T_world_prop,
        provenance=Provenance(mesh.file, licence, f"category: {decision.why}; role: {role[1]}"),
        evidence=evidence,
        review=tuple(_review(entry, decision, T_world_prop, scale)),
    )


def own_frame(entry: LeveledObject, world: WorldFrame) -> OwnFrame:
    """Return the map from an object's source mesh to its prop frame: upright as it stands, heading of the mesh."""
    turn = turn_about_z(-entry.yaw_rad)
    metres = world.metres_per_unit
    rotation = turn @ world.R_level_scan @ entry.pose.rotation
    shift = metres * turn @ (world.R_level_scan @ entry.pose.translation - entry.base)
    return OwnFrame(rotation, metres * entry.pose.scale, shift)


def _visual(record: Path, surface: RawSurface, frame: OwnFrame) -> Visual:
    vertices_m = frame.apply(surface.vertices)
    mesh = save_mesh(record, TriangleMesh(vertices_m, surface.faces, surface.uv))
    return Visual(mesh, _appearance(record, surface))


def _appearance(record: Path, surface: RawSurface) -> Appearance:
    look = surface.look
    texture = save_texture(record, look.texture_png, *look.texture_size) if look.texture_png is not None else None
    name = f"{look.name} {surface.node}".strip()[:_LONGEST_NAME]
    return Appearance(look.base_color_rgb, texture, look.roughness, look.metallic, name)


def _size_evidence(entry: LeveledObject, scale: ScaleEstimate) -> list[Evidence]:
    return [
        Evidence(
            f"{sample.subject.removeprefix(entry.id).strip()} against {sample.source}",
            1.0 / sample.outlier_ratio,
            "1",
            f"{sample.measured_units * scale.metres_per_unit:.4g} m where {sample.expected_m:.4g} m are usual",
        )
        for sample in scale.samples
        if sample.subject.startswith(f"{entry.id} ")
    ]


def _review(entry: LeveledObject, decision: Decision, T_world_prop: Pose, scale: ScaleEstimate) -> list[str]:
    found = [text for text in (decision.review, entry.pose.review, *entry.raw.remarks) if text]
    own = own_evidence(scale).get(entry.id)
    if own is not None and own.disagrees:
        found.append(
            f"it is {own.ratio:.2f} times the usual size of {decision.category}, where the scene's one scale suits the "
            "rest: it was scaled, or named, wrongly"
        )
    if T_world_prop.position_m[2] < -_SUNK_M:
        found.append(f"its base lies {-T_world_prop.position_m[2]:.3f} m below the floor")
    return found
