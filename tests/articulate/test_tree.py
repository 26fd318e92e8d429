"""Links and joints are one tree, or all that is wrong is said at once."""

import pytest

from blueprint.pipeline.articulate.tree import BrokenTree, check_tree, tree_faults
from blueprint.pipeline.scene.props import Joint

LINKS = ["base", "door_1", "knob_1"]


def joint(parent: str, child: str) -> Joint:
    return Joint(f"{child}_joint", "revolute", parent, child, (0, 0, 1), (0, 0, 0), 0.0, 1.0)


def test_a_chain_and_a_star_are_trees() -> None:
    check_tree("cabinet", LINKS, [joint("base", "door_1"), joint("door_1", "knob_1")])
    check_tree("cabinet", LINKS, [joint("base", "door_1"), joint("base", "knob_1")])
    check_tree("box", ["base"], [])


@pytest.mark.parametrize(
    ("joints", "fault"),
    [
        ([joint("base", "door_1")], "2 roots, base, knob_1"),
        ([joint("knob_1", "door_1"), joint("door_1", "knob_1")], "door_1, knob_1 carry each other in a circle"),
        ([joint("base", "door_1"), joint("base", "door_1")], "'door_1' is moved by"),
        ([joint("bas", "door_1"), joint("base", "knob_1")], "has the parent 'bas', which is no link"),
        ([joint("base", "door_1"), joint("base", "knob_2")], "has the child 'knob_2', which is no link"),
        ([joint("door_1", "door_1"), joint("base", "knob_1")], "door_1 carry each other"),
    ],
)
def test_every_fault_is_named(joints: list[Joint], fault: str) -> None:
    assert any(fault in text for text in tree_faults(LINKS, joints))
    with pytest.raises(BrokenTree, match="Links: base, door_1, knob_1"):
        check_tree("cabinet", LINKS, joints)


def test_a_link_is_there_once() -> None:
    assert tree_faults(["base", "base"], []) != []
