"""Doors, drawers, lids and knobs are found by shape, where they are and as they move; nothing else is taken for one."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from manifold3d import Manifold
from tests.articulate import furniture

from blueprint.pipeline.articulate.moving_parts import MovingPart
from blueprint.pipeline.articulate.proposer import find_parts, may_open
from blueprint.pipeline.scene.meshes import TriangleMesh

SCANS = [(0.0, 0.0), (2.3, 6e-4)]
"""Turned about the vertical by so many radians, each vertex moved by up to so many metres."""


def found(solid: Manifold, category: str, yaw_rad: float = 0.0, uneven_m: float = 0.0) -> dict[str, MovingPart]:
    """Return the parts by name, with their joints turned back to the front at -Y."""
    parts = find_parts(furniture.scanned(solid, yaw_rad=yaw_rad, uneven_m=uneven_m), category).parts
    return {part.joint.child: part for part in parts}


def turned_back(vector: tuple[float, float, float], yaw_rad: float) -> np.ndarray:
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) @ vector


def check_axis(part: MovingPart, axis: tuple[float, float, float], yaw_rad: float) -> None:
    cosine = float(turned_back(part.joint.axis, yaw_rad) @ axis)
    assert np.degrees(np.arccos(min(1.0, cosine))) < 1.0, part.why


def check_line(part: MovingPart, point: tuple[float, float, float], yaw_rad: float, within_m: float = 0.0015) -> None:
    axis = turned_back(part.joint.axis, yaw_rad)
    off = turned_back(part.joint.origin_m, yaw_rad) - point
    assert np.linalg.norm(off - (off @ axis) * axis) < within_m, part.why


@pytest.mark.parametrize(("yaw_rad", "uneven_m"), SCANS)
def test_two_doors_turn_about_their_outer_edges(yaw_rad: float, uneven_m: float) -> None:
    parts = found(furniture.two_doors(), "cabinet", yaw_rad, uneven_m)
    assert list(parts) == ["door_1", "door_2"]
    check_axis(parts["door_1"], (0, 0, -1), yaw_rad)
    check_axis(parts["door_2"], (0, 0, 1), yaw_rad)
    check_line(parts["door_1"], (-0.446, -0.25, 0), yaw_rad)
    check_line(parts["door_2"], (0.446, -0.25, 0), yaw_rad)
    assert all((part.joint.lower, part.joint.upper) == (0.0, 1.75) for part in parts.values())
    assert "an upright handle" in parts["door_1"].why


@pytest.mark.parametrize(("yaw_rad", "uneven_m"), SCANS)
def test_three_drawers_come_straight_out_named_from_the_top(yaw_rad: float, uneven_m: float) -> None:
    parts = found(furniture.three_drawers(), "dresser", yaw_rad, uneven_m)
    assert list(parts) == ["drawer_1", "drawer_2", "drawer_3"]
    heights = [part.joint.origin_m[2] for part in parts.values()]
    assert heights == sorted(heights, reverse=True)
    for part in parts.values():
        check_axis(part, (0, -1, 0), yaw_rad)
        assert part.joint.kind == "prismatic"
        assert part.joint.lower == 0.0
        assert part.joint.upper == pytest.approx(0.85 * 0.45, abs=2e-3)
        assert part.panel is not None
        assert part.panel.thickness_m == pytest.approx(furniture.BOARD_M, abs=1e-3)


@pytest.mark.parametrize(("yaw_rad", "uneven_m"), SCANS)
def test_a_lid_turns_about_the_side_without_groove(yaw_rad: float, uneven_m: float) -> None:
    parts = found(furniture.chest_with_lid(), "cabinet", yaw_rad, uneven_m)
    assert list(parts) == ["lid_1"]
    # Opening lifts the front edge.
    check_axis(parts["lid_1"], (-1, 0, 0), yaw_rad)
    check_line(parts["lid_1"], (0, 0.225, 0.405), yaw_rad)


@pytest.mark.parametrize(("yaw_rad", "uneven_m"), SCANS)
def test_a_door_in_one_plane_with_its_frame_is_told_by_groove_and_handle(yaw_rad: float, uneven_m: float) -> None:
    parts = found(furniture.microwave(), "microwave", yaw_rad, uneven_m)
    assert list(parts) == ["door_1"]
    check_axis(parts["door_1"], (0, 0, -1), yaw_rad)
    check_line(parts["door_1"], (-0.25, -0.155, 0), yaw_rad)


@pytest.mark.parametrize(("yaw_rad", "uneven_m"), SCANS)
def test_a_stove_has_knobs_and_a_door_that_drops(yaw_rad: float, uneven_m: float) -> None:
    parts = found(furniture.stove(), "oven", yaw_rad, uneven_m)
    assert list(parts) == ["door_1", "knob_1", "knob_2", "knob_3", "knob_4"]
    check_axis(parts["door_1"], (1, 0, 0), yaw_rad)
    check_line(parts["door_1"], (0, -0.3, 0.1), yaw_rad)
    for number, x in enumerate((-0.22, -0.08, 0.08, 0.22), start=1):
        check_axis(parts[f"knob_{number}"], (0, -1, 0), yaw_rad)
        check_line(parts[f"knob_{number}"], (x, 0, 0.785), yaw_rad)


def test_one_knob_on_a_board_is_a_handle() -> None:
    parts = found(furniture.knobbed_doors(), "wall_cabinet")
    assert list(parts) == ["door_1"]
    check_axis(parts["door_1"], (0, 0, 1), 0.0)
    check_line(parts["door_1"], (0.215, -0.175, 0), 0.0)


def test_a_framed_door_is_one_door() -> None:
    parts = found(furniture.framed_door(), "cabinet", 0.4, 6e-4)
    assert list(parts) == ["door_1"]
    check_line(parts["door_1"], (0.215, -0.175, 0), 0.4)


def test_doors_set_into_a_frame_are_found_within_it() -> None:
    parts = found(furniture.inset_doors(), "cabinet", 0.0, 6e-4)
    assert list(parts) == ["door_1", "door_2"]
    # In a frame a door turns about the edge of its face; about that of its back it would cut into the frame.
    check_line(parts["door_1"], (-0.36, -0.25, 0), 0.0)
    check_line(parts["door_2"], (0.36, -0.25, 0), 0.0)


def test_without_handles_the_side_of_a_hinge_is_a_guess_and_says_so() -> None:
    finding = find_parts(furniture.scanned(furniture.door_without_handle()), "cabinet")
    (part,) = finding.parts
    assert part.confidence < 0.5
    assert "is a guess" in finding.remarks[0]
    assert find_parts(furniture.scanned(furniture.door_without_handle()), "unknown").parts == ()


@pytest.mark.parametrize("make", [furniture.table, furniture.bookshelf, furniture.plain_box])
def test_tables_shelves_and_boxes_have_no_doors(make: Callable[[], Manifold]) -> None:
    assert found(make(), "cabinet", 0.3, 6e-4) == {}


def test_only_fixed_things_that_open_are_looked_at() -> None:
    assert may_open("cabinet")
    assert may_open("oven")
    assert may_open("unknown")
    assert not may_open("table")
    assert not may_open("jar")
    assert found(furniture.two_doors(), "table") == {}


def test_what_is_smaller_than_a_drawer_is_not_looked_at() -> None:
    small = furniture.scanned(furniture.two_doors())
    assert find_parts(TriangleMesh(0.2 * small.vertices_m, small.faces), "cabinet").parts == ()


def upright_mesh(folder: Path, key: str, scale: float) -> TriangleMesh:
    """Return a scan's mesh Z up, on the floor, at true scale."""
    mesh = trimesh.load(folder / f"output/3D/{key}/{key}.glb", process=False, force="mesh")
    assert isinstance(mesh, trimesh.Trimesh)
    points = scale * np.asarray(mesh.vertices)[:, [0, 2, 1]] * [1, -1, 1]
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return TriangleMesh(points - [middle[0], middle[1], points[:, 2].min()], np.asarray(mesh.faces, dtype=np.int32))


