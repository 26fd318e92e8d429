"""The support graph of things whose relations are plain to see."""

from collections.abc import Sequence

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.contacts import Solid, find_relations
from blueprint.pipeline.scene.poses import Pose, quat_from_rotation
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.relations import ROOM, Relation, bottom_up, hung, supported_by
from blueprint.pipeline.scene.rooms import RoomPlane


def solid(name: str, mesh: trimesh.Trimesh, at_m: Sequence[float] = (0, 0, 0), yaw_rad: float = 0.0) -> Solid:
    """Return a mesh turned about Z and moved."""
    return Solid(
        name,
        Pose.from_yaw(at_m, yaw_rad).apply(np.asarray(mesh.vertices)),
        np.asarray(mesh.faces, dtype=np.int32),
        yaw_rad,
    )


def box(name: str, size_m: Sequence[float], at_m: Sequence[float], yaw_rad: float = 0.0) -> Solid:
    """Return a box that stands with the middle of its base at a place."""
    x, y, z = size_m
    return solid(name, trimesh.creation.box(bounds=[[-x / 2, -y / 2, 0], [x / 2, y / 2, z]]), at_m, yaw_rad)


def vessel(name: str, radius_m: float, height_m: float, at_m: Sequence[float]) -> Solid:
    """Return an open round vessel with a thick bottom."""
    inner, foot = radius_m - 0.006, 0.008
    profile = np.array(
        [[0, 0], [radius_m * 0.6, 0], [radius_m, height_m], [inner, height_m], [radius_m * 0.55, foot], [0, foot]]
    )
    return solid(name, trimesh.creation.revolve(profile, sections=48), at_m)


def wall(y_m: float) -> RoomPlane:
    """Return a wall across the y axis that looks back to the origin."""
    axes = np.stack([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]], axis=1)
    T = Pose((0.0, y_m, 1.2), quat_from_rotation(axes))
    return RoomPlane("wall_1", "wall", T, (2.0, 1.2), Appearance(), 0.002, 500, "made")


def edges(relations: Sequence[Relation]) -> set[tuple[str, str, str]]:
    """Return kind, subject and object of each relation."""
    return {(entry.kind, entry.subject, entry.object) for entry in relations}


def table() -> Solid:
    """Return a table with four legs, its top at 0.75 m."""
    top = trimesh.creation.box(bounds=[[-0.6, -0.4, 0.71], [0.6, 0.4, 0.75]])
    corners = [(x, y) for x in (-0.6, 0.55) for y in (-0.4, 0.35)]
    legs = [trimesh.creation.box(bounds=[[x, y, 0], [x + 0.05, y + 0.05, 0.71]]) for x, y in corners]
    return solid("table", trimesh.util.concatenate([top, *legs]))


@given(st.floats(-0.004, 0.008), st.floats(-np.pi, np.pi))
def test_a_stack_of_three_boxes(gap_m: float, yaw_rad: float) -> None:
    low = box("low", (0.3, 0.2, 0.1), (0.1, 0.1, 0.75), yaw_rad)
    middle = box("middle", (0.2, 0.15, 0.08), (0.12, 0.1, 0.85 + gap_m))
    high = box("high", (0.1, 0.1, 0.05), (0.1, 0.1, 0.93 + 2 * gap_m), -yaw_rad)
    found = find_relations([high, middle, low, table()])
    assert edges(found) == {
        ("on", "table", ROOM),
        ("on", "low", "table"),
        ("on", "middle", "low"),
        ("on", "high", "middle"),
    }
    held = supported_by(found, "middle")
    assert held is not None
    assert held.gap_m == pytest.approx(gap_m, abs=1e-6)
    assert bottom_up(found, ["high", "middle", "low", "table"]) == ("table", "low", "middle", "high")


def test_a_cup_in_a_bowl_and_a_bowl_beside_it() -> None:
    bowl, other = vessel("bowl", 0.12, 0.09, (0.2, 0, 0.75)), vessel("other", 0.1, 0.07, (-0.2, 0, 0.75))
    cup = vessel("cup", 0.04, 0.1, (0.2, 0.005, 0.7585))
    found = find_relations([bowl, cup, other, table()])
    assert ("in", "cup", "bowl") in edges(found)
    assert {("on", "bowl", "table"), ("on", "other", "table")} <= edges(found)
    assert not {entry for entry in edges(found) if entry[2] == "cup"}


def test_a_cup_on_a_plate_is_not_in_it() -> None:
    plate, cup = vessel("plate", 0.12, 0.015, (0, 0, 0.75)), vessel("cup", 0.04, 0.1, (0, 0, 0.758))
    assert ("on", "cup", "plate") in edges(find_relations([plate, cup, table()]))


def carpentry(name: str, boards: Sequence[tuple[Sequence[float], Sequence[float]]], *place: object) -> Solid:
    """Return boards, each given by its size and the middle of its base, as one thing."""
    made = [box("", size_m, at_m) for size_m, at_m in boards]
    meshes = [trimesh.Trimesh(board.vertices_m, board.faces, process=False) for board in made]
    return solid(name, trimesh.util.concatenate(meshes), *place)  # type: ignore[arg-type]


