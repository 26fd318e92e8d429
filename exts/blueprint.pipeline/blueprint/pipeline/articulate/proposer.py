"""Find doors, drawers, lids and knobs by shape alone: boards set apart by gaps, and handles on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.categories import UNKNOWN, load_categories
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.props import Joint, Role

from .depth_map import DepthMap, depth_map_of
from .fronts import Front, Panel, Rectangle, facing, front_towards, sides_of, straightened
from .handles import Handle, find_handles
from .lids import Lid, find_lid
from .motion import Motion, door_motion, drawer_motion, knob_motion, lid_motion
from .moving_parts import Kind, MovingPart, joint_name, numbered
from .panels import Board, find_boards

_SMALLEST_THING_M = 0.15
_LEAST_SILHOUETTE = 0.8
"""A cabinet fills the rectangle around its front; a table or a chair does not."""
_RECESSED_M = 0.025
_BOARD_M = (0.004, 0.06)
_USUAL_BOARD_M = 0.018
_LEAST_SHARE = 0.02
_LEAST_SHARE_WITHOUT_HANDLE = 0.06
_DROPPED_DOORS = frozenset({"oven", "dishwasher"})
"""Their doors are hinged below."""
_KNOBBED = frozenset({"oven", "microwave", "washing_machine", "dishwasher"})
_LOW_STRIP_M = 0.2


@dataclass(frozen=True, eq=False)
class Finding:
    """The parts that were found, in reading order, and what a person should know about the rest."""

    parts: tuple[MovingPart, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Candidate:
    board: Board
    handles: tuple[Handle, ...]


def may_open(category: str) -> bool:
    """Say whether things of a category can have doors, drawers or lids that shape shows: fixed things that open."""
    known = load_categories().of(category)
    return category == UNKNOWN or (known.role is Role.FURNITURE and "openable" in known.affordances)


def find_parts(mesh: TriangleMesh, category: str) -> Finding:
    """Return the moving parts of a mesh in its prop's frame (Z up, metres), or nothing where shape shows none.

    A thing of unknown category must show a handle.
    """
    if min(np.ptp(mesh.vertices_m, axis=0)) < _SMALLEST_THING_M:
        return Finding()
    sides = sides_of(mesh)
    depths = [depth_map_of(mesh, side) for side in sides]
    opened = [_opening(depth, category) for depth in depths]
    best = max(range(4), key=lambda number: sum(each.board.rectangle.area_m2 for each in opened[number]))
    finding = _front_parts(mesh, sides[best], opened[best], category)
    if finding.parts or not may_open(category) or category == UNKNOWN:
        return _other_fronts(finding, opened, best)
    lid = find_lid(depths) if _fills(depths[0]) else None
    return finding if lid is None else _lid_part(mesh, depths, lid)


def _other_fronts(finding: Finding, opened: Sequence[Sequence[_Candidate]], best: int) -> Finding:
    others = sum(len(each) for number, each in enumerate(opened) if number != best)
    if not finding.parts or not others:
        return finding
    remark = f"{others} boards on other sides look as if they opened too; only the best side is used"
    return replace(finding, remarks=(*finding.remarks, remark))


def _fills(depth: DepthMap) -> bool:
    seen = np.isfinite(depth.height_m)
    return float(seen[1:-1, 1:-1].mean()) >= _LEAST_SILHOUETTE


def _opening(depth: DepthMap, category: str) -> list[_Candidate]:
    """Return the boards of one side that can move, each with what stands out of it."""
    if not _fills(depth) or not may_open(category):
        return []
    boards = find_boards(depth)
    whole = float(np.isfinite(depth.height_m).sum()) * depth.pixel_m**2
    foremost = max((each.face_m for each in boards if each.rectangle.area_m2 > 0.03 * whole), default=0.0)
    level = [each for each in boards if foremost - each.face_m < _RECESSED_M]
    candidates = [_Candidate(board, tuple(find_handles(depth, board))) for board in level]
    apart = [each for each in candidates if _set_apart(each) and each.board.rectangle.area_m2 > _LEAST_SHARE * whole]
    outer = [each for each in apart if not _inside_another(each, apart)]
    held = [each for each in outer if each.handles]
    if held or category == UNKNOWN:
        return held
    return [each for each in outer if each.board.rectangle.area_m2 > _LEAST_SHARE_WITHOUT_HANDLE * whole]


def _set_apart(candidate: _Candidate) -> bool:
    """Say whether gaps show that a board is not one with the carcass: on three sides, or on one when it has a grip."""
    sides = candidate.board.sides
    if sum(side.kind == "rise" for side in sides) >= 2:
        return False
    if candidate.board.cut_off_sides() >= 3:
        return True
    return candidate.board.grooves() >= 1 and any(not handle.knob for handle in candidate.handles)


def _inside_another(candidate: _Candidate, among: Sequence[_Candidate]) -> bool:
    """Say whether a board is the field of a framed door, or, for the larger one, only the frame around doors."""
    mine = candidate.board.rectangle
    for other in among:
        if other is candidate:
            continue
        theirs = other.board.rectangle
        if theirs.holds(mine) and theirs.area_m2 > mine.area_m2 and not candidate.handles:
            return True
        if mine.holds(theirs) and mine.area_m2 > theirs.area_m2 and other.handles:
            return True
    return False


def _front_parts(mesh: TriangleMesh, side: Front, first: Sequence[_Candidate], category: str) -> Finding:
    if not first:
        return Finding()
    # Look again from exactly in front: the boards' own planes tell where that is.
    weights = np.array([each.board.rectangle.area_m2 for each in first])
    slope = np.average([each.board.plane[:2] for each in first], axis=0, weights=weights)
    front = straightened(facing(side, side.world(np.array([-slope[0], -slope[1], 1.0]))), mesh)
    depth = depth_map_of(mesh, front, through=True)
    made = [part for each in _opening(depth, category) for part in _parts_of(mesh, depth, each, category)]
    knobs = _knobs(depth, [part.panel.rectangle for part, _ in made if part.panel], category)
    remarks = tuple(remark for _, remark in made if remark)
    return Finding(_named([*(part for part, _ in made), *knobs]), remarks)


def _parts_of(
    mesh: TriangleMesh, depth: DepthMap, candidate: _Candidate, category: str
) -> list[tuple[MovingPart, str]]:
    knobs = [handle for handle in candidate.handles if handle.knob]
    if len(knobs) >= 3 or (knobs and category in _KNOBBED and candidate.board.rectangle.height_m < _LOW_STRIP_M):
        return []
    panel = _panel(depth, candidate.board)
    reach_m = panel.back_m - float(depth.front.local(mesh.vertices_m)[:, 2].min())
    handle = candidate.handles[0] if candidate.handles else None
    across = depth.front.local(mesh.vertices_m)[:, 0]
    middle = float(across.min() + across.max()) / 2
    if _is_drawer(panel, handle, category):
        motion = drawer_motion(panel, handle, reach_m)
    else:
        motion = door_motion(panel, handle, middle, candidate.board.sides, below=category in _DROPPED_DOORS)
    sure = min(0.95, motion.confidence + 0.05 * (candidate.board.cut_off_sides() - 2))
    why = f"{_apart_sentence(panel, candidate.board)}; {motion.why}"
    return [(_part(motion, panel, sure, why), motion.remark)]


def _is_drawer(panel: Panel, handle: Handle | None, category: str) -> bool:
    """Decide between drawer and door: by aspect, by where the handle sits and how it lies, and by height."""
    if category in _DROPPED_DOORS:
        return False
    wide, tall = panel.rectangle.width_m, panel.rectangle.height_m
    votes = 1.0 if wide > 1.6 * tall else -1.0 if tall > wide else 0.0
    votes -= 1.0 if tall > 0.45 else 0.0
    if handle is not None:
        off = abs(handle.rectangle.centre[0] - panel.rectangle.centre[0]) / wide
        votes += 1.0 if off < 0.2 else -1.5
        votes += 0.5 if handle.lying else -1.0 if handle.upright else 0.0
    return votes > 0.0


def _panel(depth: DepthMap, board: Board) -> Panel:
    """Return the board with its thickness: what rays measured where it is hollow behind, else its gaps' depth."""
    window = (slice(board.rows[0], board.rows[1] + 1), slice(board.columns[0], board.columns[1] + 1))
    through = np.inf if depth.thickness_m is None else float(np.nanmedian(depth.thickness_m[window]))
    depths = [side.depth_m for side in board.sides if _BOARD_M[0] <= side.depth_m <= _BOARD_M[1]]
    thickness = through if through <= _BOARD_M[1] else float(np.median(depths)) if depths else _USUAL_BOARD_M
    return Panel(depth.front, board.rectangle, board.face_m, thickness)


