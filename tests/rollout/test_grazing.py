"""Which touches count as grazing."""

import numpy as np

from blueprint.pipeline.rollout.grazing import grazed
from blueprint.pipeline.sims.protocols import Contacts


def touching(*pairs: tuple[str, str, float]) -> Contacts:
    """Contacts of these bodies with so many newtons."""
    count, none = len(pairs), np.zeros((len(pairs), 3))
    forces = np.array([[0.0, 0.0, force] for _, _, force in pairs]).reshape(count, 3)
    return Contacts(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs), none, none, forces, np.zeros(count))


def test_the_hardest_touch_of_what_moves_counts() -> None:
    """The robot on the mug, or what it carries on the shelf; not the load in its hand, nor things on a table."""
    held = ("mug/body", "robot/finger", 40.0)
    assert grazed(touching(held, ("bowl/body", "table/top", 9.0)), "mug", "base") is None
    assert grazed(touching(held), None, "base") is not None
    found = grazed(touching(held, ("mug/body", "shelf/board", 7.0), ("robot/link5", "lamp/body", 12.0)), "mug", "base")
    assert found is not None
    assert (found.bodies, found.force_n) == (("robot/link5", "lamp/body"), 12.0)


def test_a_brush_and_the_robots_own_stand_do_not_count() -> None:
    """Under 5 N, and the base on what it stands on."""
    assert grazed(touching(("robot/link5", "lamp/body", 4.0)), None, "base") is None
    assert grazed(touching(("robot/base", "room/pedestal", 400.0)), None, "base") is None
