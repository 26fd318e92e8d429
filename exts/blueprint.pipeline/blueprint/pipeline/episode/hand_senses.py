"""What a hand feels, from the recorded contacts: wrench at the tool, force per finger, and the patch on each pad.

The wrench is what the rest of the world does to hand and fingers, a held object included; the hand's own weight and
inertia are not in it, as in a force-torque sensor that was set to zero in free motion. Torques within one point of
contact (torsional and rolling friction) are not in it either: the engine's contacts have forces only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.scene.pose_arrays import lengths, rotations

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Hand:
    """The links that feel, by their names in `Track.body_names`; `pads_m` (N, F, 3) are the pads' middles, tool frame.

    A pad's frame has the tool frame's axes: fingers close along y, the tool approaches along z.
    """

    links: tuple[str, ...]
    fingers: tuple[str, ...]
    pads_m: Array


@dataclass(frozen=True, eq=False, slots=True)
class HandSenses:
    """N frames of a hand with F fingers.

    `wrench` (N, 6) is force and torque at the tool point, tool axes. `finger_force_n` (N, F, 3) is what each finger
    feels, tool axes. Of the patch on each pad: the sum of normal forces `pad_force_n` (N, F), the centre of pressure
    `pad_center_m` and the size `pad_extent_m` (N, F, 2) along the pad's x and z, and the number of points `pad_count`
    (N, F); zero where nothing touches.
    """

    wrench: Array
    finger_force_n: Array
    pad_force_n: Array
    pad_center_m: Array
    pad_extent_m: Array
    pad_count: NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class _Felt:
    """Contacts of some links with what is not the robot: their frames, links, and numbers in the tool frame."""

    frames: NDArray[np.int64]
    links: NDArray[np.int64]
    point_m: Array
    force_n: Array
    normal_n: Array


def feel(touches: Touches, hand: Hand) -> HandSenses:
    """Compute what a hand feels in every frame."""
    count = touches.track.frame_count
    whole = _felt(touches, hand.links)
    torque = np.cross(whole.point_m, whole.force_n)
    wrench = _summed(np.hstack([whole.force_n, torque]), whole.frames, count)
    fingers = [_felt(touches, (finger,)) for finger in hand.fingers]
    patches = [_patch(felt, hand.pads_m[:, at], count) for at, felt in enumerate(fingers)]
    return HandSenses(
        wrench,
        np.stack([_summed(felt.force_n, felt.frames, count) for felt in fingers], axis=1),
        np.stack([patch[0] for patch in patches], axis=1),
        np.stack([patch[1] for patch in patches], axis=1),
        np.stack([patch[2] for patch in patches], axis=1),
        np.stack([patch[3] for patch in patches], axis=1),
    )


def robot_touch(touches: Touches) -> Array:
    """Return the sum of forces between the robot and all else in newtons, and the number of points, (N, 2)."""
    robot, track = touches.owners == ROBOT, touches.track
    rows = np.flatnonzero(robot[track.contact_first] != robot[track.contact_second])
    frames, force_n = touches.contact_frames[rows], lengths(track.contact_force_n[rows])
    counts = np.bincount(frames, minlength=track.frame_count).astype(np.float64)
    return np.stack([np.bincount(frames, force_n, track.frame_count), counts], axis=1)


def _felt(touches: Touches, links: tuple[str, ...]) -> _Felt:
    track = touches.track
    own = np.array([name in links for name in track.body_names])
    robot = touches.owners == ROBOT
    first, second = track.contact_first, track.contact_second
    on_first = own[first] & ~robot[second]
    rows = np.flatnonzero(on_first | (own[second] & ~robot[first]))
    frames, sign = touches.contact_frames[rows], np.where(on_first[rows], -1.0, 1.0)[:, None]
    force = track.contact_force_n[rows] * sign
    normal = np.abs((track.contact_force_n[rows] * track.contact_normal[rows]).sum(axis=1))
    turn = rotations(track.tcp_quat_wxyz)[frames]
    point = track.contact_position_m[rows] - track.tcp_position_m[frames]
    local_m, local_n = np.einsum("cj,cjk->ck", point, turn), np.einsum("cj,cjk->ck", force, turn)
    return _Felt(frames, np.where(on_first, first, second)[rows], local_m, local_n, normal)


def _patch(felt: _Felt, pad_m: Array, count: int) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    on_pad = (felt.point_m - pad_m[felt.frames])[:, [0, 2]]
    points = np.bincount(felt.frames, minlength=count)
    total = np.bincount(felt.frames, felt.normal_n, count)
    moment = _summed(on_pad * felt.normal_n[:, None], felt.frames, count)
    pressed = total > 0
    center = np.where(pressed[:, None], moment / np.where(pressed, total, 1.0)[:, None], 0.0)
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, felt.frames, on_pad)
    np.maximum.at(high, felt.frames, on_pad)
    extent = np.where(points[:, None] > 0, high - low, 0.0)
    return total, center, extent, points


def _summed(values: Array, frames: NDArray[np.int64], count: int) -> Array:
    sums: list[Array] = [np.bincount(frames, column, count) for column in values.T]
    return np.stack(sums, axis=1)
