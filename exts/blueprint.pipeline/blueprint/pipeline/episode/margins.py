"""Margins: how far each goal is from being met in every frame, in the goal's own unit; not negative where it holds.

Units: metres for places, heights and gaps; rad or m for a joint, as it turns or slides; rad for tilts; m/s for rest;
N for touch and force. Where a goal asks for two things, its margin is the least of both.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Geometry, Shapes
from blueprint.pipeline.episode.goals import (
    Apart,
    AtRest,
    ForceBelow,
    Goal,
    InRegion,
    Inside,
    JointWithin,
    NoCollision,
    NotRaised,
    OnTop,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.grips import list_grips, widest_m
from blueprint.pipeline.episode.outlines import depth_inside_m, gap_between_m, outline_of
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.pose_arrays import lengths

Array = NDArray[np.float64]

REST_SPEED_M_S = 0.01
"""No point of a prop at rest is faster."""
OPENED_M = 0.005
"""A gripper that has let go is wider than while it held, by this."""
SEATED_M = 0.01
"""How far above the top of what carries it the base of a carried prop may be; of a region's surface, also below."""
TOUCH_N = 1e-3
"""A listed contact counts as a touch even where its force is nought."""
RIM_SHARE = 0.1
"""Points within this share of a prop's height from its top, as it stood at the start, are its rim."""


def margin(goal: Goal, track: Track, geometry: Geometry) -> Array:
    """Return how far a goal is met in each frame, (N,); raises UnknownName for props, links and joints not recorded."""
    return margins_of(Shapes(track, geometry), Touches(track))(goal)


def margins_of(shapes: Shapes, touches: Touches) -> Callable[[Goal], Array]:
    """Return the function from goals to margins of one track; what several goals need is computed once."""

    def measured(goal: Goal) -> Array:
        measure = _MEASURES[type(goal)]
        return np.asarray(measure(goal, shapes, touches), dtype=np.float64)

    return measured


def _in_region(goal: InRegion, shapes: Shapes, _: Touches) -> Array:
    cosine, sine = np.cos(goal.region.yaw_rad), np.sin(goal.region.yaw_rad)
    flat = shapes.points_m(goal.object)[..., :2] - np.asarray(goal.region.center_m)[:2]
    local = flat @ np.array([[cosine, -sine], [sine, cosine]])
    within = (np.asarray(goal.region.half_size_m) - np.abs(local)).min(axis=(1, 2))
    # A shadow falls into the region from above it, and from below its shelf, too.
    seated = SEATED_M - np.abs(above_region_m(goal, shapes))
    return np.where(seated < 0, np.minimum(within, seated), within)


def _on_top(goal: OnTop, shapes: Shapes, _: Touches) -> Array:
    height = shapes.bottom_m(goal.object) - shapes.top_m(goal.base)
    over = depth_inside_m(shapes.middle_m(goal.object), outline_of(shapes.points_m(goal.base)))
    return np.minimum.reduce([height + goal.sink_m, SEATED_M - height, over])


def _inside(goal: Inside, shapes: Shapes, _: Touches) -> Array:
    position, rotation = shapes.body_pose(goal.body)
    local = np.einsum("nj,njk->nk", shapes.middle_m(goal.object) - position, rotation)
    at = (local - np.asarray(goal.T_body_room.position_m)) @ goal.T_body_room.rotation()
    return (np.asarray(goal.half_size_m) - np.abs(at)).min(axis=1)


def _joint_within(goal: JointWithin, shapes: Shapes, _: Touches) -> Array:
    value = joint_values(shapes.track, goal.joint)
    return np.minimum(value - goal.lower, goal.upper - value)


def _raised(goal: Raised, shapes: Shapes, _: Touches) -> Array:
    return rise_m(shapes, goal.object) - goal.height_m


def _not_raised(goal: NotRaised, shapes: Shapes, _: Touches) -> Array:
    return goal.height_m - rise_m(shapes, goal.object)


def _tilted_over(goal: TiltedOver, shapes: Shapes, _: Touches) -> Array:
    lip = lowest_of_rim_m(shapes, goal.object)
    over = depth_inside_m(lip, outline_of(shapes.points_m(goal.target)))
    above = lip[:, 2] - shapes.top_m(goal.target)
    now = np.minimum.reduce([tilt_rad(shapes, goal.object) - goal.tilt_rad, over, above])
    return _throughout(now, max(1, round(goal.duration_s * shapes.track.fps)), -goal.tilt_rad)


def _upright(goal: Upright, shapes: Shapes, _: Touches) -> Array:
    return goal.tilt_rad - tilt_rad(shapes, goal.object)


def _apart(goal: Apart, shapes: Shapes, touches: Touches) -> Array:
    gap = gap_between_m(shapes.points_m(goal.object), shapes.points_m(goal.other)) - goal.gap_m
    touching = touches.touching(touches.between(goal.object, goal.other))
    return np.where(touching, np.minimum(gap, -TOUCH_N), gap)