def test_a_thing_in_an_open_drawer() -> None:
    sides = [((0.4, 0.01, 0.15), (0, y, 0)) for y in (0.17, -0.17)] + [
        ((0.01, 0.35, 0.15), (x, 0, 0)) for x in (0.195, -0.195)
    ]
    chest = carpentry("chest", [((0.4, 0.35, 0.01), (0, 0, 0)), *sides], (0, 0, 0.4), 0.5)
    spoon = box("spoon", (0.16, 0.03, 0.02), (0.02, 0.03, 0.411), 0.9)
    assert ("in", "spoon", "chest") in edges(find_relations([spoon, chest]))


def test_a_book_on_an_open_shelf_is_in_the_bookcase() -> None:
    shelves = [((0.8, 0.3, 0.02), (0, 0, z)) for z in (0.1, 0.45, 0.8)]
    sides = [((0.02, 0.3, 0.8), (x, 0, 0.02)) for x in (-0.4, 0.4)]
    case = carpentry("bookcase", [*shelves, *sides, ((0.8, 0.02, 0.8), (0, 0.15, 0.02))])
    book = box("book", (0.04, 0.18, 0.24), (0.1, 0.0, 0.47))
    assert ("in", "book", "bookcase") in edges(find_relations([book, case]))


def test_a_book_against_a_wall_stands_on_the_table() -> None:
    book = box("book", (0.15, 0.03, 0.2), (0.0, 0.365, 0.75))
    found = find_relations([book, table()], [wall(0.4)])
    assert {("on", "book", "table"), ("against", "book", ROOM), ("against", "table", ROOM)} <= edges(found)
    leaning = next(entry for entry in found if entry.kind == "against" and entry.subject == "book")
    assert (leaning.part, leaning.gap_m) == ("wall_1", pytest.approx(0.02))
    assert leaning.share == pytest.approx(1.0)
    assert hung(found, "book") is None


def test_a_wall_cupboard_hangs() -> None:
    cupboard = box("cupboard", (0.8, 0.35, 0.7), (0.0, 0.62, 1.4))
    found = find_relations([cupboard, table()], [wall(0.8)])
    held = hung(found, "cupboard")
    assert held is not None
    assert (held.part, supported_by(found, "cupboard")) == ("wall_1", None)
    assert hung(found, "table") is None


def test_furniture_side_by_side_and_far_from_walls() -> None:
    left, right = box("left", (0.6, 0.6, 0.9), (0.0, 0, 0), 0.3), box("right", (0.6, 0.6, 0.8), (0.58, 0.19, 0), 0.3)
    found = find_relations([left, right], [wall(3.0)])
    assert {entry for entry in edges(found) if entry[0] == "against"} == {("against", "right", "left")}


def test_a_top_on_two_cabinets_has_both() -> None:
    cabinets = [box("a", (0.6, 0.6, 0.86), (-0.35, 0, 0)), box("b", (0.6, 0.6, 0.8596), (0.35, 0, 0))]
    top = box("top", (1.4, 0.65, 0.04), (0, 0, 0.86))
    found = find_relations([*cabinets, top])
    assert {entry.object for entry in found if entry.subject == "top"} == {"a", "b"}


def test_what_floats_is_carried_by_nothing() -> None:
    found = find_relations([box("balloon", (0.2, 0.2, 0.2), (0, 0, 1.2)), table()])
    assert supported_by(found, "balloon") is None
    assert hung(found, "balloon") is None


def test_a_thing_under_a_table_stands_on_the_floor() -> None:
    found = find_relations([box("bin", (0.3, 0.3, 0.4), (0, 0, 0.0)), table()])
    assert edges(found) == {("on", "bin", ROOM), ("on", "table", ROOM)}


def test_a_hand_made_circle_is_taken_as_it_comes() -> None:
    circle = [Relation("on", "a", "b", 0.0, 1.0), Relation("on", "b", "a", 0.0, 1.0)]
    assert bottom_up(circle, ["a", "b", "c"]) == ("c", "a", "b")


def test_what_lies_on_a_board_is_not_on_the_table_under_the_board() -> None:
    board, tray = box("board", (0.2, 0.3, 0.02), (0, 0, 0.75)), box("tray", (0.36, 0.2, 0.05), (0.06, 0, 0.77))
    assert {entry.object for entry in find_relations([tray, board, table()]) if entry.subject == "tray"} == {"board"}


def test_an_edge_over_the_next_table_is_not_carried_by_it() -> None:
    left, right = box("left", (0.6, 0.6, 0.7), (-0.3, 0, 0)), box("right", (0.6, 0.6, 0.7), (0.302, 0, 0))
    crate = box("crate", (0.4, 0.3, 0.2), (-0.193, 0, 0.7))
    assert {entry.object for entry in find_relations([crate, left, right]) if entry.subject == "crate"} == {"left"}


def test_a_pen_in_a_mug_is_not_beside_it_as_well() -> None:
    profile = np.array([[0, 0], [0.05, 0], [0.05, 0.1], [0.046, 0.1], [0.046, 0.008], [0, 0.008]])
    mug = solid("mug", trimesh.creation.revolve(profile, sections=48), (0, 0, 0.75))
    found = find_relations([mug, box("pen", (0.008, 0.008, 0.14), (0.0405, 0, 0.758)), table()])
    assert {entry for entry in edges(found) if "pen" in entry} == {("in", "pen", "mug")}


def test_of_two_carriers_the_nearer_one_counts() -> None:
    far, near = Relation("on", "a", "b", -0.004, 0.9), Relation("on", "a", "c", 0.001, 0.1)
    assert supported_by([far, near], "a") is near
