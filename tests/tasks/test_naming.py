"""The words for things: each tells one thing from all others in sight."""

from dataclasses import replace

import pytest
from tests.tasks.workshop import situation

from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.tasks.naming import among, joint_words, listed, part_word, prop_words, room_words, side_words
from blueprint.pipeline.tasks.situation import Situation


def relabelled(label: str, *props: str) -> Situation:
    """Return the scene with some props called alike."""
    scene = situation()

    def called(entry: SceneProp) -> SceneProp:
        return replace(entry, prop=replace(entry.prop, label=label)) if entry.prop.id in props else entry

    return replace(scene, manifest=replace(scene.manifest, props=tuple(map(called, scene.manifest.props))))


def test_what_is_alone_needs_no_place() -> None:
    assert prop_words(situation(), "bottle") == "bottle"


def test_two_alike_are_left_and_right() -> None:
    """The robot looks along x, so what has the larger y is to its left."""
    scene = relabelled("mug", "box", "bottle")
    assert prop_words(scene, "bottle") == "left mug"
    assert prop_words(scene, "box") == "right mug"


@pytest.mark.parametrize("count", [2, 3, 4, 6, 14])
def test_words_for_several_are_all_different(count: int) -> None:
    places = {f"thing_{k}": float(-k) for k in range(count)}
    words = [among(places, name) for name in places]
    assert len(set(words)) == count
    assert words[0] in ("left ", "leftmost ")
    assert words[-1] in ("right ", "rightmost ")


def test_parts_are_named_with_their_furniture() -> None:
    scene = situation()
    assert joint_words(scene, "cabinet/drawer_1_joint") == "drawer of the cabinet"
    assert joint_words(scene, "cabinet/door_1_joint") == "door of the cabinet"
    assert room_words(scene, "cabinet/in_drawer_1") == "drawer of the cabinet"
    assert room_words(scene, "bowl/inside") == "bowl"


def test_a_part_without_a_name_is_called_after_what_is_done_with_it() -> None:
    assert part_word(situation(), "panel/slider") == "slider"
    assert part_word(situation(), "panel/knob_1_joint") == "knob"


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ((0.5, 0.2, 0.3), "further to the left"),
        ((0.5, -0.45, 0.3), "further to the right"),
        ((0.75, -0.2, 0.3), "further back"),
        ((0.3, -0.2, 0.3), "nearer to the robot"),
    ],
)
def test_sides_are_as_seen_from_behind_the_robot(goal: tuple[float, float, float], words: str) -> None:
    assert side_words(situation(), (0.5, -0.2, 0.3), goal) == words


def test_lists_read_like_sentences() -> None:
    assert listed(["apple"]) == "apple"
    assert listed(["apple", "can"]) == "apple and the can"
    assert listed(["apple", "can", "mug"]) == "apple, the can and the mug"
