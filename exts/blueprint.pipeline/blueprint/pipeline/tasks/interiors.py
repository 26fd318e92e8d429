"""Poses inside a hollow: a vessel, an open drawer, or a hole that fits."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from blueprint.pipeline.scene.poses import Pose, vec3

from .drawn import Drawn, Room
from .room_above import Plane, named_blockers, overlaps
from .situation import Array, Situation, position_at
from .spoils import Spoils

DRAWS = 96
HEADROOM_M = 0.20
"""Height above a room that must be free for a hand to come from above."""
DROPS_M = (0.0, 0.02, 0.04)
"""Heights above the floor at which a thing is let go, the lowest first: rims may keep a hand from going lower."""
INSIDE_M = 0.003
"""How deep within a room the middle of a thing must come to rest."""


def in_room(
    situation: Situation,
    prop: str,
    room: str,
    rng: np.random.Generator,
    *,
    opened: tuple[str, float] | None,
    margin_m: float,
    spoils: Spoils | None = None,
) -> Iterator[Drawn]:
    """Yield poses in a room, reached from above; `opened` is a joint and the share to which it stands open by then."""
    after = situation.moved(joints={opened[0]: _position(situation, *opened)}) if opened else situation
    owner, region = after.room(room)
    T_world_room = after.link_pose(owner.prop.id, region.body) @ region.T_prop_region
    half = np.asarray(region.half_size_m)
    plane = Plane.of(T_world_room)
    floor_m = float(T_world_room.position_m[2] - half[2])
    link = f"{owner.prop.id}/{region.body}"
    own = owner.prop.id if owner.movable else link
    shapes = [_turned(after, prop, plane, yaw) for yaw in (0.0, np.pi / 2, np.pi / 4, -np.pi / 4)]
    height_m = max(float(np.ptp(points[:, 2])) for points, _ in shapes)
    top_m = floor_m + max(height_m, 2 * half[2]) + HEADROOM_M
    names, others = named_blockers(after, plane, floor_m + 0.001, top_m, (prop, own))
    spoils = spoils or Spoils()
    for points, turned in (shapes[at] for at in rng.permutation(len(shapes))):
        low, high = plane.shadow(points + plane.origin_m)
        room_m = half[:2] - (high - low) / 2 - margin_m
        settled_m = floor_m + (points[:, 2].max() - points[:, 2].min()) / 2
        if (room_m < 0).any() or settled_m > floor_m + 2 * half[2] - INSIDE_M:
            spoils.add("too narrow for it turned so" if (room_m < 0).any() else "too shallow for it", 1 + DRAWS)
            continue
        # The middle of a vessel is the safest place; a drawer is filled anywhere that is within reach.
        at = np.concatenate([np.zeros((1, 2)), rng.uniform(-1.0, 1.0, (DRAWS, 2)) * room_m])
        size = (high - low) / 2
        touched = overlaps(at - size, at + size, others)
        spoils.sort((), touched, names)
        free = np.flatnonzero(~touched.any(axis=1))
        for drop_m, spot in product(DROPS_M, free[: DRAWS // 4]):
            shift = plane.world(at[spot] - (low + high) / 2)
            place = (*shift[:2], floor_m + drop_m - points[:, 2].min())
            body = Room(link, after.shapes.T_prop_bodies[link].inverse() @ region.T_prop_region, region.half_size_m)
            yield Drawn({prop: Pose(vec3(place), turned.quat_wxyz)}, room=body)


def in_hole(
    situation: Situation, prop: str, room: str, rng: np.random.Generator, *, tolerance_m: float
) -> Iterator[Drawn]:
    """Yield poses of a prop that stands in a hole, its longest side along the hole; as it stands already first."""
    owner, region = situation.room(room)
    T_world_room = situation.link_pose(owner.prop.id, region.body) @ region.T_prop_region
    half = np.asarray(region.half_size_m)
    link = f"{owner.prop.id}/{region.body}"
    middle = situation.middle_m(prop)
    corners = situation.corners_m(prop) - middle
    ways = _upright_ways(situation, prop, T_world_room)
    first = rng.permutation(4)
    for attitude, quarter in ((ways[way], first[k]) for way in range(len(ways)) for k in range(4)):
        turned = Pose.from_yaw((0, 0, 0), T_world_room.yaw_rad() + quarter * np.pi / 2) @ attitude
        points = turned.apply(corners)
        size = np.ptp(Plane(np.zeros(3), T_world_room.yaw_rad()).flat(points), axis=0)
        if (size > 2 * half[:2] + tolerance_m).any():
            continue
        x, y, z = T_world_room.position_m
        seat = np.array([x, y, z - half[2] - points[:, 2].min()])
        T_world_prop = Pose(vec3(seat - turned.apply(middle)), turned.quat_wxyz)
        T_world_body = situation.link_pose(owner.prop.id, region.body) @ situation.shapes.T_prop_bodies[link]
        seat_room = T_world_body.inverse() @ Pose(vec3(seat), T_world_room.quat_wxyz)
        bounds = (tolerance_m, tolerance_m, max(tolerance_m, float(half[2]) / 2))
        yield Drawn({prop: T_world_prop}, room=Room(link, seat_room, bounds), values={"depth_m": float(2 * half[2])})


def _position(situation: Situation, joint: str, share: float) -> float:
    return position_at(situation.joint(joint)[1], share)


def _turned(situation: Situation, prop: str, plane: Plane, yaw_rad: float) -> tuple[Array, Pose]:
    """Return a prop's corners (K, 3) about its origin as it stands, turned by a yaw, and that attitude."""
    stands = Pose((0.0, 0.0, 0.0), situation.pose(prop).quat_wxyz)
    aligned = plane.yaw_rad - stands.yaw_rad()
    turned = Pose.from_yaw((0, 0, 0), aligned + yaw_rad) @ stands
    return turned.apply(situation.corners_m(prop)), turned


def _upright_ways(situation: Situation, prop: str, T_world_room: Pose) -> list[Pose]:
    """List attitudes, without yaw, in which the longest side of a prop is upright: the nearer to how it lies first."""
    extents = np.ptp(situation.corners_m(prop), axis=0)
    axis = np.eye(3)[int(np.argmax(extents))]
    now = situation.pose(prop).rotation() @ axis
    ends = [axis, -axis] if now[2] >= 0 else [-axis, axis]
    return [Pose((0.0, 0.0, 0.0), _turning(end)) for end in ends]


def _turning(end: Array) -> tuple[float, float, float, float]:
    """Return the shortest turn that brings a unit axis upright, wxyz."""
    x, y, z = end.tolist()
    if z < -0.9999:
        return (0.0, 1.0, 0.0, 0.0)
    quat = np.array([1.0 + z, y, -x, 0.0])
    w, a, b, c = (quat / np.linalg.norm(quat)).tolist()
    return (w, a, b, c)
