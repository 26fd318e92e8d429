"""Small faults of a skin do not keep it from being cut into closed parts, and what was done is said."""

import numpy as np
import pytest
from tests.articulate import furniture

from blueprint.pipeline.articulate.closed_solids import solid_of
from blueprint.pipeline.articulate.closing import closed_surfaces
from blueprint.pipeline.scene.meshes import TriangleMesh

WHOLE = furniture.scanned(furniture.plain_box())
COUNT = len(WHOLE.faces)


@pytest.mark.parametrize(
    ("faces", "caps", "said"),
    [
        (WHOLE.faces, False, []),
        (WHOLE.faces[:, ::-1], False, ["the scan was inside out"]),
        (np.concatenate([WHOLE.faces, WHOLE.faces[:3]]), False, ["3 doubled or collapsed faces of the scan left out"]),
        (WHOLE.faces[1:], True, ["caps over 1 holes of the scan"]),
        (WHOLE.faces[1:, ::-1], True, ["the scan was inside out", "caps over 1 holes of the scan"]),
    ],
)
def test_small_faults_are_mended_and_said(faces: np.ndarray, caps: bool, said: list[str]) -> None:
    mesh = TriangleMesh(WHOLE.vertices_m, np.ascontiguousarray(faces, dtype=np.int32))
    (surface,), notes = closed_surfaces([mesh])
    solid = solid_of(surface.mesh)
    assert solid is not None
    assert solid.volume() == pytest.approx(0.6 * 0.4 * 0.5, rel=1e-6)
    assert (surface.caps > 0) == caps
    assert len(surface.mesh.faces) - surface.caps == COUNT - caps
    assert notes == said


def test_what_cannot_be_closed_comes_back_as_it_was() -> None:
    fin = np.concatenate([WHOLE.faces, [[WHOLE.faces[0][0], WHOLE.faces[0][1], WHOLE.faces[-1][2]]]])
    mesh = TriangleMesh(WHOLE.vertices_m, fin.astype(np.int32))
    (surface,), notes = closed_surfaces([mesh])
    assert surface.mesh is mesh
    assert notes == []
