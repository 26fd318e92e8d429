import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples.environment import Look
from blueprint.pipeline.samples.mesh_files import png_bytes, write_canonical_glb, write_point_ply, write_posed_glb
from blueprint.pipeline.samples.shape import rigid
from blueprint.pipeline.samples.tableware import can
from blueprint.pipeline.samples.textures import plain

IMAGE = plain((200, 100, 50))


def document(path: Path) -> tuple[dict, int]:
    content = path.read_bytes()
    length = struct.unpack("<I", content[12:16])[0]
    return json.loads(content[20 : 20 + length]), length


def loaded(path: Path) -> trimesh.Trimesh:
    (mesh,) = trimesh.load_scene(path, process=False).geometry.values()
    return mesh


def test_a_canonical_mesh_keeps_its_material_and_padding(tmp_path: Path) -> None:
    shape, path = can(), tmp_path / "new" / "can.glb"
    write_canonical_glb(
        path, shape.vertices_m, shape, png_bytes(IMAGE), look=Look("metal", roughness=0.4, metallic=0.6)
    )
    said, length = document(path)
    assert length % 4 == 0
    assert said["materials"][0]["pbrMetallicRoughness"]["metallicFactor"] == 0.6
    mesh = loaded(path)
    np.testing.assert_array_equal(mesh.faces, shape.faces)
    np.testing.assert_allclose(mesh.vertices, shape.vertices_m, atol=1e-8)
    np.testing.assert_allclose(mesh.visual.uv, shape.uv * [1, -1] + [0, 1], atol=1e-6)
    picture = np.asarray(mesh.visual.material.baseColorTexture.convert("RGB"))
    np.testing.assert_array_equal(picture, IMAGE)


def test_a_posed_mesh_has_the_original_writers_habits(tmp_path: Path) -> None:
    shape, path = can(), tmp_path / "can.glb"
    write_posed_glb(path, shape.vertices_m + 1.0, shape, png_bytes(IMAGE))
    said, length = document(path)
    assert path.read_bytes()[20 + length - 1 : 20 + length] == b"}"
    assert said["nodes"][0]["name"] == "Node"
    assert said["meshes"][0]["name"] == "Node-Mesh"
    assert said["accessors"][2]["componentType"] == 5123
    assert said["materials"][0]["pbrMetallicRoughness"]["metallicFactor"] == 0
    np.testing.assert_allclose(loaded(path).vertices, shape.vertices_m + 1.0, atol=1e-6)


def test_indices_beyond_16_bits_wrap_as_the_original_writer_lets_them(tmp_path: Path) -> None:
    count = 70_002
    many = rigid(np.zeros((count, 3)), np.arange(count).reshape(-1, 3), np.zeros((count, 2)))
    write_posed_glb(tmp_path / "many.glb", many.vertices_m, many, png_bytes(IMAGE))
    assert loaded(tmp_path / "many.glb").faces.max() == 65_535


@pytest.mark.parametrize("image", [IMAGE, IMAGE[..., 0]], ids=["colour", "grey"])
def test_pictures_keep_their_channels(image: np.ndarray) -> None:
    decoded = cv2.imdecode(np.frombuffer(png_bytes(image), np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(decoded[..., ::-1] if image.ndim == 3 else decoded, image)


def test_points_are_read_back(tmp_path: Path) -> None:
    points = np.array([[1.5, -2.0, 3.0], [0.25, 4.0, -8.0]])
    write_point_ply(tmp_path / "points.ply", points)
    cloud = trimesh.load(tmp_path / "points.ply")
    np.testing.assert_array_equal(cloud.vertices, points)


def test_equal_meshes_give_equal_bytes(tmp_path: Path) -> None:
    shape = can()
    write_posed_glb(tmp_path / "a.glb", shape.vertices_m, shape, png_bytes(IMAGE))
    write_posed_glb(tmp_path / "b.glb", shape.vertices_m, shape, png_bytes(IMAGE))
    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()
