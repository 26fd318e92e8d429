"""An episode stepped again on another class of processor: how far from what was recorded, and with which outcome.

Rounding differs there, and contact magnifies it, so bits say nothing; where links are and what became of the task do.
"""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.episode.outcomes import FailureCode

from .resimulate import resimulate
from .written import witness_again

APART_M = 1e-6


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How far links were apart at most, over all frames that both have, and what was judged then and now."""

    apart_m: float
    recorded: FailureCode
    found: FailureCode

    @property
    def passed(self) -> bool:
        """Whether links stayed where they were recorded, and the outcome is the same."""
        return self.apart_m <= APART_M and self.recorded is self.found

    def sentence(self) -> str:
        """Say both."""
        place = "the same" if self.apart_m <= APART_M else "differs"
        outcome = f"judged anew it is {_words(self.found)}"
        outcome += ", as recorded" if self.recorded is self.found else f", recorded was {_words(self.recorded)}"
        return f"{place} to {APART_M:g} m, links up to {self.apart_m:.3g} m apart; {outcome}"


def step_elsewhere(opened: OpenedEpisode, from_frame: int) -> Elsewhere:
    """Step an episode again from a frame and judge it; raises what `resimulate` raises."""
    assert opened.states is not None
    made, recorded = resimulate(opened, (), from_frame), opened.states.channel("body_position_m")
    found = made.track.body_position_m
    count = min(len(found), len(recorded))
    apart_m = np.linalg.norm(found[:count] - recorded[:count], axis=2)
    verdict = witness_again(opened, made).verdict
    return Elsewhere(float(apart_m.max()), opened.summary.outcome.failure, verdict.failure)


def _words(failure: FailureCode) -> str:
    return "a success" if failure is FailureCode.NONE else failure.value.replace("_", " ")
