"""The work of one stage, handed out task by task to whoever is free, and what became of it.

A work list decides which record comes next; who makes it, where, and in which order they finish, is the executor's.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from blueprint.pipeline.engine.attempts import Aim, Attempts, Decision, Tally
from blueprint.pipeline.engine.checks import Check
from blueprint.pipeline.engine.perform import Ended, Task
from blueprint.pipeline.engine.stage import Item, Stage
from blueprint.pipeline.engine.store import Record, Store


class Member(NamedTuple):
    """One record of those that a stage's record is made of; of a task done, no more is worth its memory."""

    item_id: str
    key: str


class Listed:
    """Tasks that are all known beforehand; `tasks` are those whose records are missing."""

    def __init__(self, stage: Stage, members: Sequence[Task], store: Store) -> None:
        self.stage, self._members = stage, tuple(Member(task.item_id, task.key) for task in members)
        kind = stage.item_output or stage.output
        self.tasks = tuple(task for task in members if store.find(task.key, kind) is None)
        self._waiting, self.lost = deque(self.tasks), dict[str, str]()
        self.running = 0
        self.tried = len(self._members) - len(self.tasks)

    @property
    def is_settled(self) -> bool:
        """Whether every record is there."""
        return not self._waiting and not self.running

    @property
    def wanted(self) -> int:
        """How many records are wanted."""
        return len(self._members)

    @property
    def succeeded(self) -> int:
        """How many records are there, those included that say why an item is left out."""
        return self.tried - len(self.lost)

    def take(self) -> Task | None:
        """Return the next task, None when there is none."""
        if not self._waiting:
            return None
        self.running += 1
        return self._waiting.popleft()

    def end(self, ended: Ended) -> str:
        """Note what became of a task; returns nothing, because what is stored counts."""
        self.running, self.tried = self.running - 1, self.tried + 1
        if ended.lost:
            self.lost[ended.task.item_id] = ended.lost
        return ""

    def reused(self) -> list[str]:
        """List the items whose records were there."""
        missing = {task.item_id for task in self.tasks}
        return [member.item_id for member in self._members if member.item_id not in missing]

    def members(self) -> tuple[Member, ...]:
        """Return the records that the stage's record is made of, in order."""
        return self._members

    def checks(self) -> tuple[Check, ...]:
        """Nothing is measured about the list itself."""
        return ()

    def facts(self) -> dict[str, Any]:
        """Nothing but its members decides what the stage's record says."""
        return {}


class Numbered:
    """Attempts that are described one by one, until their complete prefix says that enough is known."""

    def __init__(
        self,
        stage: Stage,
        attempts: Attempts,
        aim: Aim,
        items: Sequence[Item],
        describe: Callable[[Item], Task],
        store: Store,
    ) -> None:
        self.stage, self._attempts, self._items = stage, attempts, items
        self._describe, self._store, self.tally = describe, store, Tally(aim, len(items))
        self.lost, self._described = dict[str, str](), list[Member]()
        self._running: dict[str, int] = {}
        self._reused: list[str] = []
        self._ready: Task | None = None
        self._recall()

    @property
    def is_settled(self) -> bool:
        """Whether the complete prefix has decided, and nothing is at work beyond it."""
        return self.tally.decision is not Decision.GO_ON and not self._running

    @property
    def running(self) -> int:
        """How many attempts are being made."""
        return len(self._running)

    @property
    def tried(self) -> int:
        """How many attempts are finished."""
        return self.tally.known

    @property
    def wanted(self) -> int:
        """How many successes are wanted."""
        return self.tally.aim.wanted

    @property
    def succeeded(self) -> int:
        """How many finished attempts succeeded, as far as they are wanted."""
        return min(self.tally.known_successes, self.wanted)

    def take(self) -> Task | None:
        """Return the next attempt that is likely to be needed, None while there is none."""
        self._recall()
        task = self._ready
        if task is None or not self.tally.worth_starting(self.running):
            return None
        self._ready = None
        self._running[task.key] = len(self._described) - 1
        return task

    def end(self, ended: Ended) -> str:
        """Note what became of an attempt, and return why it failed; a lost one counts as failed."""
        number = self._running.pop(ended.task.key)
        if ended.lost:
            self.lost[ended.task.item_id] = ended.lost
        failure = ended.lost or self._failure(ended.task)
        self.tally.add(number, failure)
        return failure

    def reused(self) -> list[str]:
        """List the attempts found in the store since this was last asked."""
        found, self._reused = self._reused, []
        return found

    def members(self) -> tuple[Member, ...]:
        """Return the attempts of the decisive prefix; what was made beyond it stays in the store."""
        return tuple(self._described[: self.tally.tried])

    def checks(self) -> tuple[Check, ...]:
        """Return what the decisive prefix measured."""
        return self.tally.checks()

    def facts(self) -> dict[str, Any]:
        """Return what the checks depend on beside the members."""
        return {"aim": {**asdict(self.tally.aim), "most": self.tally.most}}

    def _recall(self) -> None:
        """Count attempts whose records are in the store, up to the next one that must be made."""
        while self._ready is None and self.tally.decision is Decision.GO_ON and len(self._described) < self.tally.most:
            task = self._describe(self._items[len(self._described)])
            self._described.append(Member(task.item_id, task.key))
            if self._store.find(task.key, Record) is None:
                self._ready = task
            else:
                self._reused.append(task.item_id)
                self.tally.add(len(self._described) - 1, self._failure(task))

    def _failure(self, task: Task) -> str:
        folder = self._store.records / task.key
        return Record(folder).left_out or self._attempts.failure((self.stage.item_output or Record)(folder))


WorkList = Listed | Numbered