def _apart_sentence(panel: Panel, board: Board) -> str:
    names = ("left", "right", "bottom", "top")
    apart = [
        f"{side.kind} {name}" + (f" {1e3 * side.width_m:.1f} mm" if side.kind == "groove" else "")
        for side, name in zip(board.sides, names, strict=True)
        if side.kind in ("groove", "ledge")
    ]
    size = f"{1e3 * panel.rectangle.width_m:.0f} x {1e3 * panel.rectangle.height_m:.0f} mm"
    return f"by shape: a flat board of {size}, {1e3 * panel.thickness_m:.0f} mm thick, set apart by {', '.join(apart)}"


def _knobs(depth: DepthMap, taken: Sequence[Rectangle], category: str) -> list[MovingPart]:
    """Return the knobs of a front: three or more on one board, or any on an appliance, beside doors and drawers."""
    made: list[MovingPart] = []
    for board in find_boards(depth):
        if any(board.rectangle.holds(each) or each.holds(board.rectangle, 0.005) for each in taken):
            continue
        round_ones = [handle for handle in find_handles(depth, board) if handle.knob]
        if len(round_ones) < (1 if category in _KNOBBED else 3):
            continue
        for handle in sorted(round_ones, key=lambda each: (each.rectangle.left, -each.rectangle.bottom)):
            panel = Panel(depth.front, handle.rectangle, board.face_m + handle.out_m, handle.out_m)
            motion = knob_motion(panel, len(round_ones))
            made.append(_part(motion, panel, motion.confidence, f"by shape: {handle.sentence()}; {motion.why}"))
    return made


