"""Fit floor, walls and ceiling to what the scan shows of the room, in level axes and scan units.

Floor and ceiling are level and walls upright, because gravity is known better than any of them; how far a free fit
would tilt is reported. What a reconstruction closed behind the camera's back is no evidence: a plane of which the
photo shows nothing is dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.raw_scan import RawCamera, RawScan

from .gravity import fit_plane

Points = NDArray[np.float64]

TOLERANCE = 0.008
"""Half the thickness of a plane over the diagonal of the room's evidence."""
LEAST_SHARE = 0.04
"""A plane holds at least this share of the room's points."""
SAMPLES = 20_000

_MAX_WALLS = 6
_DRAWS = 300
_LEAST_POINTS = 60
_CELLS = 8
_LEAST_COVER = 0.4
_LEAST_WALL_HEIGHT = 0.3
_LEAST_CEILING = 1.2
_TRIM = 0.5


@dataclass(frozen=True, eq=False)
class RoomEvidence:
    """Points on the room's surfaces in level axes, shape (N, 3), how many of them the photo shows, and their origin."""

    points: Points
    seen: NDArray[np.bool_]
    source: str
    shift: float = 0.0

    @property
    def tolerance(self) -> float:
        """Half the thickness that a plane may have, in scan units."""
        return TOLERANCE * float(np.linalg.norm(np.ptp(self.points, axis=0)))


@dataclass(frozen=True, eq=False)
class RoomSurface:
    """A rectangle in level axes: centre, axes as columns (x along, y across, z into the room), half sizes, and its fit.

    `rms` is in scan units, `tilt_rad` is how far a free fit's normal is from the level or upright one.
    """

    kind: Literal["floor", "wall", "ceiling"]
    center: Points
    axes: Points
    half_size: Points
    rms: float
    tilt_rad: float
    count: int
    source: str


def room_evidence(
    raw: RawScan, R_level_scan: Points, floor_height: float, rng: np.random.Generator
) -> RoomEvidence | None:
    """Gather what a scan shows of its room; None where it shows nothing."""
    clouds = [cloud.points @ R_level_scan.T for cloud in raw.room_clouds]
    sources = [cloud.file for cloud in raw.room_clouds]
    shift = 0.0
    if raw.background is not None:
        background = _sampled(raw.background.vertices(), raw.background.faces(), rng) @ R_level_scan.T
        if raw.background_slides:
            background, shift = _slid(background, R_level_scan @ raw.T_scan_camera[:3, 1], floor_height)
        clouds, sources = [*clouds, background], [*sources, raw.background.file]
    if not clouds and raw.floor_points is not None:
        clouds, sources = [raw.floor_points @ R_level_scan.T], ["the fitted floor plane"]
    points = np.concatenate(clouds) if clouds else np.empty((0, 3))
    if len(points) < _LEAST_POINTS:
        return None
    camera = raw.camera
    seen = np.ones(len(points), dtype=bool) if camera is None else _in_view(points, camera, R_level_scan)
    return RoomEvidence(points, seen, " and ".join(sources), shift)


def fit_room(
    evidence: RoomEvidence, floor_height: float, camera: Points, tops: float, rng: np.random.Generator
) -> tuple[RoomSurface, ...]:
    """Return the room's surfaces: floor, ceiling, then walls by size; `tops` is the height of the highest object."""
    points, tolerance = evidence.points, evidence.tolerance
    on_floor = np.abs(points[:, 2] - floor_height) <= tolerance
    found: list[RoomSurface] = []
    if _enough(evidence, on_floor):
        found.append(_level_surface("floor", evidence, on_floor))
    reach = max(float(camera[2]), tops) - floor_height
    above = points[:, 2] > floor_height + max(reach, 0.0)
    on_ceiling = _densest_level(points, above, tolerance)
    high = on_ceiling.any() and points[on_ceiling, 2].mean() - floor_height > _LEAST_CEILING * max(reach, 0.0)
    if high and _enough(evidence, on_ceiling):
        found.append(_level_surface("ceiling", evidence, on_ceiling))
    else:
        on_ceiling = np.zeros(len(points), dtype=bool)
    rest = ~on_floor & ~on_ceiling & (points[:, 2] > floor_height)
    walls = list(_walls(evidence, rest, floor_height, camera, rng))
    walls.sort(key=lambda wall: -float(np.prod(wall.half_size)))
    return (*found, *walls)


