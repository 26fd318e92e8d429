"""A part predictor gets a mesh upright in Y, and its answer moves the parts in the frame of the prop."""

import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.articulate.asked import ask_for_parts
from blueprint.pipeline.engine.digests import digest_file
from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.props import Appearance, Body, Prop, Provenance, Role, Visual
from blueprint.pipeline.services.failures import ServiceFailed
from blueprint.pipeline.services.model_settings import ModelSettings

# The upper box slides towards -Y of the prop by a quarter of its largest side, which is its height of 0.8 m.
PREDICTOR = """
import pathlib, sys
import numpy as np, trimesh
mesh = trimesh.load(sys.argv[1], process=False, force="mesh")
out = pathlib.Path(sys.argv[2], "eval")
out.mkdir()
mesh.export(out / "pred.obj", include_normals=False)
upper = np.arange(len(mesh.faces)) >= 12
np.savez(out / "pred.npz", face_part_ids=upper.astype(np.int32), motion_hierarchy=np.array([[0, 1]]),
    is_part_revolute=np.array([False, False]), is_part_prismatic=np.array([False, True]),
    revolute_plucker=np.zeros((2, 6)), revolute_range=np.zeros((2, 2)),
    prismatic_axis=np.array([[0, 0, 0], [0, -1.0, 0]]), prismatic_range=np.array([[0, 0], [0, 0.25]]))
"""


def cabinet(folder: Path) -> Prop:
    lower, upper = trimesh.creation.box((0.4, 0.6, 0.5)), trimesh.creation.box((0.4, 0.6, 0.3))
    lower.apply_translation((0, 0, 0.25))
    upper.apply_translation((0, 0, 0.65))
    parts = [TriangleMesh(np.array(box.vertices), np.array(box.faces, dtype=np.int32)) for box in (lower, upper)]
    visuals = tuple(Visual(save_mesh(folder, part), Appearance()) for part in parts)
    body, size = Body("body", visuals), (0.4, 0.6, 0.8)
    return Prop("cabinet", "cabinet", "cabinet", Role.FURNITURE, (body,), (), size, Pose(), Provenance("cabinet.glb"))


def ask(folder: Path, code: str) -> PartPrediction:
    for name in ("scan", "record"):
        (folder / name).mkdir()
    command = (sys.executable, "-c", code, "{input}", "{output}")
    model = ModelSettings(kind="command", name="stand-in", version="1", command=command)
    steps = ask_for_parts(model, cabinet(folder / "scan"), folder / "scan", folder / "record")
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def test_what_comes_back_is_in_the_props_frame_and_metres(tmp_path: Path) -> None:
    prediction = ask(tmp_path, PREDICTOR)
    np.testing.assert_allclose(prediction.vertices.max(axis=0), (0.2, 0.3, 0.8), atol=1e-6)
    assert prediction.face_part_ids.tolist() == [0] * 12 + [1] * 12
    (joint,) = prediction.joints
    np.testing.assert_allclose(joint.axis, (0, -1, 0), atol=1e-9)
    assert (joint.lower, joint.upper) == (0.0, pytest.approx(0.2))
    assert prediction.source == "stand-in 1/pred.npz"
    assert '"name":"stand-in"' in (tmp_path / "record/prediction.json").read_text().replace(" ", "")
    assert digest_file(tmp_path / "record/prediction.json")


def test_an_answer_without_a_prediction_is_a_typed_error(tmp_path: Path) -> None:
    code = "import pathlib, sys; pathlib.Path(sys.argv[2], 'hello').write_text('x')"
    with pytest.raises(ServiceFailed, match=r"stand-in 1: gave back no folder with pred\.npz and pred\.obj"):
        ask(tmp_path, code)
