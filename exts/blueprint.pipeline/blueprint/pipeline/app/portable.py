"""What can be made on another machine, and what that takes beside records.

Portable is an item that nothing from outside the store decides but files that come with this package: every machine
that has the package has them, and their digests are compared there. Everything else is made where the run was started.
What a run may name from its working directory, a person's own robots, travels with the work.
"""

from collections.abc import Mapping
from pathlib import Path

from blueprint.pipeline.engine.digests import digest_path
from blueprint.pipeline.engine.perform import Task
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.robots import OWN_ROBOTS

ABSENT = "absent"


def is_portable(task: Task, stages: Mapping[str, Stage]) -> bool:
    """Whether a task can be made on any machine that has this package and the records that it reads."""
    return bool(task.item) and set(shipped_files(task, stages)) == set(task.header["foreign"])


def shipped_files(task: Task, stages: Mapping[str, Stage]) -> dict[str, str]:
    """Map what a task reads from outside the store, as far as it comes with this package, to its name in `config`."""
    if not task.header["foreign"]:
        return {}
    stage, config = stages[task.stage], resource_path("config").resolve()
    found = stage.foreign(stage.settings_type.model_validate(task.settings))
    paths = {name: value.resolve() for name, value in found.items() if isinstance(value, Path)}
    # A path that the settings name is one of this machine, wherever it leads.
    named = {str(Path(value).resolve()) for value in task.settings.values() if isinstance(value, str) and value}
    return {
        name: path.relative_to(config).as_posix()
        for name, path in paths.items()
        if path.is_relative_to(config) and str(path) not in named
    }


def shipped_digests(names: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of files of `config` as they are on this machine, `absent` for what is not there."""
    found: dict[str, str] = {}
    for name, relative in names.items():
        try:
            found[name] = digest_path(resource_path("config", relative))
        except UnknownName:
            found[name] = ABSENT
    return found


def own_files() -> dict[str, bytes]:
    """Return what work may name from the working directory, descriptions of one's own robots, by relative path."""
    return {path.as_posix(): path.read_bytes() for path in sorted(OWN_ROBOTS.glob("*/*.yaml"))}


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files below a folder, which becomes a working directory."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
