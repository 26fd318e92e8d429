"""Attempts take every pair of a task and a prop in turn."""

from collections import Counter

from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.generate.turns import Turns


def offer(task: str, prop: str, other: str = "") -> Offer:
    """Return a feasible offer."""
    return Offer(f"{task}/{prop}/{other}", task, {"object": prop, "base": other}, True, "", object=prop)


OFFERS = (
    offer("pick", "a"),
    offer("pick", "b"),
    offer("stack", "a", "b"),
    offer("stack", "a", "c"),
    offer("stack", "a", "d"),
    offer("stack", "b", "a"),
)


def test_every_pair_comes_before_any_comes_twice() -> None:
    turns = Turns.of(OFFERS, ("stack", "pick"))
    first = [turns.offer(number) for number in range(4)]
    assert [(each.template, each.object) for each in first] == [
        ("stack", "a"),
        ("stack", "b"),
        ("pick", "a"),
        ("pick", "b"),
    ]


def test_a_pair_with_several_fillings_takes_each_in_turn() -> None:
    turns = Turns.of(OFFERS, ("stack", "pick"))
    taken = Counter(turns.offer(number).id for number in range(4 * 3))
    assert taken == {
        "stack/a/b": 1,
        "stack/a/c": 1,
        "stack/a/d": 1,
        "stack/b/a": 3,
        "pick/a/": 3,
        "pick/b/": 3,
    }


def test_only_wanted_tasks_are_taken() -> None:
    assert Turns.of(OFFERS, ("pour",)).pairs == ()
    assert {each.template for pair in Turns.of(OFFERS, ("pick",)).pairs for each in pair} == {"pick"}
