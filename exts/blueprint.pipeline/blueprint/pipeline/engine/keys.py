"""The key of a record: everything that decides its bytes, and nothing else."""

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from blueprint.pipeline.engine.digests import digest_path, digest_value
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Item, Settings, Stage
from blueprint.pipeline.engine.store import Record

KEY_LENGTH = 40


def settings_in_key(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON data without the fields that are marked as outside keys."""
    outside = {name for name, info in type(settings).model_fields.items() if info.json_schema_extra == NOT_IN_KEY}
    return settings.model_dump(mode="json", exclude=outside)


def tool_versions(stage: Stage) -> dict[str, str]:
    """Return the installed version of each distribution that the stage names, or `absent`."""
    return installed_versions(stage.tools)


def installed_versions(tools: Iterable[str]) -> dict[str, str]:
    """Return the installed version of each distribution, or `absent`."""
    return {tool: _version(tool) for tool in sorted(tools)}


def describe(stage: Stage, settings: Settings, inputs: Mapping[str, Record]) -> dict[str, Any]:
    """Return the header of a stage's record: all that its key is made of, in readable form."""
    return {
        "stage": stage.name,
        "stage_version": stage.version,
        "settings": settings_in_key(settings),
        "inputs": {name: record.digest for name, record in sorted(inputs.items())},
        "tools": tool_versions(stage),
        "foreign": foreign_digests(stage, settings),
    }


def foreign_digests(stage: Stage, settings: Settings) -> dict[str, str]:
    """Return the digest of each thing from outside the store that decides a stage's result."""
    return {
        name: digest_path(value) if isinstance(value, Path) else digest_value(value)
        for name, value in sorted(stage.foreign(settings).items())
    }


def describe_item(stage: Stage, settings: Settings, item: Item, foreign: Mapping[str, str]) -> dict[str, Any]:
    """Return the header of one item's record; only what the item names of the inputs enters it."""
    return {
        "stage": stage.name,
        "stage_version": stage.version,
        "settings": settings_in_key(settings),
        "item": {"id": item.id, "values": dict(item.values), "inputs": list(item.inputs)},
        "tools": tool_versions(stage),
        "foreign": dict(foreign),
    }


def key_of(header: Mapping[str, Any]) -> str:
    """Return the key that a header describes."""
    return digest_value(dict(header))[:KEY_LENGTH]


@cache
def cpu_class() -> str:
    """Name the class of processor on which payload bytes are comparable: system, architecture and model."""
    return f"{platform.system()} {platform.machine()} {_cpu_model()}".strip()


def _cpu_model() -> str:
    """Return name, family and model: clouds give one name to several generations, whose last bits differ."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    # Only the first processor's block is read; the others repeat it.
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in reversed(lines))}
    numbers = [f"{name} {facts[name]}" for name in ("cpu family", "model") if name in facts]
    return " ".join([facts.get("model name", platform.processor()), *numbers])


@cache
def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"
