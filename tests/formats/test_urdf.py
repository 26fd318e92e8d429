"""URDF: links, joints and mimicry in SI units, and every fault of a file together."""

from pathlib import Path

import numpy as np
import pytest
from tests.two_armed_urdf import write_two_armed

from blueprint.pipeline.formats.urdf import UrdfUnusable, read_urdf
from blueprint.pipeline.scene.robot_trees import Block, Drum, Mimic, merged


def _written(folder: Path, body: str) -> Path:
    path = folder / "robot.urdf"
    path.write_text(f'<robot name="r">{body}</robot>')
    return path


def test_links_joints_limits_and_mimicry(tmp_path: Path) -> None:
    tree = read_urdf(write_two_armed(tmp_path))
    assert tree.root == "world"
    elbow = tree.joints["left_elbow"]
    assert (elbow.kind, elbow.parent, elbow.child, elbow.axis) == ("revolute", "left_upper", "left_fore", (0, 1, 0))
    assert (elbow.lower, elbow.upper, elbow.velocity, elbow.effort) == (-2, 2, 2, 40)
    assert tree.joints["left_slide_b"].mimic == Mimic("left_slide_a", 1.0, 0.0)
    assert tree.links["left_upper"].visuals[0].geometry == Block((0.24, 0.06, 0.06))
    assert tree.links["head"].visuals[0].geometry == Drum(0.08, 0.0)


def test_turned_origins_and_inertia(tmp_path: Path) -> None:
    body = """<link name="a"/><link name="b"><inertial>
    <origin xyz="1 2 3" rpy="0 0 1.5707963267948966"/><mass value="2"/>
    <inertia ixx="1" iyy="2" izz="3" ixy="0" ixz="0" iyz="0"/></inertial></link>
    <joint name="j" type="continuous"><parent link="a"/><child link="b"/>
    <origin rpy="0.3 -0.4 0.5"/><axis xyz="0 0 2"/></joint>"""
    tree = read_urdf(_written(tmp_path, body))
    np.testing.assert_allclose(tree.links["b"].inertia_kg_m2, np.diag([2.0, 1.0, 3.0]), atol=1e-12)
    joint = tree.joints["j"]
    assert (joint.kind, joint.axis, joint.lower, joint.upper) == ("revolute", (0.0, 0.0, 1.0), None, None)
    roll, pitch, yaw = 0.3, -0.4, 0.5
    R = joint.T_parent_joint.rotation()
    assert np.arctan2(R[2, 1], R[2, 2]) == pytest.approx(roll)
    assert -np.arcsin(R[2, 0]) == pytest.approx(pitch)
    assert np.arctan2(R[1, 0], R[0, 0]) == pytest.approx(yaw)


def test_fixed_links_become_one_body(tmp_path: Path) -> None:
    tree = read_urdf(write_two_armed(tmp_path))
    small = merged(tree)
    assert "torso" not in small.links
    assert small.frames["torso"][0] == "world"
    assert small.links["world"].mass_kg == pytest.approx(20.0)
    whole, small_poses = tree.poses({"left_shoulder": 0.3}), small.poses({"left_shoulder": 0.3})
    for name in small.links:
        np.testing.assert_allclose(small_poses[name].matrix(), whole[name].matrix(), atol=1e-12)


def test_inertia_of_one_body_is_that_of_its_parts(tmp_path: Path) -> None:
    half = '<inertial><mass value="1"/><inertia ixx="0.1" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial>'
    body = f"""<link name="a">{half}</link><link name="b">{half}</link>
    <joint name="j" type="fixed"><parent link="a"/><child link="b"/><origin xyz="2 0 0"/></joint>"""
    link = merged(read_urdf(_written(tmp_path, body))).links["a"]
    assert link.mass_kg == 2
    assert link.center_of_mass_m == pytest.approx((1.0, 0.0, 0.0))
    np.testing.assert_allclose(link.inertia_kg_m2, np.diag([0.2, 2.2, 2.2]), atol=1e-12)


def test_every_fault_is_named(tmp_path: Path) -> None:
    body = """<link name="a"><visual><geometry><mesh filename="gone.stl"/></geometry></visual>
    <collision><geometry><capsule radius="1"/></geometry></collision></link><link name="b"/><link name="lost"/>
    <joint name="j" type="spherical"><parent link="a"/><child link="b"/></joint>
    <joint name="k" type="revolute"><parent link="a"/><child link="nowhere"/><axis xyz="0 0 0"/>
    <limit lower="2" upper="1"/><mimic joint="x"/></joint>
    <joint name="m" type="prismatic"><parent link="a"/><child link="b"/><origin xyz="1 two 3"/></joint>"""
    with pytest.raises(UrdfUnusable) as caught:
        read_urdf(_written(tmp_path, body))
    faults = "\n".join(caught.value.faults)
    for words in (
        "mesh 'gone.stl' is not there",
        "<capsule> is not read",
        "type 'spherical' is not read",
        "child link 'nowhere'",
        "its axis has no length",
        "lower 2 is above upper 1",
        "mimics 'x'",
        "expected 3 finite numbers, found '1 two 3'",
        "link 'b' hangs on two joints",
        "needs one root link, has 2: a, lost",
    ):
        assert words in faults, words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<robot", "is no XML"),
        ("<mujoco/>", "its root is <mujoco>"),
        ('<!DOCTYPE r [<!ENTITY x "y">]><robot name="r"/>', "DOCTYPE"),
    ],
)
def test_what_is_no_urdf_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "robot.urdf"
    path.write_text(text)
    with pytest.raises(UrdfUnusable, match=words):
        read_urdf(path)


def test_meshes_are_found_by_package_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "pack/meshes").mkdir(parents=True)
    (tmp_path / "pack/meshes/a.stl").write_bytes(b"")
    body = '<link name="a"><visual><geometry><mesh filename="package://own/{}"/></geometry></visual></link>'
    tree = read_urdf(_written(tmp_path, body.format("meshes/a.stl")), {"own": tmp_path / "pack"})
    assert tree.links["a"].visuals[0].geometry.path.name == "a.stl"
    with pytest.raises(UrdfUnusable, match="leads out of its package"):
        read_urdf(_written(tmp_path, body.format("../pack/meshes/a.stl")), {"own": tmp_path / "pack"})


@pytest.mark.parametrize(
    "name", ["{outside}/a.stl", "file://{outside}/a.stl", "../../../outside/a.stl", "meshes/link.stl"]
)
def test_a_mesh_elsewhere_on_the_machine_is_refused(tmp_path: Path, name: str) -> None:
    """By an absolute path, by going up, or by a link; beside the description and in its package it is found."""
    folder, outside = tmp_path / "pack/robots/urdf", tmp_path / "outside"
    for each in (folder / "meshes", tmp_path / "pack/meshes", outside):
        each.mkdir(parents=True)
        (each / "a.stl").write_bytes(b"")
    (folder / "meshes/link.stl").symlink_to(outside / "a.stl")
    body = '<link name="a"><visual><geometry><mesh filename="{}"/></geometry></visual></link>'
    with pytest.raises(UrdfUnusable, match="outside of the folders that were named"):
        read_urdf(_written(folder, body.format(name.format(outside=outside))))
    for near in ("meshes/a.stl", "../../meshes/a.stl", f"file://{folder}/meshes/a.stl"):
        assert read_urdf(_written(folder, body.format(near))).links["a"].visuals
    assert read_urdf(_written(folder, body.format(f"{outside}/a.stl")), {"own": outside}).links["a"].visuals
