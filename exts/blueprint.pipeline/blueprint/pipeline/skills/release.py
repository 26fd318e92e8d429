"""Release: open the fingers, as wide as there is room for."""

from collections.abc import Iterator
from dataclasses import replace

from blueprint.pipeline.episode.tasks import Step

from .legs import Leg, Spread
from .means import Means
from .situation import Situation

_ROOMS_M = (0.04, 0.02, 0.01)
"""How much wider than the thing the fingers open where they cannot open fully."""


def plan_release(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Yield the widest opening that touches nothing, then narrower ones."""
    del step
    open_m = means.workspace.robot.gripper.max_width_m
    held = before.held
    widths = [open_m] if held is None else [open_m, *(held.width_m + room for room in _ROOMS_M)]
    links = () if held is None else (held.body,)
    for width_m in dict.fromkeys(min(width, open_m) for width in widths):
        after = replace(before, width_m=width_m, held=None, touched=links)
        means.arrange(after)
        if means.workspace.is_clear(after.arm_rad, 0.0):
            yield (Spread(after),)
