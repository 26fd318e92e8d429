"""Grasp: come straight to a tried grasp of a prop, or of a link of furniture, and close the fingers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.grasps import TriedGrasp
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import Line, poses_between
from blueprint.pipeline.planning.grasps import ranked_now
from blueprint.pipeline.scene.poses import Pose

from .legs import Close, Follow, Leg, Manner
from .means import Means
from .situation import Held, Situation

Array = NDArray[np.float64]

_GIVE_M = 0.012
"""How much narrower than the thing a hand may end up at full force: a sponge was pressed together by 11 mm."""
_SET_BACK_M = (0.0, 0.004, 0.008)
"""How far a hand without room stays back along its approach: pads are longer than this, so they touch much the same."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What is grasped: the prop, the link, where the frame of its grasps is, and the joint by which furniture moves."""

    prop: str
    body: str
    T_world_frame: Pose
    T_frame_body: Pose
    joint: str


def plan_grasp(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Yield the reachable grasps of `object`, or of `link` of `prop`, best first: approach and close."""
    target = _target_of(means, before, step)
    for place, grasp in ranked_now(means.tables.get(target.prop), target.body, target.T_world_frame):
        if (target.prop, place) in means.spoiled:
            continue
        means.workspace.watch.begin()
        T_world_tcp = _with_room(means, before, target, grasp)
        if T_world_tcp is None:
            continue
        for arm_rad, approach in _approaches(means, before, target, T_world_tcp):
            at_grasp = replace(before, arm_rad=arm_rad, touched=(target.body,))
            held = _held(target, grasp, T_world_tcp)
            closed = replace(at_grasp, width_m=grasp.width_m, held=held, touched=())
            yield Follow(approach, Manner.STRAIGHT, Phase.APPROACH, at_grasp), Close(closed, (target.prop, place))


def fitting_grasps(means: Means, before: Situation, prop: str) -> Iterator[TriedGrasp]:
    """Yield the grasps of a prop that hold and at which the hand alone has room, whatever arm would carry it there."""
    target = _target_of(means, before, Step("grasp", {"object": prop}))
    for _, grasp in ranked_now(means.tables.get(prop), target.body, target.T_world_frame):
        if _with_room(means, before, target, grasp) is not None:
            yield grasp


def _target_of(means: Means, before: Situation, step: Step) -> _Target:
    world = means.workspace.world
    if "object" in step.roles:
        prop = step.roles["object"]
        return _Target(prop, world.links_of(prop)[0], before.T_world_props[prop], Pose(), "")
    body = world.compiled.body(f"{step.roles['prop']}/{step.roles['link']}")
    joint = next((joint.name for joint in world.compiled.joints if joint.body == body.name), "")
    means.arrange(before)
    T_world_frame = world.link_pose(body.name) @ body.T_prop_body.inverse()
    return _Target(step.roles["prop"], body.name, T_world_frame, body.T_prop_body, joint)


def _held(target: _Target, grasp: TriedGrasp, T_world_tcp: Pose) -> Held:
    T_tcp_body = T_world_tcp.inverse() @ target.T_world_frame @ target.T_frame_body
    return Held(target.prop, target.body, T_tcp_body, grasp.width_m, target.joint)


def _with_room(means: Means, before: Situation, target: _Target, grasp: TriedGrasp) -> Pose | None:
    """Return the tool at a grasp, or a little behind it, where the hand has room both open and closed; T_world_tcp.

    Fingers that swing reach further out the nearer they close.
    """
    world, near_m = means.workspace.world, means.distances.near_m
    links = world.links_of(target.prop)
    for back_m in _SET_BACK_M:
        T_world_tcp = target.T_world_frame @ grasp.T_prop_tcp @ Pose((0.0, 0.0, -back_m))
        means.arrange(before)
        if not means.workspace.hand_has_room(T_world_tcp, before.arm_rad, near_m, links):
            continue
        if all(_is_free_at(means, before, T_world_tcp, width_m, links) for width_m in _closed_widths_m(means, grasp)):
            return T_world_tcp
    return None


def _closed_widths_m(means: Means, grasp: TriedGrasp) -> tuple[float, float]:
    """Return the width at which the hand touches, and that at which its force may have pressed the thing together."""
    gripper = means.workspace.robot.gripper
    return grasp.width_m, max(gripper.min_width_m, grasp.width_m - _GIVE_M)


def _is_free_at(means: Means, before: Situation, T_world_tcp: Pose, width_m: float, links: Sequence[str]) -> bool:
    world = means.workspace.world
    world.set_gripper(width_m)
    return means.workspace.hand_has_room(T_world_tcp, before.arm_rad, means.distances.near_m, links)


def _approaches(means: Means, before: Situation, target: _Target, T_world_tcp: Pose) -> Iterator[tuple[Array, Line]]:
    """Yield the postures at a grasp with a free straight way to it."""
    workspace, distances = means.workspace, means.distances
    back = -distances.approach_m * T_world_tcp.rotation()[:, 2]
    for arm_rad in workspace.postures(T_world_tcp):
        means.arrange(before)
        if not workspace.is_clear(arm_rad, distances.near_m):
            continue
        away = means.line(arm_rad, poses_between(T_world_tcp, back), distances.near_m)
        if away is not None and workspace.is_clear(away.path_rad[-1], distances.padding_m):
            yield arm_rad, away.reversed()
