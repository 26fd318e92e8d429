"""Planes are found in what the scan shows of the room, and in nothing else."""

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from blueprint.pipeline.formats.raw_scan import RawCamera, RawCloud, RawMesh, RawScan, RawSurface
from blueprint.pipeline.ingest.room import (
    RoomEvidence,
    RoomSurface,
    ceiling_height,
    fit_room,
    room_evidence,
)

CAMERA = np.array([0.0, 0.0, 1.5])
NOISE = 0.004


def sheet(random: np.random.Generator, low: tuple, high: tuple, count: int = 3000) -> np.ndarray:
    """Return noisy points of an axis-aligned rectangle."""
    return random.uniform(low, high, (count, 3)) + NOISE * random.standard_normal((count, 3))


def room(seed: int = 0, *, ceiling: bool = True, clutter: int = 300, tilt_deg: float = 0.0) -> np.ndarray:
    """Return points of a floor, a back wall at y = 3, a left wall at x = -2, clutter, and perhaps a ceiling."""
    random = np.random.default_rng(seed)
    back = sheet(random, (-2, 3, 0), (2, 3, 2.5))
    back = (back - [0, 3, 1.25]) @ Rotation.from_euler("x", tilt_deg, degrees=True).as_matrix().T + [0, 3, 1.25]
    parts = [
        sheet(random, (-2, 0, 0), (2, 3, 0)),
        back,
        sheet(random, (-2, 0, 0), (-2, 3, 2.5), 2000),
        random.uniform((-2, 0, 0), (2, 3, 2.5), (clutter, 3)),
    ]
    return np.concatenate([*parts, *([sheet(random, (-2, 0, 2.5), (2, 3, 2.5))] if ceiling else [])])


def fitted(points: np.ndarray, seen: np.ndarray | None = None, tops: float = 0.9) -> dict[str, list[RoomSurface]]:
    """Return the surfaces by kind."""
    evidence = RoomEvidence(points, np.ones(len(points), bool) if seen is None else seen, "cloud.ply")
    found: dict[str, list[RoomSurface]] = {}
    for surface in fit_room(evidence, 0.0, CAMERA, tops, np.random.default_rng(1)):
        found.setdefault(surface.kind, []).append(surface)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_floor_ceiling_and_walls_of_a_noisy_room(seed: int) -> None:
    found = fitted(room(seed))
    assert {kind: len(surfaces) for kind, surfaces in found.items()} == {"floor": 1, "ceiling": 1, "wall": 2}
    back, left = found["wall"]
    assert back.center == pytest.approx([0, 3, 1.25], abs=0.05)
    assert back.axes[:, 2] == pytest.approx([0, -1, 0], abs=0.01)
    assert left.axes[:, 2] == pytest.approx([1, 0, 0], abs=0.01)
    assert back.half_size == pytest.approx([2.0, 1.25], abs=0.05)
    for surface in (*found["wall"], *found["floor"], *found["ceiling"]):
        assert surface.axes @ surface.axes.T == pytest.approx(np.eye(3), abs=1e-9)
        assert np.linalg.det(surface.axes) == pytest.approx(1.0)
        assert surface.rms < 4 * NOISE
    assert found["floor"][0].axes[:, 2] == pytest.approx([0, 0, 1])
    assert found["ceiling"][0].axes[:, 2] == pytest.approx([0, 0, -1])
    assert ceiling_height([*found["floor"], *found["ceiling"]]) == pytest.approx(2.5, abs=0.01)


def test_the_same_points_give_the_same_room() -> None:
    first, second = fitted(room()), fitted(room())
    assert all((a.center == b.center).all() for a, b in zip(first["wall"], second["wall"], strict=True))


def test_a_walls_tilt_is_reported_and_the_wall_stays_upright() -> None:
    back = fitted(room(tilt_deg=1.0))["wall"][0]
    assert back.axes[2, 2] == 0.0
    assert np.degrees(back.tilt_rad) == pytest.approx(1.0, abs=0.15)


def test_clutter_is_no_wall() -> None:
    random = np.random.default_rng(5)
    points = np.concatenate([sheet(random, (-2, 0, 0), (2, 3, 0)), random.uniform((-2, 0, 0), (2, 3, 2), (3000, 3))])
    assert set(fitted(points)) == {"floor"}