def _lid_part(mesh: TriangleMesh, depths: Sequence[DepthMap], lid: Lid) -> Finding:
    top = front_towards(np.array([0.0, 0.0, 1.0]))
    low, high = mesh.vertices_m.min(axis=0), mesh.vertices_m.max(axis=0)
    corners = top.local(np.stack([low, high]))
    left, right = sorted(corners[:, 0])
    bottom, upper = sorted(corners[:, 1])
    panel = Panel(top, Rectangle(left, bottom, right, upper), float(high[2]), float(high[2]) - lid.groove_high_m)
    back: NDArray[np.float64] = depths[lid.back].front.outward
    motion = lid_motion(panel, back, float((mesh.vertices_m @ back).max()))
    groove = f"by shape: a level groove {1e3 * lid.groove_low_m:.0f} mm up runs around {lid.sides} sides"
    why = f"{groove}; hinge: {lid.told_by}; {motion.why}"
    sure = 0.35 if lid.told_by.startswith("a guess") else 0.7
    remarks = (f"the lid's hinge is {lid.told_by}",) if lid.told_by.startswith("a guess") else ()
    return Finding(_named([_part(motion, panel, sure, why)]), remarks)


def _part(motion: Motion, panel: Panel, confidence: float, why: str) -> MovingPart:
    joint = Joint(
        name="",
        kind="prismatic" if motion.kind == "drawer" else "revolute",
        parent="base",
        child="",
        axis=vec3(motion.axis),
        origin_m=vec3(motion.origin_m),
        lower=motion.lower,
        upper=motion.upper,
    )
    return MovingPart(motion.kind, joint, panel, confidence, why)


def _named(parts: Sequence[MovingPart]) -> tuple[MovingPart, ...]:
    kinds: list[Kind] = [part.kind for part in parts]
    return tuple(
        replace(part, joint=replace(part.joint, name=joint_name(name), child=name))
        for part, name in zip(parts, numbered(kinds), strict=True)
    )
