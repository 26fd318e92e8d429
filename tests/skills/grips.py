"""Situations with something in the hand."""

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.skills.grasp import plan_grasp
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation


def grasped(means: Means, start: Situation, step: Step) -> Situation:
    """The situation after the first grasp that is offered."""
    return next(plan_grasp(means, start, step))[-1].after
