"""Where a moving part of furniture can be held: at what stands out of its front, a bar or a knob, or at its edge."""

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.antipodal import GraspCandidate, GraspSearch, propose_grasps
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.sims.solids import ConvexSolid, convex_solid

from .grasps import distinct

Array = NDArray[np.float64]

_AHEAD = 0.02
"""How far a joint is moved to see which way its part goes, in rad or m."""
_STANDS_OUT_M = -0.002
_ALONG = 0.97
"""Cosine from which on a direction is taken for that of an axis."""
_ROOM_M = 0.0008
_SEARCH = GraspSearch(samples=400, approaches=24, tilt_limit_rad=0.7)


@dataclass(frozen=True, slots=True)
class Handle:
    """A grasp of a part, in the frame of its prop with the joints at zero, with what it costs by geometry."""

    candidate: GraspCandidate
    cost: float


def propose_handles(
    world: MujocoPlanningWorld, joint: str, robot: Robot, rng: np.random.Generator, search: GraspSearch = _SEARCH
) -> tuple[str, list[Handle]]:
    """Return the link that a joint moves and the grasps of it, the best held and most natural first."""
    link = world.compiled.joint(joint).body
    now = world.joint_position(joint)
    T_world_link = world.link_pose(link)
    pieces = [convex_solid(T_world_link.apply(corners)) for corners in world.link_corners_m(link)]
    outward = _front(world, link, pieces, _outward(world, joint, link, pieces))
    held = _protruding(pieces, outward)
    middle = np.mean([piece.corners_m.mean(axis=0) for piece in held], axis=0)
    # The hand comes from the front: seen from there, the front is what lies below.
    found = propose_grasps(held, middle, outward, robot, rng, search)
    home = np.array(robot.arm.home_rad)
    world.set_gripper(robot.gripper.max_width_m)
    free = [each for each in found if world.gripper_clearance_m(each.T_prop_tcp, home) >= _ROOM_M]
    costs = {id(each): _cost(each, middle, held) for each in free}
    best = distinct(sorted(free, key=lambda each: costs[id(each)]))
    assert world.joint_position(joint) == now
    T_prop_world = world.compiled.body(link).T_prop_body @ T_world_link.inverse()
    return link, [Handle(_in_prop(each, T_prop_world), costs[id(each)]) for each in best]


def _outward(world: MujocoPlanningWorld, joint: str, link: str, pieces: list[ConvexSolid]) -> Array:
    """Return the level direction in which a part moves when it is opened, where it moves most."""
    entry, now, T_world_link = world.compiled.joint(joint), world.joint_position(joint), world.link_pose(link)
    corners = np.concatenate([piece.corners_m for piece in pieces])
    towards = entry.upper if entry.upper is not None and now < entry.upper - _AHEAD else entry.lower
    step = _AHEAD if towards is None or towards > now else -_AHEAD
    world.set_joint(joint, now + step)
    moved = world.link_pose(link).apply(T_world_link.inverse().apply(corners)) - corners
    world.set_joint(joint, now)
    way = moved[np.argmax(np.linalg.norm(moved, axis=1))]
    return way / np.linalg.norm(way)


def _front(world: MujocoPlanningWorld, link: str, pieces: list[ConvexSolid], way: Array) -> Array:
    """Return the direction from which a part is taken hold of: the way it moves, if it stands out of the rest there.

    A slider or a knob moves along or within what carries it, and is held from where it stands out most. The rest is
    what no joint moves: a neighbouring drawer may stand out as far as a door. The corner of a door that moves most lies
    on its handle, which slants its way by a few hundredths; the nearest axis of the part is meant.
    """
    axes = world.link_pose(link).rotation().T
    sides = np.concatenate([axes, -axes])
    nearest = sides[int(np.argmax(sides @ way))]
    way = nearest if nearest @ way > _ALONG else way
    moved = {joint.body for joint in world.compiled.joints}
    others = [name for name in world.links_of(link.split("/", 1)[0]) if name not in moved]
    if not others:
        return way
    rest = np.concatenate(
        [world.link_pose(name).apply(points) for name in others for points in world.link_corners_m(name)]
    )
    part = np.concatenate([piece.corners_m for piece in pieces])

    def stands_out_m(direction: Array) -> float:
        return float((part @ direction).max() - (rest @ direction).max())

    return way if stands_out_m(way) > 0 else max(sides, key=stands_out_m)


def _protruding(pieces: list[ConvexSolid], outward: Array) -> list[ConvexSolid]:
    """Return the pieces in front of the largest one; all of them where nothing stands out."""
    volumes = [float(np.prod(np.ptp(piece.corners_m, axis=0))) for piece in pieces]
    areas = [_face_area(piece, outward) for piece in pieces]
    panel = pieces[int(np.argmax(areas))] if max(areas) > 0 else pieces[int(np.argmax(volumes))]
    front = float((panel.corners_m @ outward).max())
    standing = [p for p in pieces if float((p.corners_m @ outward).min()) > front + _STANDS_OUT_M]
    return standing or pieces


def _face_area(piece: ConvexSolid, outward: Array) -> float:
    """Return the area of a piece as it is seen from the front."""
    flat = piece.corners_m - np.outer(piece.corners_m @ outward, outward)
    spans = np.linalg.svd(flat - flat.mean(axis=0), compute_uv=False)
    return float(spans[0] * spans[1])


def _cost(grasp: GraspCandidate, middle: Array, held: list[ConvexSolid]) -> float:
    """Weigh what makes a hold doubtful: away from the handle's middle, slanted, little contact, from the side."""
    reach = max(0.02, float(np.ptp(list(chain.from_iterable(piece.corners_m for piece in held)), axis=0).max()) / 2)
    away = float(np.linalg.norm(np.subtract(grasp.T_prop_tcp.position_m, middle))) / reach
    return away + grasp.slant_rad / 0.3 + 2 * (1.0 - grasp.contact_share) + (grasp.tilt_rad / 0.6) ** 2


def _in_prop(grasp: GraspCandidate, T_prop_world: Pose) -> GraspCandidate:
    return GraspCandidate(
        T_prop_world @ grasp.T_prop_tcp,
        grasp.width_m,
        grasp.slant_rad,
        grasp.contact_share,
        grasp.lever_m,
        grasp.tilt_rad,
    )