def test_a_rail_across_the_room_is_no_wall() -> None:
    random = np.random.default_rng(7)
    along = random.uniform(0, 1, (1500, 1))
    rail = [-1.5, 1.5, 0.3] + along * [3.0, 0.0, 1.8] + NOISE * random.standard_normal((1500, 3))
    walls = fitted(np.concatenate([room(), rail]))["wall"]
    assert [wall.center[1] for wall in walls if abs(wall.axes[1, 2]) > 0.9] == pytest.approx([3.0], abs=0.05)


def test_what_a_scan_imagines_below_the_floor_does_not_bend_it() -> None:
    sunk = np.random.default_rng(8).uniform((-2, 0, -0.6), (2, 3, -0.2), (1500, 3))
    (floor,) = fitted(np.concatenate([room(), sunk]))["floor"]
    assert floor.center[2] == pytest.approx(0.0, abs=NOISE)
    assert floor.rms < 4 * NOISE


def test_a_plane_of_which_the_photo_shows_nothing_is_dropped() -> None:
    points = room()
    found = fitted(points, seen=(points[:, 1] > 2.5) & (points[:, 2] < 2.3))
    assert "ceiling" not in found
    assert [wall.axes[1, 2] for wall in found["wall"]] == pytest.approx([-1.0, 0.0], abs=0.02)
    assert ceiling_height(found["floor"]) is None


def test_a_table_top_is_no_ceiling() -> None:
    random = np.random.default_rng(2)
    shelf = sheet(random, (-1, 1, 1.6), (1, 2, 1.6))
    assert "ceiling" not in fitted(np.concatenate([room(ceiling=False), shelf]))


def raw_scan(background: np.ndarray | None, **changes: object) -> RawScan:
    """Return a scan in a level camera's frame, 1.5 m above the floor, with a box without a lid as its background."""
    surfaces = ()
    if background is not None:
        shell = trimesh.creation.box(bounds=[[-2, -1.5, -4], [2, 1.0, 1.5]]).subdivide().subdivide()
        lid = np.asarray(shell.triangles_center)[:, 1] > 0.99
        faces = np.asarray(shell.faces, dtype=np.int32)[~lid]
        surfaces = (RawSurface(np.asarray(shell.vertices) + background, faces),)
    fields: dict[str, object] = {
        "format": "regen3d",
        "objects": (),
        "failures": (),
        "T_scan_camera": np.eye(4),
        "camera": RawCamera(np.eye(4), 700.0, 1000, 750),
        "background": RawMesh("shell.glb", surfaces) if surfaces else None,
        "background_slides": True,
        **changes,
    }
    return RawScan(**fields)  # type: ignore[arg-type]


R_LEVEL = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])


@pytest.mark.parametrize("slide", [0.0, 0.4, -0.3])
def test_a_background_that_slid_is_brought_back_to_the_floor(slide: float) -> None:
    raw = raw_scan(np.array([0.0, slide, 0.0]))
    evidence = room_evidence(raw, R_LEVEL, -1.5, np.random.default_rng(0))
    assert evidence is not None
    assert evidence.shift == pytest.approx(-slide, abs=1e-6)
    surfaces = fit_room(evidence, -1.5, np.zeros(3), -0.6, np.random.default_rng(0))
    kinds = [surface.kind for surface in surfaces]
    # What closes the shell beside and behind the camera is in no photo.
    assert kinds.count("wall") >= 1
    back = next(surface for surface in surfaces if surface.kind == "wall" and surface.axes[1, 2] < -0.9)
    assert back.center[1] == pytest.approx(4.0, abs=0.03)
    assert not any(surface.axes[1, 2] > 0.9 for surface in surfaces)


def test_clouds_of_the_room_are_evidence_and_too_few_points_are_none() -> None:
    points = room(ceiling=False) @ R_LEVEL
    raw = raw_scan(None, room_clouds=(RawCloud("wall.ply", "wall", points),), camera=None)
    evidence = room_evidence(raw, R_LEVEL, 0.0, np.random.default_rng(0))
    assert evidence is not None
    assert evidence.source == "wall.ply"
    assert evidence.points == pytest.approx(room(ceiling=False))
    few = raw_scan(None, room_clouds=(RawCloud("wall.ply", "wall", points[:20]),))
    assert room_evidence(few, R_LEVEL, 0.0, np.random.default_rng(0)) is None
    assert room_evidence(raw_scan(None), R_LEVEL, 0.0, np.random.default_rng(0)) is None
