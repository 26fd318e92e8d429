"""The worst collider counts, and one that could not be measured is never passed over."""

from dataclasses import dataclass

import pytest
from benchmarks.measures.scenes import DISTANCE, RATIO_HIGH, RATIO_LOW, collider_figures

from blueprint.pipeline.scene.edits import SetColliders


@dataclass(frozen=True)
class Judged:
    """A scene as far as its colliders are concerned."""

    name: str
    found: tuple[SetColliders, ...]

    def colliders(self) -> tuple[SetColliders, ...]:
        return self.found


def link(body: str, ratio: float | None, distance_m: float | None) -> SetColliders:
    """Return a link's colliders with what was measured of them."""
    return SetColliders("mug", body, (), "hull", ratio, "", distance_p95_m=distance_m)


def test_the_worst_link_is_the_figure() -> None:
    scene = Judged("table", (link("a", 1.0, 0.001), link("b", 0.8, 0.004), link("c", 1.4, 0.002)))
    values = {figure.goal: (figure.value, figure.note) for figure in collider_figures([scene])}
    assert values[RATIO_LOW] == (0.8, "table/mug/b of 3 links")
    assert values[RATIO_HIGH] == (1.4, "table/mug/c of 3 links")
    assert values[DISTANCE] == (pytest.approx(4.0), "table/mug/b of 3 links")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_link_without_a_ratio_is_a_miss_wherever_it_stands(order: tuple[int, int]) -> None:
    links = (link("a", 1.0, 0.001), link("b", None, 0.002))
    found = collider_figures([Judged("table", tuple(links[number] for number in order))])
    assert [figure.value for figure in found] == [None, None, pytest.approx(2.0)]
    assert [figure.goal.met_by(figure.value) for figure in found] == [False, False, True]