def _walls(
    evidence: RoomEvidence, rest: NDArray[np.bool_], floor: float, camera: Points, rng: np.random.Generator
) -> Iterator[RoomSurface]:
    """Take away one upright plane after the other until none holds enough points."""
    left, least_height = rest.copy(), _LEAST_WALL_HEIGHT * max(float(camera[2]) - floor, 0.0)
    for _ in range(_MAX_WALLS):
        members = _best_line(evidence.points, np.flatnonzero(left), evidence.tolerance, rng)
        if members.sum() < max(_LEAST_POINTS, LEAST_SHARE * len(evidence.points)):
            return
        left &= ~members
        wall = _wall_surface(evidence, members, floor, camera)
        if 2 * wall.half_size[1] >= least_height and _enough(evidence, members) and _covers(evidence, wall, members):
            yield wall


def _best_line(
    points: Points, candidates: NDArray[np.intp], tolerance: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return the points near the upright plane that most candidates are near to: random pairs, then least squares."""
    members = np.zeros(len(points), dtype=bool)
    if len(candidates) < _LEAST_POINTS:
        return members
    flat = points[candidates, :2]
    pairs = flat[rng.integers(0, len(flat), (_DRAWS, 2))]
    along = pairs[:, 1] - pairs[:, 0]
    length = np.linalg.norm(along, axis=1)
    apart = length > 4 * tolerance
    if not apart.any():
        return members
    normals = np.stack([-along[apart, 1], along[apart, 0]], axis=1) / length[apart, None]
    offsets = np.einsum("ij,ij->i", normals, pairs[apart, 0])
    thinned = flat[np.linspace(0, len(flat) - 1, min(len(flat), 4000)).astype(int)]
    best = int((np.abs(thinned @ normals.T - offsets) <= tolerance).sum(axis=0).argmax())
    near = np.abs(flat @ normals[best] - offsets[best]) <= tolerance
    for _ in range(2):
        if near.sum() < 3:
            break
        normal, offset = _line_through(flat[near])
        near = np.abs(flat @ normal - offset) <= tolerance
    members[candidates[near]] = True
    return members


def _line_through(flat: Points) -> tuple[Points, float]:
    middle = flat.mean(axis=0)
    normal = np.linalg.svd(flat - middle, full_matrices=False)[2][1]
    return normal, float(normal @ middle)


def _wall_surface(evidence: RoomEvidence, members: NDArray[np.bool_], floor: float, camera: Points) -> RoomSurface:
    points = evidence.points[members]
    flat, offset = _line_through(points[:, :2])
    # The room is where the camera was.
    sign = 1.0 if flat @ camera[:2] >= offset else -1.0
    normal = np.array([*(sign * flat), 0.0])
    axes = np.stack([np.cross([0.0, 0.0, 1.0], normal), [0.0, 0.0, 1.0], normal], axis=1)
    low, high = _extent(points @ axes)
    # Nobody builds a wall that ends above the floor: furniture hides its foot.
    low[1] = floor
    return _surface("wall", evidence, points, axes, low, high, sign * offset)


def _level_surface(
    kind: Literal["floor", "ceiling"], evidence: RoomEvidence, members: NDArray[np.bool_]
) -> RoomSurface:
    points = evidence.points[members]
    axes = np.diag([1.0, 1.0, 1.0]) if kind == "floor" else np.diag([1.0, -1.0, -1.0])
    low, high = _extent(points @ axes)
    return _surface(kind, evidence, points, axes, low, high, float(np.median(points @ axes[:, 2])))


def _surface(
    kind: Literal["floor", "wall", "ceiling"],
    evidence: RoomEvidence,
    points: Points,
    axes: Points,
    low: Points,
    high: Points,
    offset: float,
) -> RoomSurface:
    middle = (low + high) / 2
    center = axes @ np.array([middle[0], middle[1], offset])
    gaps = points @ axes[:, 2] - offset
    free = fit_plane(points, axes[:, 2]).normal
    tilt = float(np.arccos(np.clip(free @ axes[:, 2], -1.0, 1.0)))
    rms = float(np.sqrt(np.mean(gaps**2)))
    return RoomSurface(kind, center, axes, (high - low)[:2] / 2, rms, tilt, len(points), evidence.source)


def _extent(local: Points) -> tuple[Points, Points]:
    """Return the corners of points without the outermost half percent on each side, which is mostly noise."""
    low, high = np.percentile(local, [_TRIM, 100 - _TRIM], axis=0)
    return low, high


def _enough(evidence: RoomEvidence, members: NDArray[np.bool_]) -> bool:
    """Whether a plane holds its share of the points, and the photo shows some of it."""
    least = max(_LEAST_POINTS, LEAST_SHARE * len(evidence.points))
    return bool(members.sum() >= least and evidence.seen[members].sum() >= _LEAST_POINTS)


def _covers(evidence: RoomEvidence, wall: RoomSurface, members: NDArray[np.bool_]) -> bool:
    """Whether a wall's points fill its rectangle, rather than crossing it in a line."""
    local = (evidence.points[members] - wall.center) @ wall.axes[:, :2]
    cells = np.clip(((local / wall.half_size + 1) / 2 * _CELLS).astype(int), 0, _CELLS - 1)
    return len(np.unique(cells[:, 0] * _CELLS + cells[:, 1])) >= _LEAST_COVER * _CELLS**2


def _densest_level(points: Points, above: NDArray[np.bool_], tolerance: float) -> NDArray[np.bool_]:
    """Return the points of the fullest level layer among those marked."""
    if not above.any():
        return above
    heights = points[:, 2]
    edges = np.arange(heights[above].min(), heights[above].max() + 2 * tolerance, tolerance)
    counts, _ = np.histogram(heights[above], edges)
    middle = edges[int(counts.argmax())] + tolerance / 2
    return above & (np.abs(heights - middle) <= tolerance)


def _sampled(vertices: Points, faces: NDArray[np.int32], rng: np.random.Generator) -> Points:
    """Draw points evenly over a mesh's area, shape (SAMPLES, 3)."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    if not areas.sum() > 0:
        return np.empty((0, 3))
    chosen = rng.choice(len(faces), SAMPLES, p=areas / areas.sum())
    u, v = rng.random((2, SAMPLES, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    return a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]


def _slid(points: Points, camera_up: Points, floor_height: float) -> tuple[Points, float]:
    """Move a background along the camera's upward axis until its lowest full layer is the floor."""
    if not len(points):
        return points, 0.0
    tolerance = TOLERANCE * float(np.linalg.norm(np.ptp(points, axis=0)))
    low = points[:, 2] < np.percentile(points[:, 2], 60)
    layer = _densest_level(points, low, tolerance)
    gap = floor_height - float(np.median(points[layer, 2]))
    if abs(gap) <= tolerance or camera_up[2] < _LEAST_WALL_HEIGHT:
        return points, 0.0
    return points + gap / camera_up[2] * camera_up, gap


def _in_view(points: Points, camera: RawCamera, R_level_scan: Points) -> NDArray[np.bool_]:
    """Return which points lie in the photo's frame; what stands before them does not matter here."""
    T = camera.T_scan_camera
    local = (points @ R_level_scan - T[:3, 3]) @ T[:3, :3]
    depth = -local[:, 2]
    front = depth > 0
    pixels = camera.focal_px * local[:, :2] / np.where(front, depth, 1.0)[:, None]
    return front & (np.abs(pixels) <= np.array([camera.width_px, camera.height_px]) / 2).all(axis=1)


def ceiling_height(surfaces: Sequence[RoomSurface]) -> float | None:
    """Return the distance from floor to ceiling in scan units, where the scan shows both."""
    heights = {surface.kind: float(surface.center[2]) for surface in surfaces if surface.kind != "wall"}
    return heights["ceiling"] - heights["floor"] if {"ceiling", "floor"} <= set(heights) else None
