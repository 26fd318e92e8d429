"""Mesh files: sound ones arrive unchanged, damaged ones become an error that names the file."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from tests.formats.tiny_scans import bracket, write_glb

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.glb import read_cloud, read_mesh, read_obj_geometry
from blueprint.pipeline.formats.mesh_exchange import read_exchange, write_exchange


def stored_attribute(path: Path, name: str) -> np.ndarray:
    """Return a vertex attribute of two floats as the file's own bytes have it."""
    content = path.read_bytes()
    length = struct.unpack("<I", content[12:16])[0]
    header = json.loads(content[20 : 20 + length])
    accessor = header["accessors"][header["meshes"][0]["primitives"][0]["attributes"][name]]
    view = header["bufferViews"][accessor["bufferView"]]
    start = 20 + length + 8 + view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    return np.frombuffer(content, dtype="<f4", count=2 * accessor["count"], offset=start).reshape(-1, 2)


def damaged_glb(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """Write a mesh that an exporter would refuse, by patching the bytes of a sound one."""
    sound = trimesh.Trimesh(np.zeros_like(vertices) + np.arange(len(vertices))[:, None], faces, process=False)
    content = sound.export(file_type="glb")
    length = struct.unpack("<I", content[12:16])[0]
    header = json.loads(content[20 : 20 + length])
    view = header["bufferViews"][
        header["accessors"][header["meshes"][0]["primitives"][0]["attributes"]["POSITION"]]["bufferView"]
    ]
    start = 20 + length + 8 + view.get("byteOffset", 0)
    patch = vertices.astype("<f4").tobytes()
    path.write_bytes(content[:start] + patch + content[start + len(patch) :])
    return path


def test_a_sound_mesh_keeps_its_order_and_place(tmp_path: Path) -> None:
    mesh = bracket((1.0, 2.0, 3.0))
    write_glb(tmp_path / "a.glb", mesh)
    read = read_mesh(tmp_path / "a.glb", "a.glb")
    np.testing.assert_allclose(read.vertices(), mesh.vertices, atol=1e-6)
    np.testing.assert_array_equal(read.faces(), mesh.faces)


def test_node_transforms_are_applied_and_mirrors_keep_faces_outward(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    scene.add_geometry(
        bracket((1, 1, 1)), node_name="one", transform=trimesh.transformations.translation_matrix([5, 0, 0])
    )
    scene.add_geometry(bracket((1, 1, 1)), node_name="two", transform=np.diag([-1.0, 1.0, 1.0, 1.0]))
    (tmp_path / "a.glb").write_bytes(scene.export(file_type="glb"))
    read = read_mesh(tmp_path / "a.glb", "a.glb")
    by_node = {surface.node: surface for surface in read.surfaces}
    assert by_node["one"].vertices[:, 0].min() == pytest.approx(4.5)
    mirrored = trimesh.Trimesh(by_node["two"].vertices, by_node["two"].faces, process=False)
    assert mirrored.volume > 0


def test_texture_coordinates_point_upwards_and_colours_stay(tmp_path: Path) -> None:
    image = Image.new("RGB", (4, 4), (200, 30, 60))
    image.putpixel((0, 3), (1, 2, 3))
    mesh = bracket((1, 1, 1))
    write_glb(tmp_path / "a.glb", mesh, image)
    read = read_mesh(tmp_path / "a.glb", "a.glb")
    (surface,) = read.surfaces
    assert surface.uv is not None
    # Stored by glTF with v downwards, read with v upwards.
    np.testing.assert_allclose(
        stored_attribute(tmp_path / "a.glb", "TEXCOORD_0")[:, 1], 1 - surface.uv[:, 1], atol=1e-6
    )
    np.testing.assert_allclose(surface.uv, np.asarray(mesh.vertices)[:, :2], atol=1e-6)
    assert surface.look.texture_png is not None
    (tmp_path / "t.png").write_bytes(surface.look.texture_png)
    with Image.open(tmp_path / "t.png") as kept:
        assert kept.size == surface.look.texture_size == (4, 4)
        assert kept.getpixel((0, 3)) == (1, 2, 3)


def test_a_linear_colour_becomes_srgb(tmp_path: Path) -> None:
    mesh = bracket((1, 1, 1))
    material = trimesh.visual.material.PBRMaterial(
        name="Oak_Veneer", baseColorFactor=[255, 55, 0, 255], metallicFactor=0.25, roughnessFactor=0.5
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.zeros((len(mesh.vertices), 2)), material=material)
    (tmp_path / "a.glb").write_bytes(mesh.export(file_type="glb"))
    read = read_mesh(tmp_path / "a.glb", "a.glb")
    look = read.surfaces[0].look
    assert look.base_color_rgb == pytest.approx((1.0, 0.5019, 0.0), abs=2e-3)
    assert (look.metallic, look.roughness, look.texture_png) == (0.25, 0.5, None)
    assert look.name == "Oak_Veneer"
    write_exchange(tmp_path / "exchange", read)
    again = read_exchange(tmp_path / "exchange")
    assert again is not None
    assert again.surfaces[0].look.name == look.name


@pytest.mark.parametrize(
    ("corner", "complaint"),
    [
        ((np.nan, 0, 0), "1 of 4 vertices that are NaN or infinite"),
        ((np.inf, 0, 0), "1 of 4 vertices that are NaN or infinite"),
        ((1e9, 0, 0), "a coordinate beyond"),
    ],
)
def test_impossible_coordinates_are_named(tmp_path: Path, corner: tuple[float, ...], complaint: str) -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], corner], dtype=float)
    path = damaged_glb(tmp_path / "a.glb", vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    with pytest.raises(ScanError, match=f"scan/a.glb: .*{complaint}"):
        read_mesh(path, "scan/a.glb")


def test_a_point_is_no_surface(tmp_path: Path) -> None:
    path = damaged_glb(tmp_path / "a.glb", np.ones((3, 3)), np.array([[0, 1, 2]]))
    with pytest.raises(ScanError, match="all its vertices in one point"):
        read_mesh(path, "scan/a.glb")


def test_wavefront_geometry_keeps_file_order_and_names_bad_lines(tmp_path: Path) -> None:
    good = "# comment\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 4/1 3/2 2/3\nf -4 -3 -2\n"
    (tmp_path / "good.obj").write_text(good)
    points, faces = read_obj_geometry(tmp_path / "good.obj", "good.obj")
    assert points[3].tolist() == [0, 0, 1]
    assert faces.tolist() == [[3, 2, 1], [0, 1, 2]]
    for name, text, complaint in (
        ("words", good + "v a b c\n", "line 8 holds no numbers"),
        ("quad", good + "f 1 2 3 4\n", "line 8 is not a vertex or triangle"),
        ("short", good + "v 1 2\n", "line 8 is not a vertex or triangle"),
        ("dangling", good + "f 1 2 9\n", "faces that name missing vertices"),
        ("bare", "v 0 0 0\nv 1 0 0\n", "has no faces"),
    ):
        (tmp_path / f"{name}.obj").write_text(text)
        with pytest.raises(ScanError, match=f"{name}.obj: .*{complaint}"):
            read_obj_geometry(tmp_path / f"{name}.obj", f"{name}.obj")


def test_clouds_are_read_and_checked(tmp_path: Path) -> None:
    points = np.array([[0.0, 1, 2], [3, 4, 5]])
    (tmp_path / "a.ply").write_bytes(trimesh.PointCloud(points).export(file_type="ply"))
    np.testing.assert_allclose(read_cloud(tmp_path / "a.ply", "a.ply"), points)
