"""What the hand holds and when: every grasp of an episode, and whether what it held slid or got lost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.pose_arrays import lengths, rotations

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grip:
    """One grasp: from the first frame after closing to the last one before opening, and the owner that is held.

    `held` is empty where the fingers closed on nothing.
    """

    start: int
    end: int
    held: str


def list_grips(touches: Touches, handled: tuple[str, ...]) -> tuple[Grip, ...]:
    """List the grasps of a track in order; `handled` says what may be held where contacts are not measured."""
    track = touches.track
    closing, opening = track.phase == Phase.CLOSE, track.phase == Phase.OPEN
    starts = np.flatnonzero(closing[:-1] & ~closing[1:]) + 1
    grips: list[Grip] = []
    for start in starts.tolist():
        later = np.flatnonzero((opening | closing)[start:])
        end = start + int(later[0]) - 1 if len(later) else track.frame_count - 1
        if end >= start:
            held = _held(touches, start) if touches.measured else _nearest(track, start, handled)
            grips.append(Grip(start, end, held))
    return tuple(grips)


def _held(touches: Touches, frame: int) -> str:
    """Return the owner that the robot presses hardest just after closing."""
    pairs = touches.robot_pairs(lambda other: np.ones(len(other), dtype=bool)) & (touches.frames == frame)
    pairs &= touches.listed
    force: dict[str, float] = {}
    for row in np.flatnonzero(pairs):
        first, second = str(touches.owners[touches.first[row]]), str(touches.owners[touches.second[row]])
        name = second if first == ROBOT else first
        force[name] = force.get(name, 0.0) + float(touches.force_n[row])
    return max(force, key=lambda name: force[name]) if force else ""


def _nearest(track: Track, frame: int, handled: tuple[str, ...]) -> str:
    """Return the handled prop that is nearest to the tool point."""
    rows = [track.prop_names.index(prop) for prop in handled if prop in track.prop_names]
    if not rows:
        return ""
    distance = lengths(track.prop_position_m[frame, rows] - track.tcp_position_m[frame])
    return track.prop_names[rows[int(np.argmin(distance))]]


def slip_since_m(track: Track, prop: str, frame: int) -> Array:
    """Return how far the tool point has moved over a prop since a frame, (N,); swinging about the grip is no slip."""
    row = track.prop_names.index(prop)
    offset_m = track.tcp_position_m - track.prop_position_m[:, row]
    local_m: Array = np.einsum("nj,njk->nk", offset_m, rotations(track.prop_quat_wxyz[:, row]))
    return lengths(local_m - local_m[frame])


def first_loss(touches: Touches, grip: Grip) -> int | None:
    """Return the first frame of a grasp in which the robot no longer touches the movable prop that it held."""
    if not touches.measured or grip.held not in touches.track.prop_names:
        return None
    held = touches.touching(touches.between(grip.held, ROBOT))[grip.start : grip.end + 1]
    lost = np.flatnonzero(~held)
    return grip.start + int(lost[0]) if len(lost) else None


def carried_from(track: Track, grip: Grip) -> int:
    """Return the frame from which a held prop must sit still in the hand: lifting may still draw it into place."""
    lifting = track.phase[grip.start : grip.end + 1] == Phase.LIFT
    return grip.start + int(np.argmin(lifting)) if not lifting.all() else grip.end


def first_slip(track: Track, grip: Grip, limit_m: float) -> int | None:
    """Return the first frame of a grasp in which a movable prop has slid in the hand by more than a limit."""
    if grip.held not in track.prop_names:
        return None
    start = carried_from(track, grip)
    slid = np.flatnonzero(slip_since_m(track, grip.held, start)[start : grip.end + 1] > limit_m)
    return start + int(slid[0]) if len(slid) else None


def widest_m(track: Track, grip: Grip) -> float:
    """Return the largest width between the pads while a grasp lasts."""
    return float(track.gripper_width_m[grip.start : grip.end + 1].max())
