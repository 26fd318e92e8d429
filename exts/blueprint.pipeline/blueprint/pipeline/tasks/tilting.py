"""Poses from which a prop leans over a target, as for pouring."""

from collections.abc import Iterator

import numpy as np

from blueprint.pipeline.scene.poses import Pose, vec3

from .drawn import Drawn
from .situation import Array, Situation

HEADINGS = 12
BESIDE_M = 0.01
"""Room between what leans and its target."""
GROUND_M = 0.04
"""Room between what leans and what its target stands on."""
RIM_SHARE = 0.1
"""Points within this share of a prop's height from its top are its rim."""


def tilted(
    situation: Situation, prop: str, target: str, rng: np.random.Generator, *, tilt_rad: float, gap_m: float
) -> Iterator[Drawn]:
    """Yield upright poses from which a prop leans, about the middle of its colliders, so that its rim is over a target.

    `heading_rad` of the draw is the level direction in the world in which its top sinks. The lowest point of the rim
    then lies above the middle of the target's top. Headings across the line from the robot to the target come first:
    there the hand neither hides behind the prop nor reaches over it.
    """
    attitude = Pose((0.0, 0.0, 0.0), situation.pose(prop).quat_wxyz)
    middle = attitude.apply(situation.middle_m(prop))
    points = attitude.apply(situation.corners_m(prop)) - middle
    rim = points[points[:, 2] >= points[:, 2].max() - RIM_SHARE * np.ptp(points[:, 2])]
    box, half_height_m = situation.box_m(target), float(np.ptp(points[:, 2]) / 2)
    over = np.array([*box.mean(axis=0)[:2], box[1, 2] + gap_m])
    for heading in _headings(situation, over, rng):
        leaning = _lean(heading, tilt_rad).apply(rim)
        lip = leaning[int(np.argmin(leaning[:, 2]))]
        center = over - lip
        # Upright again it must be clear of the target, or of what the target stands on where it comes down beside it.
        flat = points[:, :2] + center[:2]
        beside = (flat.min(axis=0) > box[1, :2] + BESIDE_M) | (flat.max(axis=0) < box[0, :2] - BESIDE_M)
        floor_m = box[0, 2] + GROUND_M if beside.any() else box[1, 2] + BESIDE_M
        center[2] = max(center[2], floor_m + half_height_m)
        place = Pose(vec3(center - middle), attitude.quat_wxyz)
        yield Drawn({prop: place}, values={"tilt_rad": tilt_rad, "heading_rad": heading})


def _headings(situation: Situation, over_m: Array, rng: np.random.Generator) -> list[float]:
    """List level directions, those across the line from the robot first, either group in random order."""
    away = over_m[:2] - np.asarray(situation.T_world_base.position_m)[:2]
    ahead = float(np.arctan2(away[1], away[0]))
    turns = rng.permutation(HEADINGS) * 2 * np.pi / HEADINGS
    order = sorted(turns.tolist(), key=lambda turn: abs(float(np.cos(turn))) > 0.6)
    return [float(np.arctan2(np.sin(ahead + turn), np.cos(ahead + turn))) for turn in order]


def _lean(heading_rad: float, tilt_rad: float) -> Pose:
    """Return the turn about a level axis by which what is up sinks towards a heading."""
    sine = float(np.sin(tilt_rad / 2))
    x, y = -np.sin(heading_rad) * sine, np.cos(heading_rad) * sine
    return Pose((0.0, 0.0, 0.0), (float(np.cos(tilt_rad / 2)), float(x), float(y), 0.0))
