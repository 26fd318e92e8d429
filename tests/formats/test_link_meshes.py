"""Shapes of links: files, boxes and cylinders as triangles, made lighter, wrapped and cut."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.link_meshes import Surface, hull, lighter, read_surfaces, slabs
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robot_trees import Block, Drum, LinkShape, ShapeFile

COLLADA = """<?xml version="1.0"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><unit meter="0.001" name="millimeter"/><up_axis>Z_UP</up_axis></asset>
<library_effects><effect id="e"><profile_COMMON><technique sid="t"><phong>
<diffuse><color>0.1 0.2 0.3 1</color></diffuse></phong></technique></profile_COMMON></effect></library_effects>
<library_materials><material id="m"><instance_effect url="#e"/></material></library_materials>
<library_geometries><geometry id="g"><mesh>
<source id="p"><float_array id="pa" count="12">0 0 0 100 0 0 100 200 0 0 200 0</float_array></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
<polylist material="s" count="1"><input semantic="VERTEX" source="#v" offset="0"/><input semantic="NORMAL" source="#p"
offset="1"/><vcount>4</vcount><p>0 0 1 0 2 0 3 0</p></polylist>
</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="w"><node><translate>0 0 50</translate><node><rotate>0 0 1 90</rotate>
<instance_geometry url="#g"><bind_material><technique_common><instance_material symbol="s" target="#m"/>
</technique_common></bind_material></instance_geometry></node></node></visual_scene></library_visual_scenes>
</COLLADA>"""


def test_a_collada_file_in_millimetres_with_turned_nodes_and_colour(tmp_path: Path) -> None:
    (tmp_path / "a.dae").write_text(COLLADA)
    (surface,) = read_surfaces(LinkShape(ShapeFile(tmp_path / "a.dae")))
    assert surface.color == (0.1, 0.2, 0.3)
    assert len(surface.faces) == 2
    np.testing.assert_allclose(surface.vertices_m.min(axis=0), [-0.2, 0.0, 0.05], atol=1e-9)
    np.testing.assert_allclose(surface.vertices_m.max(axis=0), [0.0, 0.1, 0.05], atol=1e-9)


@pytest.mark.parametrize("suffix", ["stl", "obj", "ply", "glb"])
def test_meshes_are_scaled_and_placed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"box.{suffix}"
    trimesh.creation.box((100.0, 200.0, 300.0)).export(path)
    shape = LinkShape(ShapeFile(path, (0.001, 0.001, 0.001)), Pose((1.0, 0.0, 0.0)), (0.5, 0.5, 0.5))
    (surface,) = read_surfaces(shape)
    assert (len(surface.vertices_m), len(surface.faces), surface.color) == (8, 12, (0.5, 0.5, 0.5))
    np.testing.assert_allclose(np.ptp(surface.vertices_m, axis=0), [0.1, 0.2, 0.3], atol=1e-7)
    np.testing.assert_allclose(surface.vertices_m.mean(axis=0), [1.0, 0.0, 0.0], atol=1e-7)


@pytest.mark.parametrize(("name", "content"), [("a.stl", b"solid nothing"), ("a.dae", b"<COLLADA/>"), ("b.dae", b"<x")])
def test_a_file_without_a_mesh_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ScanError, match=name):
        read_surfaces(LinkShape(ShapeFile(tmp_path / name)))


def test_lighter_keeps_the_budget_and_the_size() -> None:
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.1)
    surface = Surface(np.asarray(ball.vertices), np.asarray(ball.faces), (1.0, 1.0, 1.0))
    light = lighter(surface, 500)
    assert 150 < len(light.faces) <= 500
    np.testing.assert_allclose(np.ptp(light.vertices_m, axis=0), 0.2, atol=0.02)
    assert lighter(light, 500) is light


def test_a_hull_keeps_its_budget_faces_out_and_says_what_it_cuts() -> None:
    ball = np.asarray(trimesh.creation.icosphere(subdivisions=4, radius=0.1).vertices)
    corners, faces, cut_m = hull(ball, 40)
    assert len(corners) <= 40
    assert 0 < cut_m < 0.02
    a, b, c = (corners[faces[:, k]] for k in range(3))
    assert (np.einsum("fd,fd->f", np.cross(b - a, c - a), a) > 0).all()


def test_slabs_cut_where_they_are_told() -> None:
    (surface,) = read_surfaces(LinkShape(Block((0.1, 0.1, 0.4))))
    low, high = slabs([surface], (0.05,))
    assert (low[:, 2].min(), low[:, 2].max()) == pytest.approx((-0.2, 0.05))
    assert (high[:, 2].min(), high[:, 2].max()) == pytest.approx((0.05, 0.2))
    np.testing.assert_allclose(np.ptp(high, axis=0), [0.1, 0.1, 0.15], atol=1e-9)


def test_a_drum_without_length_is_a_ball() -> None:
    (cylinder,) = read_surfaces(LinkShape(Drum(0.1, 0.5)))
    (ball,) = read_surfaces(LinkShape(Drum(0.1, 0.0)))
    np.testing.assert_allclose(np.ptp(cylinder.vertices_m, axis=0), [0.2, 0.2, 0.5], atol=1e-6)
    np.testing.assert_allclose(np.ptp(ball.vertices_m, axis=0), 0.2, atol=0.005)