def check_scan(folder: Path, expected: dict[str, list[str]], oversize: float) -> None:
    """Look at every object as a cabinet, small ones enlarged past the size at which things are looked at at all."""
    objects = json.loads((folder / "truth.json").read_text())["objects"]
    for key, entry in objects.items():
        mesh = upright_mesh(folder, key, entry["metres_per_canonical_unit"])
        names = [part.joint.child for part in find_parts(mesh, "cabinet").parts]
        assert names == expected.get(key, []), key
        if key not in expected:
            enlarged = TriangleMesh(oversize * mesh.vertices_m, mesh.faces)
            assert find_parts(enlarged, "unknown").parts == (), key


@pytest.mark.shared
@pytest.mark.parametrize(
    ("scan", "expected"),
    [("kitchen_cabinet", {"cabinet__(480, 585)": ["drawer_1", "door_1"]}), ("ycb_table", {})],
)
def test_of_the_shared_objects_only_the_cabinet_opens(
    shared_scans: Path, scan: str, expected: dict[str, list[str]]
) -> None:
    check_scan(shared_scans / scan, expected, oversize=6.0)


def test_of_the_sample_kitchen_only_the_cabinets_open(repository: Path) -> None:
    expected = {"cabinet__(274, 531)": ["drawer_1", "door_1"], "cabinet__(668, 531)": ["door_1", "door_2"]}
    check_scan(repository / "data/scans/kitchen", expected, oversize=6.0)


@pytest.mark.shared
def test_the_shared_cabinets_joints_without_its_prediction(shared_scans: Path) -> None:
    folder, key = shared_scans / "kitchen_cabinet", "cabinet__(480, 585)"
    truth = json.loads((folder / "truth.json").read_text())["objects"][key]
    mesh = upright_mesh(folder, key, truth["metres_per_canonical_unit"])
    drawer, door = find_parts(mesh, "cabinet").parts
    wanted = {entry["name"]: np.array(entry["axis"]["object"])[[0, 2, 1]] * [1, -1, 1] for entry in truth["joints"]}
    for part, name in ((drawer, "drawer"), (door, "door")):
        assert np.degrees(np.arccos(min(1.0, float(np.dot(part.joint.axis, wanted[name]))))) < 0.5
    # The hinge at the edge of the board's back.
    assert np.hypot(door.joint.origin_m[0] - 0.295, door.joint.origin_m[1] + 0.241) < 0.001
    assert 0.3 < drawer.joint.upper < 0.5
