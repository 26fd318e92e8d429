"""Ask a part predictor for the joints of one prop: its mesh goes out as GLB, Y up, and a prediction comes back."""

from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import trimesh

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.formats.mesh_reader import MeshFault, MeshFile, read_mesh_files
from blueprint.pipeline.formats.particulate import NPZ_FILE, OBJ_FILE, read_prediction
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.services.failures import ServiceFailed
from blueprint.pipeline.services.model_settings import ModelSettings
from blueprint.pipeline.services.models import produce

REPORT_FILE, LOG_FILE = "prediction.json", "prediction_log.txt"
_Y_UP_FROM_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


def ask_for_parts(
    model: ModelSettings, prop: Prop, scan_record: Path, record: Path
) -> Generator[Progress | Warned, None, PartPrediction]:
    """Return what a model predicts for a prop, in its frame and metres; who was asked is kept in the record.

    Raises ServiceRefused, ServiceFailed, and ScanError where the prediction cannot be read.
    """
    with TemporaryDirectory(prefix="blueprint-parts-") as folder:
        source, answer = Path(folder) / f"{prop.id}.glb", Path(folder) / "answer"
        write_glb(source, prop, scan_record)
        report = yield from produce(model, source, answer, record / LOG_FILE)
        save(record / REPORT_FILE, report)
        return _read(answer, model.label()).transformed(_Y_UP_FROM_Z_UP.T, 1.0, np.zeros(3))


def write_glb(path: Path, prop: Prop, scan_record: Path) -> None:
    """Write all meshes of a prop as one, in its frame turned Y up, faces in the prop's order, without texture."""
    meshes = [load_mesh([scan_record], visual.mesh) for body in prop.bodies for visual in body.visuals]
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    vertices = np.concatenate([mesh.vertices_m for mesh in meshes]) @ _Y_UP_FROM_Z_UP.T
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)])
    trimesh.Trimesh(vertices, faces, process=False).export(path)


def _read(answer: Path, model: str) -> PartPrediction:
    found = sorted(path.parent for path in answer.rglob(NPZ_FILE) if (path.parent / OBJ_FILE).is_file())
    if not found:
        raise ServiceFailed(model, f"gave back no folder with {NPZ_FILE} and {OBJ_FILE}")
    obj = MeshFile(found[0] / OBJ_FILE, OBJ_FILE, "obj_geometry")
    mesh = read_mesh_files([obj])[obj.path]
    if isinstance(mesh, MeshFault):
        raise ServiceFailed(model, f"{mesh.name}: {mesh.reason}")
    return read_prediction(found[0], mesh, model)
