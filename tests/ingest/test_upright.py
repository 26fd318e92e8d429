"""What should stand and leans for no reason is set upright; what lies, or leans on something, is left alone."""

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from blueprint.pipeline.formats.raw_scan import RawMesh, RawObject, RawSurface
from blueprint.pipeline.ingest.leveled import LeveledObject, level_object, level_vertices
from blueprint.pipeline.ingest.poses import RecoveredPose, as_placed
from blueprint.pipeline.ingest.room import RoomSurface
from blueprint.pipeline.ingest.upright import find_lean, leans_on, set_upright

# Scan axes are turned against the level ones, so that neither passes for the other.
R_LEVEL_SCAN = Rotation.from_euler("xyz", [80, 10, -20], degrees=True).as_matrix()
_Z_UP_FROM_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
BOX = trimesh.creation.box((0.2, 0.3, 0.1))
CAN = trimesh.creation.cylinder(0.035, 0.1).apply_transform(
    trimesh.transformations.rotation_matrix(np.pi / 2, (1, 0, 0))
)


def leaning(mesh: trimesh.Trimesh, turn_deg: tuple[float, float, float], *, canonical: bool = True) -> LeveledObject:
    """Return a Y-up mesh that is turned about the level axes and stands at (0.5, 1, 0)."""
    lean = Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix()
    rotation = R_LEVEL_SCAN.T @ lean @ _Z_UP_FROM_Y_UP
    foot = R_LEVEL_SCAN.T @ np.array([0.5, 1.0, 0.3])
    pose = RecoveredPose(rotation, 2.0, foot, "corresponding vertices", 0.0)
    vertices, faces = np.asarray(mesh.vertices), np.asarray(mesh.faces, dtype=np.int32)
    own = RawMesh("own.glb", (RawSurface(vertices, faces),))
    posed = RawMesh("posed.glb", (RawSurface(pose.apply(vertices), faces),))
    raw = RawObject("thing", "thing", posed, own if canonical else None)
    return level_object("thing", raw, pose if canonical else as_placed(), R_LEVEL_SCAN)


def points(entry: LeveledObject) -> np.ndarray:
    return level_vertices(entry.raw, entry.pose, R_LEVEL_SCAN)


@pytest.mark.parametrize("canonical", [True, False])
@pytest.mark.parametrize("turn", [(4.0, 0.0, 0.0), (0.0, -7.0, 30.0), (-2.0, 2.0, 100.0)])
def test_a_lean_on_a_flat_base_is_undone_about_its_foot(turn: tuple[float, float, float], canonical: bool) -> None:
    entry = leaning(BOX, turn, canonical=canonical)
    lean = find_lean(entry, points(entry), R_LEVEL_SCAN, stands=False)
    assert lean is not None
    pose = set_upright(entry, lean, R_LEVEL_SCAN)
    after = level_vertices(entry.raw, pose, R_LEVEL_SCAN)
    heights = np.sort(after[:, 2])
    assert heights[:4] == pytest.approx(np.full(4, heights[0]), abs=1e-9)
    assert heights[4:] - heights[0] == pytest.approx(np.full(4, 0.6), abs=1e-9)
    low = after[np.argsort(after[:, 2])[:4]].mean(axis=0)
    assert low == pytest.approx(lean.foot, abs=1e-9)
    assert f"it leaned by {np.degrees(lean.angle_rad):.1f} degrees" in pose.review


@pytest.mark.parametrize(
    ("mesh", "turn"),
    [(BOX, (0.5, 0.0, 0.0)), (BOX, (14.0, 0.0, 0.0)), (CAN, (87.0, 0.0, 0.0)), (CAN, (90.0, 4.0, 0.0)),
     (trimesh.creation.icosphere(radius=0.05), (5.0, 0.0, 0.0)), (BOX, (0.0, 0.0, 40.0))],
)  # fmt: skip
def test_noise_and_what_lies_or_has_no_base_are_left_alone(
    mesh: trimesh.Trimesh, turn: tuple[float, float, float]
) -> None:
    entry = leaning(mesh, turn)
    assert find_lean(entry, points(entry), R_LEVEL_SCAN, stands=False) is None


def test_a_small_foot_is_enough_for_what_usually_stands() -> None:
    lamp = trimesh.util.concatenate(
        [trimesh.creation.box(bounds=[[-0.04, -0.2, -0.04], [0.04, 0.0, 0.04]]), trimesh.creation.box((0.2, 0.05, 0.2))]
    )
    entry = leaning(lamp, (5.0, 0.0, 0.0))
    assert find_lean(entry, points(entry), R_LEVEL_SCAN, stands=False) is None
    assert find_lean(entry, points(entry), R_LEVEL_SCAN, stands=True) is not None


def test_a_mesh_with_an_oblique_base_does_not_lean() -> None:
    """Its own upward axis is upright: the slope is its shape."""
    wedge = trimesh.creation.box((0.2, 0.3, 0.1))
    wedge.vertices[:, 1] += np.where(wedge.vertices[:, 1] < 0, 0.1 * wedge.vertices[:, 0], 0.0)
    entry = leaning(wedge, (0.0, 0.0, 0.0))
    assert find_lean(entry, points(entry), R_LEVEL_SCAN, stands=True) is None


def test_what_leans_on_something_does_so_on_purpose() -> None:
    entry = leaning(BOX, (-6.0, 0.0, 0.0))
    book = points(entry)
    lean = find_lean(entry, book, R_LEVEL_SCAN, stands=False)
    assert lean is not None
    assert lean.up[1] > 0
    assert leans_on(lean, book, [], []) is None
    other = np.asarray(trimesh.creation.box((1.0, 0.2, 1.0)).vertices)
    behind = np.add(other, (0.5, book[:, 1].max() + 0.105, 0.3))
    before = np.add(other, (0.5, book[:, 1].min() - 0.105, 0.3))
    assert leans_on(lean, book, [("case", behind)], []) == "case"
    assert leans_on(lean, book, [("case", before)], []) is None
    assert leans_on(lean, book, [("low", np.subtract(behind, (0, 0, 0.9)))], []) is None
    axes = np.stack([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]], axis=1)
    wall = RoomSurface("wall", np.array([0, book[:, 1].max() + 0.01, 1.0]), axes, np.ones(2), 0.0, 0.0, 99, "made")
    assert leans_on(lean, book, [], [wall]) == "wall_1"
