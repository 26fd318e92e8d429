"""What the robot can be asked to do in the scene, and what speaks against the rest."""

from dataclasses import dataclass

from blueprint.pipeline.app.offered_tasks import OfferedTask, not_graspable, offered_tasks, pairs_words
from blueprint.pipeline.episode.records import Offered

MOST_REASONS = 12


@dataclass(frozen=True, slots=True)
class Refused:
    """One filling of a task's roles that cannot be done."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task: how much of what the scene holds for it can be done."""

    name: str
    summary: str
    figure: str
    refused: tuple[Refused, ...]
    not_shown: int


@dataclass(frozen=True, slots=True)
class TasksSection:
    """Every task that was looked at; `absent` names those for which the scene holds nothing."""

    lead: str
    rows: tuple[TaskRow, ...]
    absent: tuple[str, ...]


def describe_tasks(offered: Offered) -> TasksSection:
    """Return the offers of a scene in words."""
    tasks = offered_tasks(offered)
    left_out = "".join(f" Not graspable is {words}." for words in not_graspable(offered.offers))
    counted = pairs_words(offered.offers)
    lead = f"{counted[:1].upper()}{counted[1:]}.{left_out}"
    rows = tuple(_row(task) for task in tasks if task.offers)
    return TasksSection(lead, rows, tuple(task.name for task in tasks if not task.offers))


def _row(task: OfferedTask) -> TaskRow:
    refused = [Refused(offer.id.split("/", 1)[1], offer.reason) for offer in task.offers if not offer.feasible]
    figure = f"{task.feasible} of {len(task.offers)}"
    shown = tuple(refused[:MOST_REASONS])
    return TaskRow(task.name, task.summary, figure, shown, len(refused) - len(shown))
