"""A small pipeline that counts letters: two plain stages around a mapped one, without robotics."""

import json
import os
import signal
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pydantic import Field

from blueprint.pipeline.engine.checks import check_at_most
from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Item, Settings, Steps, Work, mapped_stage, stage
from blueprint.pipeline.engine.store import MappedRecord, Record
from blueprint.pipeline.errors import ItemRejected


class Words(Record):
    @cached_property
    def words(self) -> list[str]:
        return json.loads((self.folder / "words.json").read_text())


class Length(Record):
    @property
    def value(self) -> int:
        return int((self.folder / "length.txt").read_text())


class Lengths(MappedRecord):
    pass


class Total(Record):
    @property
    def value(self) -> int:
        return int((self.folder / "total.txt").read_text())


class SplitSettings(Settings):
    source: Path = Field(description="Text file.", json_schema_extra=NOT_IN_KEY)
    lower: bool = Field(False, description="Whether words become lower case.")


class MeasureSettings(Settings):
    die_at: str = Field("", description="Word at which the process kills itself once.", json_schema_extra=NOT_IN_KEY)
    die_mark: Path = Field(Path(), description="File that says it has died.", json_schema_extra=NOT_IN_KEY)


class AddSettings(Settings):
    limit: int = Field(1000, description="Largest total that passes.")


def _source(settings: SplitSettings) -> dict[str, Path]:
    return {"source": settings.source}


@stage(version=1, foreign=_source)
def split(work: Work, settings: SplitSettings) -> Steps[Words]:
    """Split the text into words."""
    text = settings.source.read_text()
    yield Progress(0.5, "reading")
    (work.folder / "words.json").write_text(json.dumps((text.lower() if settings.lower else text).split()))
    return Words(work.folder)


def list_words(words: Words, settings: MeasureSettings) -> Sequence[Item]:
    return [Item(f"{at}_{word}", {"word": word}) for at, word in enumerate(words.words)]


@mapped_stage(version=1, items=list_words, output=Lengths, deadline_s=20)
def measure(work: Work, item: Item, words: Words, settings: MeasureSettings) -> Steps[Length]:
    """Measure each word."""
    word = item.values["word"]
    yield Progress(0.1, word)
    if word == "unusable":
        raise ItemRejected(item.id, "cannot be measured")
    if word == "broken":
        raise RuntimeError("the ruler broke")
    if word == settings.die_at and not settings.die_mark.exists():
        (work.folder / "length.txt").write_text("0")
        settings.die_mark.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    (work.folder / "length.txt").write_text(str(len(word)))
    return Length(work.folder)


@stage(version=1)
def add(work: Work, lengths: Lengths, settings: AddSettings) -> Steps[Total]:
    """Add the lengths."""
    total = sum(Length(folder).value for folder in lengths.item_folders().values())
    work.check(check_at_most("total", total, settings.limit, unit="letters"))
    yield Progress(1.0)
    (work.folder / "total.txt").write_text(str(total))
    return Total(work.folder)


TOY = (split, measure, add)
TOY_STAGES = {entry.name: entry for entry in TOY}
