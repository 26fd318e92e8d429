"""Find a robot's hands in its tree: two fingers that move, together or each by itself, or one jaw against the palm."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from blueprint.pipeline.scene.robot_trees import RobotTree, TreeJoint

HAND_WORDS = ("grip", "jaw", "finger", "hand", "pinch", "clamp")


@dataclass(frozen=True, slots=True)
class SeenHand:
    """A hand: what carries it, its fingers, its commanded joints with both their ends, and all its joints."""

    palm: str
    fingers: tuple[str, str]
    joints: tuple[str, ...]
    closed: tuple[float, ...]
    open: tuple[float, ...]
    members: tuple[str, ...]


def find_hands(tree: RobotTree) -> list[SeenHand]:
    """Return the hands of a tree whose fixed joints are merged, in the order of its joints."""
    found = [*_linked(tree), *_paired(tree)]
    taken = {name for hand in found for name in hand.members}
    if not found:
        found += [hand for hand in _single(tree) if not taken & set(hand.members)]
    order = list(tree.links)
    return sorted(found, key=lambda hand: order.index(hand.palm))


def _linked(tree: RobotTree) -> Iterator[SeenHand]:
    """Hands in which joints mimic one that leads."""
    leaders = dict.fromkeys(joint.mimic.leader for joint in tree.joints.values() if joint.mimic)
    for name in leaders:
        if name not in tree.joints:
            continue
        members = [
            joint
            for joint in tree.joints.values()
            if joint.name == name or (joint.mimic is not None and joint.mimic.leader == name)
        ]
        children = {joint.child for joint in members}
        palms = [joint.parent for joint in members if joint.parent not in children]
        tips = [joint.child for joint in members if not _has_child(tree, joint.child) and _has_shape(tree, joint.child)]
        if len(set(palms)) == 1 and len(tips) >= 2:
            yield _ended(tree, palms[0], tips, (name,), tuple(joint.name for joint in members))


def _paired(tree: RobotTree) -> Iterator[SeenHand]:
    """Hands of two fingers that are driven each by itself."""
    for palm in tree.links:
        ends = [
            joint
            for joint in tree.joints.values()
            if joint.parent == palm and joint.mimic is None and _is_finger(tree, joint)
        ]
        if len(ends) == 2 and not any(joint.mimic for joint in tree.joints.values() if joint.parent == palm):
            names = tuple(joint.name for joint in ends)
            yield _ended(tree, palm, [joint.child for joint in ends], names, names)


def _single(tree: RobotTree) -> Iterator[SeenHand]:
    """Hands of one jaw that moves against what carries it."""
    for joint in tree.joints.values():
        words = f"{joint.name} {joint.child}".lower()
        if _is_finger(tree, joint) and any(word in words for word in HAND_WORDS):
            lower, upper = joint.lower or 0.0, joint.upper or 0.0
            closed, opened = (lower, upper) if abs(lower) <= abs(upper) else (upper, lower)
            yield SeenHand(
                joint.parent, (joint.child, joint.parent), (joint.name,), (closed,), (opened,), (joint.name,)
            )


def _ended(tree: RobotTree, palm: str, tips: list[str], joints: tuple[str, ...], members: tuple[str, ...]) -> SeenHand:
    """Return the hand with the two farthest fingers; open is where its joints bring them farther apart."""
    limits = [(tree.joints[name].lower or 0.0, tree.joints[name].upper or 0.0) for name in joints]

    def apart(positions: tuple[float, ...], pair: tuple[str, str]) -> float:
        poses = tree.poses(dict(zip(joints, positions, strict=True)))
        first, second = (poses[name].apply(_middle(tree, name)) for name in pair)
        return float(np.linalg.norm(first - second))

    lower, upper = tuple(low for low, _ in limits), tuple(high for _, high in limits)
    pair = max(combinations(tips, 2), key=lambda pair: apart(lower, pair) + apart(upper, pair))
    opened = list(lower)
    for at in range(len(joints)):
        # Each joint by itself: fingers that are driven apart need not have the same sense.
        tried = [(*opened[:at], value, *opened[at + 1 :]) for value in limits[at]]
        opened = list(max(tried, key=lambda positions: apart(positions, pair)))
    closed = tuple(low if value == high else high for value, (low, high) in zip(opened, limits, strict=True))
    return SeenHand(palm, (pair[0], pair[1]), joints, closed, tuple(opened), members)


def _middle(tree: RobotTree, link: str) -> np.ndarray:
    body = tree.links[link]
    shapes = body.collisions or body.visuals
    return np.mean([shape.T_link_shape.position_m for shape in shapes], axis=0) if shapes else np.zeros(3)


def _is_finger(tree: RobotTree, joint: TreeJoint) -> bool:
    limited = joint.lower is not None and joint.upper is not None
    return limited and not _has_child(tree, joint.child) and _has_shape(tree, joint.child)


def _has_child(tree: RobotTree, link: str) -> bool:
    return any(joint.parent == link for joint in tree.joints.values())


def _has_shape(tree: RobotTree, link: str) -> bool:
    return bool(tree.links[link].collisions or tree.links[link].visuals)
