"""The tasks that a run's scene and robot allow, counted per task and per pair, with the reasons against the others."""

import json
from dataclasses import dataclass
from typing import Any

from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.offers import HandRoom, Offer, Offers
from blueprint.pipeline.episode.records import Offered
from blueprint.pipeline.errors import ScanError


@dataclass(frozen=True, slots=True)
class OfferedTask:
    """One task: what it is, how many fillings of its roles the robot can do, and every filling.

    `absent` is the reason for which there is no filling at all.
    """

    name: str
    summary: str
    difficulty: float
    feasible: int
    offers: tuple[Offer, ...]
    absent: str = ""


def offered_tasks(offered: Offered) -> tuple[OfferedTask, ...]:
    """Return every task that was looked at, also those for which the scene holds nothing."""
    return tuple(_task(name, template, offered.offers) for name, template in offered.templates.items())


def pairs_words(offers: Offers) -> str:
    """Say how many pairs of a graspable object and a task can be done."""
    pairs = offers.pairs()
    if not pairs:
        return f"nothing that the gripper of {offers.robot} can hold fills a role of a task"
    done = sum(pair.feasible for pair in pairs)
    share = f"{100 * done / len(pairs):.0f} %"
    return f"{done} of {len(pairs)} pairs of a graspable object and a task ({share}) can be done by {offers.robot}"


def not_graspable(offers: Offers) -> list[str]:
    """Say of each thing that the gripper cannot hold where it stands how far its grasps came."""
    return [f"{thing.prop}: {_hand_words(thing)}" for thing in offers.things if not thing.graspable]


def _hand_words(thing: HandRoom) -> str:
    if not thing.listed:
        return "no grasp of it fits the gripper"
    if not thing.held:
        return f"none of its {thing.listed} grasps held when tried"
    return f"{thing.held} of {thing.listed} grasps held when tried, at none of these has the hand room where it stands"


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


def _task(name: str, template: dict[str, Any], offers: Offers) -> OfferedTask:
    mine = tuple(offer for offer in offers.offers if offer.template == name)
    feasible, absent = sum(offer.feasible for offer in mine), offers.absent.get(name, "")
    return OfferedTask(name, template["summary"], template["difficulty"], feasible, mine, absent)


def _plain(task: OfferedTask) -> dict[str, Any]:
    rows = [
        {
            "id": offer.id,
            "roles": offer.roles,
            "pair": offer.pair,
            "feasible": offer.feasible,
            "reason": offer.reason,
        }
        for offer in task.offers
    ]
    plain = {"task": task.name, "summary": task.summary, "difficulty": task.difficulty, "offers": rows}
    return plain if rows else {**plain, "absent": task.absent}
