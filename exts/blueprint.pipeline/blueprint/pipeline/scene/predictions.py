"""A prediction of parts and joints for one mesh: evidence for articulation, kept with the scan."""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Vec3, vec3

PREDICTION_FOLDER = "predictions"


@dataclass(frozen=True, slots=True)
class PredictedJoint:
    """How part `child` moves against part `parent`; limits are offsets from the input pose, rad or units of length."""

    parent: int
    child: int
    kind: Literal["revolute", "prismatic"]
    axis: Vec3
    origin: Vec3
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class PartPrediction:
    """Vertices (V, 3), faces (F, 3), the part of each face (F,), and the joints, all in one frame and unit."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    face_part_ids: NDArray[np.int32]
    joints: tuple[PredictedJoint, ...]
    source: str

    def transformed(self, rotation: NDArray[np.float64], scale: float, shift: NDArray[np.float64]) -> "PartPrediction":
        """Map it by p -> scale * rotation @ p + shift."""
        joints = tuple(
            replace(
                joint,
                axis=vec3(rotation @ np.asarray(joint.axis)),
                origin=vec3(scale * rotation @ np.asarray(joint.origin) + shift),
                lower=joint.lower * (scale if joint.kind == "prismatic" else 1.0),
                upper=joint.upper * (scale if joint.kind == "prismatic" else 1.0),
            )
            for joint in self.joints
        )
        return replace(self, vertices=scale * self.vertices @ rotation.T + shift, joints=joints)


def save_prediction(path: Path, prediction: PartPrediction) -> None:
    """Write a prediction as plain arrays."""
    joints = prediction.joints
    arrays = {
        "vertices": prediction.vertices,
        "faces": prediction.faces,
        "face_part_ids": prediction.face_part_ids,
        "joint_parts": np.array([[joint.parent, joint.child] for joint in joints], dtype=np.int32).reshape(-1, 2),
        "joint_is_revolute": np.array([joint.kind == "revolute" for joint in joints], dtype=bool),
        "joint_axis": np.array([joint.axis for joint in joints], dtype=np.float64).reshape(-1, 3),
        "joint_origin": np.array([joint.origin for joint in joints], dtype=np.float64).reshape(-1, 3),
        "joint_limits": np.array([[joint.lower, joint.upper] for joint in joints], dtype=np.float64).reshape(-1, 2),
        "source": np.frombuffer(prediction.source.encode(), dtype=np.uint8),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def load_prediction(path: Path) -> PartPrediction:
    """Read what `save_prediction` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    joints = tuple(
        PredictedJoint(
            parent=int(parts[0]),
            child=int(parts[1]),
            kind="revolute" if is_revolute else "prismatic",
            axis=vec3(axis),
            origin=vec3(origin),
            lower=float(limits[0]),
            upper=float(limits[1]),
        )
        for parts, is_revolute, axis, origin, limits in zip(
            arrays["joint_parts"],
            arrays["joint_is_revolute"],
            arrays["joint_axis"],
            arrays["joint_origin"],
            arrays["joint_limits"],
            strict=True,
        )
    )
    source = arrays["source"].tobytes().decode()
    return PartPrediction(arrays["vertices"], arrays["faces"], arrays["face_part_ids"], joints, source)
