"""Meshes are kept under the digest of their bytes."""

from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.errors import RecordDamaged
from blueprint.pipeline.scene.meshes import MeshRef, TriangleMesh, load_mesh, save_mesh, save_texture, texture_path

WEDGE = TriangleMesh(
    np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]], dtype=np.float64),
    np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], dtype=np.int32),
    np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32),
)


def test_a_mesh_comes_back_from_whichever_record_has_it(tmp_path: Path) -> None:
    ref = save_mesh(tmp_path / "b", WEDGE)
    mesh = load_mesh([tmp_path / "a", tmp_path / "b"], ref)
    assert (mesh.vertices_m == WEDGE.vertices_m).all()
    assert (mesh.faces == WEDGE.faces).all()
    assert mesh.uv is not None
    assert WEDGE.uv is not None
    assert (mesh.uv == WEDGE.uv).all()
    assert mesh.bounds_m().tolist() == [[0, 0, 0], [1, 2, 3]]


def test_equal_meshes_are_one_file_with_one_digest(tmp_path: Path) -> None:
    first, second = save_mesh(tmp_path, WEDGE), save_mesh(tmp_path, WEDGE)
    assert first == second == MeshRef(first.digest, 4, 4)
    assert len(list((tmp_path / "meshes").iterdir())) == 1


def test_a_missing_mesh_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordDamaged, match="missing"):
        load_mesh([tmp_path], MeshRef("0" * 64, 1, 1))


def test_a_texture_is_found_by_digest(tmp_path: Path) -> None:
    ref = save_texture(tmp_path, b"png", 4, 2)
    assert texture_path([tmp_path], ref).read_bytes() == b"png"
