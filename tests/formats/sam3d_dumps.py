"""What SAM 3D Objects returns for one asymmetric thing, saved as somebody would."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from tests.formats.tiny_scans import bracket, write_glb

QUAT_WXYZ = np.array([0.8, 0.3, -0.4, 0.33])
TRANSLATION = np.array([0.4, -0.2, 2.5])
SCALE = 0.6

# How the model's exporter turns a mesh, for rows: (x, y, z) becomes (x, z, -y).
EXPORT = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def splat_points() -> np.ndarray:
    """Return the vertices of an asymmetric thing in the frame of the splats, Z up."""
    return np.asarray(bracket((1.0, 0.7, 0.4)).vertices) @ EXPORT.T


def write_dump(folder: Path, *, pose: dict[str, Any] | None = None, name: str = "desk_lamp_2") -> Path:
    """Write one object as somebody saves the model's dictionary; tensors keep their leading axis."""
    place = folder / "objects" / name
    mesh = bracket((1.0, 0.7, 0.4))
    write_glb(place / "object.glb", trimesh.Trimesh(splat_points() @ EXPORT, mesh.faces, process=False))
    given = {"rotation": [QUAT_WXYZ.tolist()], "translation": [TRANSLATION.tolist()], "scale": [[SCALE] * 3]}
    (place / "pose.json").write_text(json.dumps({**given, **(pose or {})}))
    return folder
