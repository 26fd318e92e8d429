"""The words by which a robot is told of things: each named so that no other in sight is meant."""

import re
from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.scene.props import Joint

from .candidates import ways_of
from .situation import Array, Situation, joint_motion, joint_of

_ORDINALS = ("leftmost", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NAMELESS = frozenset({"part", "link", "body", "child", "component", "moving", "sliding", "group", "mesh"})
_PARTS = {"turnable": "knob", "pressable": "button", "slidable": "slider", "openable": "door"}


def prop_words(situation: Situation, prop: str) -> str:
    """Return a prop's label; where several are alike, with its place from left to right as the robot sees them."""
    manifest = situation.manifest
    label = manifest.prop(prop).prop.label
    standing = [entry.prop.id for entry in manifest.props if entry.prop.id not in manifest.spares]
    alike = [name for name in standing if manifest.prop(name).prop.label == label]
    lefts = {name: _left_m(situation, situation.pose(name).position_m) for name in alike}
    return f"{among(lefts, prop)}{label}"


def joint_words(situation: Situation, joint: str) -> str:
    """Return the words for a moving part: `drawer of the cabinet`, `left door of the right cabinet`."""
    owner, found = joint_of(situation.manifest, joint)
    part = part_word(situation, joint)
    alike = [each for each in owner.prop.joints if part_word(situation, f"{owner.prop.id}/{each.name}") == part]
    middles = {each.name: _part_middle_m(situation, owner.prop.id, each) for each in alike}
    words = prop_words(situation, owner.prop.id)
    if len(alike) == 1 and part in words.split():
        return words
    return f"{_place_among(situation, middles, found.name)}{part} of the {words}"


def part_word(situation: Situation, joint: str) -> str:
    """Return what a moving part is called, after its link or after what is done with it."""
    owner, found = joint_of(situation.manifest, joint)
    stem = re.sub(r"[_\d]+$", "", found.child).replace("_", " ").strip()
    ways = ways_of(owner, found)
    holds = any(region.kind == "in" and region.body == found.child for region in owner.regions)
    if stem == "drawer" and "slidable" in ways and not holds:
        return "slider"
    if stem and stem not in _NAMELESS:
        return stem
    if "openable" in ways and found.kind == "prismatic" and holds:
        return "drawer"
    return next((word for way, word in _PARTS.items() if way in ways), "part")


def room_words(situation: Situation, room: str) -> str:
    """Return the words for a room: the drawer that it is, or the prop that it is in."""
    owner, region = situation.room(room)
    mover = next((joint for joint in owner.prop.joints if joint.child == region.body), None)
    if mover is None:
        return prop_words(situation, owner.prop.id)
    return joint_words(situation, f"{owner.prop.id}/{mover.name}")


def side_words(situation: Situation, start_m: Sequence[float], goal_m: Sequence[float]) -> str:
    """Say where a goal lies seen from the start, by its larger level component in the robot's frame."""
    T_base_world = situation.T_world_base.inverse()
    forward, left, _ = (T_base_world.apply(goal_m) - T_base_world.apply(start_m)).tolist()
    if abs(forward) >= abs(left):
        return "further back" if forward > 0 else "nearer to the robot"
    return "further to the left" if left > 0 else "further to the right"


def listed(words: Sequence[str]) -> str:
    """Return `apple`, `apple and the can`, `apple, the can and the mug`."""
    *first, last = words
    return last if not first else ", the ".join(first) + f" and the {last}"


def among(lefts_m: dict[str, float], name: str) -> str:
    """Tell one of several things by its place from left to right; empty where it is alone."""
    order = sorted(lefts_m, key=lambda other: -lefts_m[other])
    at, count = order.index(name), len(order)
    if count == 1:
        return ""
    names = {2: ("left ", "right "), 3: ("left ", "middle ", "right ")}.get(count)
    return names[at] if names else f"{_ordinal(at, count)} "


def _ordinal(at: int, count: int) -> str:
    return "rightmost" if at == count - 1 else _nth(at)


def _nth(at: int) -> str:
    return _ORDINALS[at] if at < len(_ORDINALS) else f"{at + 1}th"


def _place_among(situation: Situation, middles_m: dict[str, Array], name: str) -> str:
    """Tell parts that lie above each other by their height, others by their side."""
    if len(middles_m) == 1:
        return ""
    heights = {other: float(middle[2]) for other, middle in middles_m.items()}
    lefts = {other: _left_m(situation, middle) for other, middle in middles_m.items()}
    if np.ptp(list(heights.values())) <= np.ptp(list(lefts.values())):
        return among(lefts, name)
    order = sorted(heights, key=lambda other: -heights[other])
    at, count = order.index(name), len(order)
    names = {2: ("upper ", "lower "), 3: ("upper ", "middle ", "lower ")}.get(count)
    if names:
        return names[at]
    return "topmost " if at == 0 else "lowest " if at == count - 1 else f"{_nth(at)} "


def _left_m(situation: Situation, point_m: Sequence[float] | Array) -> float:
    """Return how far to the robot's left a point lies."""
    return float(situation.T_world_base.inverse().apply(point_m)[1])


def _part_middle_m(situation: Situation, prop: str, joint: Joint) -> Array:
    """Return the middle of a moving part in the world, as it was scanned."""
    link = f"{prop}/{joint.child}"
    corners = [solid.corners_m for solid in situation.shapes.fixed if solid.link == link]
    points = np.concatenate(corners) if corners else np.asarray([joint.origin_m])
    T_world_part = situation.pose(prop) @ joint_motion(joint, 0.0)
    return T_world_part.apply((points.min(axis=0) + points.max(axis=0)) / 2)
