"""What a stage is: a typed generator function that reads records and writes one.

    @stage(version=1, tools=("numpy",), deadline_s=600)
    def articulate(work: Work, scan: Ingested, settings: ArticulateSettings) -> Steps[Articulated]:
        \"\"\"Find the joints of furniture.\"\"\"
        yield Progress(0.5, "cabinet")
        ...write files below work.folder...
        return Articulated(work.folder)

Parameters of a Record type are inputs, found by type among the earlier stages' outputs. A mapped stage also takes
`item: Item`; its `items` function lists them, and each becomes a record with a key of its own.
"""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints, overload

from pydantic import BaseModel

from blueprint.pipeline.engine.attempts import Attempts
from blueprint.pipeline.engine.checks import Check
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.store import MappedRecord, Record

RecordT = TypeVar("RecordT", bound=Record)
Steps = Generator[Progress | Warned, None, RecordT]
Foreign = Callable[[Any], Mapping[str, Any]]

NOT_IN_KEY: dict[str, Any] = {"in_key": False}
"""`json_schema_extra` of a settings field whose value must not enter keys, such as a path whose content does."""


class Settings(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """Base of every settings section; each field carries one sentence with its unit."""


@dataclass(frozen=True)
class Item:
    """One piece of a mapped stage's work.

    Its function may read from the inputs only what `values` and `inputs` name, because nothing else enters its key.
    """

    id: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    inputs: tuple[str, ...] = ()


@dataclass
class Work:
    """The workplace of one running stage or item: a hidden folder, and the checks it has measured.

    `store` is the folder of the store, None outside a run; `remembered` lists the keys of partial results used.
    """

    folder: Path
    checks: list[Check] = field(default_factory=list[Check])
    store: Path | None = None
    remembered: list[str] = field(default_factory=list[str])

    def check(self, *results: Check) -> None:
        """Store what was measured with the record; a failing blocking check stops the run after it."""
        self.checks.extend(results)


ListItems = Callable[..., Sequence[Item]]


class NumberedItems(Sequence[Item]):
    """A long list of items, each of which is described when it is asked for."""

    def __init__(self, count: int, describe: Callable[[int], Item]) -> None:
        self._count, self._describe = count, describe

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self._describe(number) for number in range(self._count)[index]]
        return self._describe(range(self._count)[index])


def nothing_to_load() -> None:
    """Begin nothing: the stage needs nothing that takes long to load."""


@dataclass(frozen=True)
class Stage:
    """The declaration of a stage, read from its function's signature."""

    name: str
    label: str
    version: int
    function: Callable[..., Steps[Any]]
    settings_type: type[Settings]
    inputs: Mapping[str, type[Record]]
    output: type[Record]
    tools: tuple[str, ...]
    deadline_s: float
    foreign: Foreign
    warm_up: Callable[[], None] = nothing_to_load
    items: ListItems | None = None
    item_output: type[Record] | None = None
    attempts: Attempts | None = None
    spares_lost: bool = False

    @property
    def warms_up(self) -> bool:
        """Whether something can be loaded before its turn."""
        return self.warm_up is not nothing_to_load

    @property
    def mapped(self) -> bool:
        """Whether the stage is worked off item by item."""
        return self.items is not None


def _no_files(_: Any) -> Mapping[str, Any]:
    return MappingProxyType({})


def stage(
    *,
    version: int,
    tools: Sequence[str] = (),
    deadline_s: float = 900,
    foreign: Foreign = _no_files,
    warm_up: Callable[[], None] = nothing_to_load,
) -> Callable[[Callable[..., Steps[Any]]], Stage]:
    """Declare a stage.

    `tools` are distributions whose versions enter the key; `foreign` maps the settings to what comes from outside
    the store and enters it: files by their contents, anything else as plain data; `deadline_s` is wall time after
    which the stage fails. `warm_up` begins to load early what the stage needs late, and returns at once.
    """

    def declare(function: Callable[..., Steps[Any]]) -> Stage:
        return replace(_read_signature(function, version, tools, deadline_s, foreign), warm_up=warm_up)

    return declare


def mapped_stage(
    *,
    output: type[MappedRecord],
    items: ListItems,
    version: int,
    tools: Sequence[str] = (),
    deadline_s: float = 300,
    foreign: Foreign = _no_files,
    attempts: Attempts | None = None,
    spares_lost: bool = False,
) -> Callable[[Callable[..., Steps[Any]]], Stage]:
    """Declare a stage that is worked off item by item; `deadline_s` holds for each item.

    `items` is called with the stage's inputs and settings by keyword and lists the work. The decorated function makes
    one item's record; `output` is the record that names them all. With `attempts` the items are tried in order until
    enough have succeeded. An item that cannot be made, because its worker hangs or dies again and again or its
    function raises, fails the stage; with `spares_lost`, and always with `attempts`, it is left out with the reason.
    """

    def declare(function: Callable[..., Steps[Any]]) -> Stage:
        plain = _read_signature(function, version, tools, deadline_s, foreign)
        spares = spares_lost or attempts is not None
        return replace(
            plain, output=output, items=items, item_output=plain.output, attempts=attempts, spares_lost=spares
        )

    return declare


def _read_signature(
    function: Callable[..., Steps[Any]], version: int, tools: Sequence[str], deadline_s: float, foreign: Foreign
) -> Stage:
    hints = get_type_hints(function)
    returned = get_args(hints.pop("return"))[-1]
    records = {name: kind for name, kind in hints.items() if isinstance(kind, type) and issubclass(kind, Record)}
    label = (inspect.getdoc(function) or function.__name__).splitlines()[0].rstrip(".")
    return Stage(
        name=function.__name__,
        label=label,
        version=version,
        function=function,
        settings_type=hints["settings"],
        inputs=MappingProxyType(records),
        output=returned,
        tools=tuple(tools),
        deadline_s=deadline_s,
        foreign=foreign,
    )
