"""What was tried in vain is counted by what ended it, the commonest first, each with its nearest miss."""

import numpy as np
import pytest

from blueprint.pipeline.planning.misses import Hurdle, Miss, Tries, told


def tried(*ended: Miss) -> Tries:
    """Return tries that ended at these misses, one each."""
    tries = Tries()
    for miss in ended:
        tries.begin()
        tries.note(miss)
    tries.begin()
    return tries


def hand(by_m: float, second: str = "tray") -> Miss:
    """The hand against something."""
    return Miss(Hurdle.ROOM, by_m, first="the hand", second=second)


def test_the_commonest_cause_is_told_first_with_its_nearest_miss() -> None:
    far = [Miss(Hurdle.REACH, by_m) for by_m in (0.2, 0.031, 0.5)]
    arm = Miss(Hurdle.POSTURE, -0.012, first="the arm", second="shelf")
    sentence = told([tried(arm, *far), tried(hand(-0.003), hand(-0.02))], "grasps")
    assert sentence == (
        "of 6 grasps: 3 out of reach (nearest misses by 31 mm), 2 with the hand against tray (at best 3.0 mm inside), "
        "1 with the arm against shelf (at best 12 mm inside)"
    )


def test_a_try_ends_at_what_it_met_last_and_nearest() -> None:
    """Another way back of the same grasp, another posture: the one that came furthest counts."""
    tries = Tries()
    for miss in (hand(-0.01), Miss(Hurdle.REACH, 0.3), Miss(Hurdle.REACH, 0.1), hand(-0.001)):
        tries.note(miss)
    tries.begin()
    assert tries.ended == [Miss(Hurdle.REACH, 0.1)]


def test_what_can_be_done_does_not_count_as_a_miss() -> None:
    tries = tried(hand(-0.01))
    tries.note(hand(-0.02))
    tries.lead_on()
    assert told([tries], "grasps").endswith(
        "of 2 grasps: 1 with the hand against tray (at best 10 mm inside), 1 free, but nothing follows"
    )


def test_nothing_tried_says_nothing() -> None:
    assert told([Tries()], "ways") == ""


def test_a_single_cause_is_said_of_all() -> None:
    assert told([tried(*[Miss(Hurdle.REACH, 0.031)] * 4)], "holds") == (
        "all 4 holds out of reach (nearest misses by 31 mm)"
    )


def test_one_try_is_not_called_all() -> None:
    """What is in the hand after a lift is held in one way."""
    words = "one hold tried: out of reach (nearest misses by 34 degrees)"
    assert told([tried(Miss(Hurdle.REACH, 0.0, np.deg2rad(34)))], "holds") == words


def test_many_causes_are_cut_to_the_commonest() -> None:
    tries = tried(*(hand(-0.01, name) for name in "abcdefg"), hand(-0.01, "g"))
    assert told([tries], "ways").startswith("of 8 ways: 2 with the hand against g")
    assert told([tries], "ways").endswith("2 for other reasons")


@pytest.mark.parametrize(
    ("miss", "words"),
    [
        (Miss(Hurdle.REACH, 0.002, np.deg2rad(14)), "out of reach (nearest misses by 2.0 mm and 14 degrees)"),
        (Miss(Hurdle.REACH, 0.0001, np.deg2rad(5)), "out of reach (nearest misses by 5 degrees)"),
        (Miss(Hurdle.REACH, 0.0004, np.deg2rad(0.5)), "out of reach (nearest misses by 0.4 mm and 0.5 degrees)"),
        (Miss(Hurdle.JUMP, 0.0), "where the straight way would need another posture of the arm midway"),
        (Miss(Hurdle.SWING, 0.0), "in which it would swing between the fingers"),
        (
            Miss(Hurdle.PART, 0.31, first="chest/drawer", second="box"),
            "with chest/drawer against box when its joint is at 0.31, whatever hand moves it",
        ),
        (
            Miss(Hurdle.WAY, 0.001, first="the arm", second="shelf"),
            "with the arm against shelf on the straight way (at best 1.0 mm apart)",
        ),
    ],
)
def test_each_hurdle_has_its_words(miss: Miss, words: str) -> None:
    assert told([tried(miss, miss)], "holds") == f"all 2 holds {words}"
