"""The tasks that a run's scene and robot allow, counted per task, with the reasons against the others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.records import Offered
from blueprint.pipeline.errors import ScanError


@dataclass(frozen=True, slots=True)
class OfferedTask:
    """One task: what it is, how many fillings of its roles the robot can do, and every filling."""

    name: str
    summary: str
    difficulty: float
    feasible: int
    offers: tuple[Offer, ...]

    @property
    def pairs(self) -> dict[str, bool]:
        """Each prop that can be handled at all, with whether the robot can do the task with it here.

        What no gripper of this size holds, wherever it stood, is not counted.
        """
        found: dict[str, bool] = {}
        for offer in self.offers:
            if offer.measures.get("grasps", 1.0) == 0:
                continue
            prop = offer.roles.get("object", offer.object)
            found[prop] = found.get(prop, False) or offer.feasible
        return found


def offered_tasks(offered: Offered) -> tuple[OfferedTask, ...]:
    """Return every task that was looked at, also those for which the scene holds nothing."""
    offers = offered.offers.offers
    return tuple(_task(name, template, offers) for name, template in offered.templates.items())


def offers_of(folder: RunFolder) -> Offered:
    """Return the offers of a run; raises ScanError where it has not come so far."""
    found = RunRecords(folder).get(Offered)
    if found is None:
        raise ScanError(
            folder.root.name, "has not looked at tasks yet", expected="a run with `--until offer` or further"
        )
    return found


def offers_as_json(offered: Offered) -> str:
    """Return every task with its fillings as JSON."""
    return json.dumps([_plain(task) for task in offered_tasks(offered)], indent=1)


def _task(name: str, template: dict[str, Any], offers: Sequence[Offer]) -> OfferedTask:
    mine = tuple(offer for offer in offers if offer.template == name)
    feasible = sum(offer.feasible for offer in mine)
    return OfferedTask(name, template["summary"], template["difficulty"], feasible, mine)


def _plain(task: OfferedTask) -> dict[str, Any]:
    rows = [
        {"id": offer.id, "roles": offer.roles, "feasible": offer.feasible, "reason": offer.reason}
        for offer in task.offers
    ]
    return {"task": task.name, "summary": task.summary, "difficulty": task.difficulty, "offers": rows}
