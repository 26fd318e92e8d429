"""Touches that no plan meant: robot or load against something else, while it should be moving freely."""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.protocols import Contacts

GRAZE_N = 5.0
"""Less than this is a brush that planning with a margin of millimetres cannot rule out."""


@dataclass(frozen=True, slots=True)
class Graze:
    """Which two bodies met, and how hard."""

    bodies: tuple[str, str]
    force_n: float


def grazed(contacts: Contacts, load: str | None, base_link: str) -> Graze | None:
    """Return the hardest touch between what moves (the robot, and the prop that it carries) and anything else."""
    worst: Graze | None = None
    for at, (first, second) in enumerate(zip(contacts.first, contacts.second, strict=True)):
        ours = [body.split("/", 1)[0] in (ROBOT, load) for body in (first, second)]
        if ours[0] == ours[1] or f"{ROBOT}/{base_link}" in (first, second):
            continue
        force_n = float(np.linalg.norm(contacts.force_n[at]))
        if force_n > max(GRAZE_N, worst.force_n if worst else 0.0):
            worst = Graze((first, second), force_n)
    return worst
