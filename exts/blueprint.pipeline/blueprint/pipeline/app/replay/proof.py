"""Whether what an episode was made from is still what it was: seeds, files and versions against its record."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.opened_episode import REPLAYED_FILE, OpenedEpisode, run_of
from blueprint.pipeline.engine.digests import digest_file, digest_value
from blueprint.pipeline.engine.keys import cpu_class, installed_versions, key_of
from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.codec import to_plain

KEY_FIELDS = ("stage", "stage_version", "settings", "item", "tools", "foreign")
"""What the key of an episode's record is made of."""


class ReplayRefused(InputError):
    """What an episode was made from is not what it was, so a replay would prove nothing."""

    def __init__(self, episode: str, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        lines = [
            f"{episode} cannot be replayed; what decides it must be what it was when it was recorded. "
            "Bring it back, or record the episode anew with `blueprint run`",
            *(f"  {reason}" for reason in reasons),
        ]
        super().__init__("\n".join(lines))


class ReplayOfReplay(InputError):
    """A replay that is to be replayed: what it holds is no record of a run, so nothing vouches for it."""

    def __init__(self, opened: OpenedEpisode) -> None:
        run, changed = run_of(opened), ", ".join(opened.header["changed"]) or "nothing changed"
        origin = f"{run.name}:{opened.summary.id}" if run is not None else opened.summary.id
        super().__init__(
            f"{opened.episode.folder.name} is itself a replay of {opened.summary.id}, with {changed}; only what a run "
            f"has recorded can be stepped again. Name that episode, as in `blueprint replay {origin}`, and everything "
            "that is to be changed in one command"
        )


def check_unchanged(opened: OpenedEpisode, *, moved: bool = True) -> None:
    """Raise ReplayRefused with everything that differs from what was recorded; `moved` asks for recorded states.

    Raises ReplayOfReplay for what no run has recorded.
    """
    if (opened.episode.folder / REPLAYED_FILE).is_file():
        raise ReplayOfReplay(opened)
    if reasons := list(changes_since(opened, moved=moved)):
        raise ReplayRefused(opened.summary.id, reasons)


def changes_since(opened: OpenedEpisode, *, moved: bool = True) -> Iterator[str]:
    """Yield a sentence for each seed, file and version that is not what it was, or of which nothing is known."""
    if opened.unproven:
        yield f"nothing to hold it against: {opened.unproven}"
        return
    if opened.scene is None:
        yield f"the scene is not at hand: {opened.scene_missing}"
    if moved and opened.states is None:
        yield "nothing was recorded that could be stepped again: the robot did not move"
    yield from _changed_header(opened)
    yield from _changed_files(opened.digests)
    yield from _changed_seeds(opened)
    yield from _changed_tools(opened.header.get("tools", {}))


def same_machine(opened: OpenedEpisode) -> bool:
    """Whether this is the class of processor that recorded an episode, on which bytes are comparable."""
    return opened.header.get("cpu") == cpu_class()


def _changed_header(opened: OpenedEpisode) -> Iterator[str]:
    header = opened.header
    if not header:
        yield "the lineage says nothing about how it was made"
        return
    made_from = {name: header.get(name, {}) for name in KEY_FIELDS}
    if key_of(made_from) != header["key"]:
        yield f"record: settings, seeds or versions were edited; they no longer give the key {header['key'][:12]}"
    if "files" in header and digest_value(header["files"]) != header["digest"]:
        yield "record: the list of files was edited; it no longer gives the record's digest"


def _changed_files(digests: Mapping[Path, str]) -> Iterator[str]:
    for path, expected in sorted(digests.items()):
        name = f"{path.parent.name}/{path.name}"
        if not path.is_file():
            yield f"file {name} is missing"
        elif (found := digest_file(path)) != expected:
            yield f"file {name} has digest {found[:12]}, recorded was {expected[:12]}"


def _changed_seeds(opened: OpenedEpisode) -> Iterator[str]:
    settings: Mapping[str, Any] = opened.header.get("settings", {})
    if "seed" in settings and settings["seed"] != opened.summary.seed:
        yield f"seed: the outcome says {opened.summary.seed}, the record was made with {settings['seed']}"
    recorded = opened.header.get("item", {}).get("values", {}).get("variant")
    found = to_plain(opened.variant) if opened.variant is not None else None
    if recorded is None or found == recorded:
        return
    if found is None:
        yield f"variant {recorded['index']}: its numbers are missing"
    elif found["seed"] != recorded["seed"]:
        yield f"seed: variant {found['index']} says {found['seed']}, the record was made with {recorded['seed']}"
    else:
        yield f"variant {found['index']}: its numbers differ from those that the record was made with"


def _changed_tools(recorded: Mapping[str, str]) -> Iterator[str]:
    for tool, version in installed_versions(recorded).items():
        if version != recorded[tool]:
            yield f"version: {tool} is {version}, {recorded[tool]} recorded it; pip install {tool}=={recorded[tool]}"
