"""Poses that lean over a target, as for pouring."""

from collections.abc import Iterator

import numpy as np

from blueprint.pipeline.scene.poses import Pose, vec3

from .drawn import Drawn
from .situation import Situation

HEADINGS = 8
RIM_SHARE = 0.1
"""Points within this share of a prop's height from its top are its rim."""


def tilted(
    situation: Situation, prop: str, target: str, rng: np.random.Generator, *, tilt_rad: float, gap_m: float
) -> Iterator[Drawn]:
    """Yield poses in which a prop leans by an angle, the lowest point of its rim above the middle of a target.

    It leans in every direction in turn, those across the line from the robot to the target first: there the hand
    neither hides behind the prop nor reaches over it.
    """
    points = situation.pose(prop).apply(situation.corners_m(prop))
    height = points[:, 2]
    rim = points[height >= height.max() - RIM_SHARE * np.ptp(height)] - np.asarray(situation.pose(prop).position_m)
    box = situation.box_m(target)
    middle = box.mean(axis=0)
    away = middle[:2] - np.asarray(situation.T_world_base.position_m)[:2]
    ahead = float(np.arctan2(away[1], away[0]))
    sides = ahead + np.arange(HEADINGS) * 2 * np.pi / HEADINGS
    order = sorted(rng.permutation(HEADINGS).tolist(), key=lambda k: abs(float(np.cos(sides[k] - ahead))) > 0.5)
    upright = Pose((0.0, 0.0, 0.0), situation.pose(prop).quat_wxyz)
    for heading in sides[order]:
        # Turning about this level axis lets the top sink towards the heading.
        axis = np.array([-np.sin(heading), np.cos(heading), 0.0]) * np.sin(tilt_rad / 2)
        x, y, z = axis.tolist()
        lean = Pose((0.0, 0.0, 0.0), (float(np.cos(tilt_rad / 2)), x, y, z))
        leaning = lean.apply(rim)
        lip = leaning[int(np.argmin(leaning[:, 2]))]
        place = np.array([*middle[:2], box[1, 2] + gap_m]) - lip
        yield Drawn({prop: Pose(vec3(place), (lean @ upright).quat_wxyz)}, values={"tilt_rad": tilt_rad})
