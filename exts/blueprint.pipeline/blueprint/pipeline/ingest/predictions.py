"""Bring a part prediction into the frame of the mesh that the prop is made of."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.raw_scan import RawObject
from blueprint.pipeline.scene.predictions import PartPrediction

from .poses import RecoveredPose

Points = NDArray[np.float64]

_SAME_BOX = 0.02


def placed_prediction(entry: RawObject, pose: RecoveredPose) -> RawObject:
    """Return the object with its prediction in the frame of its source mesh, or without one that fits neither mesh.

    A prediction may have been made for the canonical mesh or for the posed one; its own mesh tells which.
    """
    prediction = entry.prediction
    if prediction is None:
        return entry
    source = entry.canonical or entry.posed
    if _same_box(prediction, source.vertices()):
        return entry
    if entry.canonical is not None and _same_box(prediction, entry.posed.vertices()):
        back = pose.rotation.T
        moved = prediction.transformed(back, 1 / pose.scale, -back @ pose.translation / pose.scale)
        return replace(entry, prediction=moved)
    remark = f"{prediction.source} speaks of another mesh than {source.file}; it is not used"
    return replace(entry, prediction=None, remarks=(*entry.remarks, remark))


def _same_box(prediction: PartPrediction, vertices: Points) -> bool:
    first = np.stack([prediction.vertices.min(axis=0), prediction.vertices.max(axis=0)])
    second = np.stack([vertices.min(axis=0), vertices.max(axis=0)])
    return bool(np.abs(first - second).max() <= _SAME_BOX * float(np.ptp(second, axis=0).max()))