def _released(goal: Released, shapes: Shapes, touches: Touches) -> Array:
    """In newtons of touch; where the gripper has not opened since it held the prop, metres by which it lacks."""
    pairs = touches.between(goal.object, ROBOT)
    touch = np.where(touches.touching(pairs), -touches.total_n(pairs) - TOUCH_N, 0.0)
    return np.minimum(touch, _opened_m(goal, shapes.track, touches))


def _opened_m(goal: Released, track: Track, touches: Touches) -> Array:
    """Return how much too narrow the gripper still is after the last grasp of the prop began, (N,); never above 0."""
    lack = np.zeros(track.frame_count)
    for grip in list_grips(touches, (goal.object,)):
        if grip.held == goal.object:
            since = np.maximum.accumulate(track.gripper_width_m[grip.end + 1 :])
            lack[grip.start : grip.end + 1] = -OPENED_M
            lack[grip.end + 1 :] = np.minimum(0.0, since - widest_m(track, grip) - OPENED_M)
    return lack


def _at_rest(goal: AtRest, shapes: Shapes, _: Touches) -> Array:
    return REST_SPEED_M_S - fastest_point_m_s(shapes, goal.object)


def _undisturbed(goal: Undisturbed, shapes: Shapes, _: Touches) -> Array:
    middle = shapes.middle_m(goal.object)
    return goal.limit_m - lengths(middle - middle[0])


def _force_below(goal: ForceBelow, shapes: Shapes, touches: Touches) -> Array:
    return goal.limit_n - touches.strongest_n(pressing(goal, touches))


def _no_collision(goal: NoCollision, shapes: Shapes, touches: Touches) -> Array:
    return goal.limit_n - touches.strongest_n(pressing(goal, touches))


_MEASURES: dict[type[Any], Callable[[Any, Shapes, Touches], Array]] = {
    InRegion: _in_region,
    OnTop: _on_top,
    Inside: _inside,
    JointWithin: _joint_within,
    Raised: _raised,
    NotRaised: _not_raised,
    TiltedOver: _tilted_over,
    Upright: _upright,
    Apart: _apart,
    Released: _released,
    AtRest: _at_rest,
    Undisturbed: _undisturbed,
    ForceBelow: _force_below,
    NoCollision: _no_collision,
}


# --- what margins are made of


def pressing(goal: ForceBelow | NoCollision, touches: Touches) -> NDArray[np.bool_]:
    """Select the contacts whose force a goal bounds: the robot on anything, or on anything that it does not handle."""
    spared = np.array(goal.handled if isinstance(goal, NoCollision) else (), dtype=np.str_)
    return touches.robot_pairs(lambda other: ~np.isin(other, spared))


def joint_values(track: Track, joint: str) -> Array:
    """Return a joint's position, (N,); raises UnknownName."""
    if joint not in track.joint_names:
        raise UnknownName("joint", joint, track.joint_names, where="recorded states")
    return track.joint_position[:, track.joint_names.index(joint)]


def rise_m(shapes: Shapes, prop: str) -> Array:
    """Return how much higher than at the start a prop's lowest point is, (N,)."""
    bottom = shapes.bottom_m(prop)
    return bottom - bottom[0]


def above_region_m(goal: InRegion, shapes: Shapes) -> Array:
    """Return how far a prop's lowest point is above a region's surface, (N,)."""
    return shapes.bottom_m(goal.object) - goal.region.center_m[2]


def tilt_rad(shapes: Shapes, prop: str) -> Array:
    """Return how far a prop leans from how it stood at the start, whatever its heading, (N,)."""
    _, rotation = shapes.body_pose(shapes.geometry.links_of(prop)[0])
    # The direction that was up at the start, as the prop carries it along; its angle to what is up now.
    carried = rotation @ rotation[0].T[:, 2]
    level = np.hypot(carried[:, 0], carried[:, 1])
    return np.arctan2(level, carried[:, 2])


def lowest_of_rim_m(shapes: Shapes, prop: str) -> Array:
    """Return the lowest point of a prop's upper rim, over which it would pour, (N, 3)."""
    points = shapes.points_m(prop)
    height = points[0, :, 2]
    rim = points[:, height >= height.max() - RIM_SHARE * np.ptp(height)]
    return rim[np.arange(len(rim)), rim[..., 2].argmin(axis=1)]


def fastest_point_m_s(shapes: Shapes, prop: str) -> Array:
    """Return the speed of a prop's fastest point since the frame before, (N,); turning moves points as well."""
    points = shapes.points_m(prop)
    if len(points) < 2:
        return np.zeros(len(points))
    speed = lengths(np.diff(points, axis=0)).max(axis=1) * shapes.track.fps
    return np.concatenate([speed[:1], speed])


def _throughout(values: Array, span: int, before: float) -> Array:
    """Return the least value of the last `span` frames; frames with fewer before them are no better than `before`."""
    padded = np.concatenate([np.full(span - 1, before), values])
    return np.lib.stride_tricks.sliding_window_view(padded, span).min(axis=1)
