"""Where task files are found and how they are read: config/tasks, a person's own folder, and single files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path

from .templates import FORMAT_VERSION, ForEach, Template

TASKS_FOLDER = "tasks"
"""Folder of a person's own task files, beside the recipe."""

_TAGS = ("kind", "draw", "skill", "goal", "term")
"""Fields that say of which form an entry is."""

NAMED_ENTRIES = ("roles", "places")
"""Sections whose entries have names; those of the others are counted."""

ALL = "all"
"""In place of names: every task that is found."""


def is_task_file(task: object) -> bool:
    """Whether something names a file rather than a task."""
    return isinstance(task, str) and task.endswith((".yaml", ".yml"))


def shipped_tasks() -> dict[str, Path]:
    """Return the files of config/tasks by name."""
    return {path.stem: path for path in sorted(resource_path("config", "tasks").glob("*.yaml"))}


def find_tasks(folders: Iterable[Path] = (), files: Iterable[Path] = ()) -> dict[str, Path]:
    """Return every task file by name; one's own take the place of shipped ones of the same name."""
    return {**shipped_tasks(), **{path.stem: path for path in own_tasks(folders, files)}}


def own_tasks(folders: Iterable[Path] = (), files: Iterable[Path] = ()) -> list[Path]:
    """Return a person's own task files, those of folders first."""
    return [*(path for folder in folders for path in sorted(folder.glob("*.yaml"))), *files]


def load_templates(paths: Mapping[str, Path]) -> dict[str, Template]:
    """Read task files; raises RecipeError with every fault of all of them."""
    found: dict[str, Template] = {}
    faults: list[str] = []
    for name, path in paths.items():
        try:
            found[name] = load_template(path)
        except RecipeError as error:
            faults += [f"{path.name}: {fault}" for fault in error.faults]
    if faults:
        raise RecipeError("tasks", faults)
    return found


def load_template(path: Path) -> Template:
    """Read one task file; raises RecipeError listing every fault, each with the nearest known name."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(path.name, [f"cannot be read: {error}"]) from error
    template = parse_template(text, path.name)
    if template.name != path.stem:
        raise RecipeError(path.name, [f"name: a task is called like its file, {path.stem!r}, found {template.name!r}"])
    return template


def parse_template(text: str, source: str) -> Template:
    """Read a template from its YAML; raises RecipeError listing every fault."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(source, [f"is not valid YAML: {error}"]) from error
    if not isinstance(data, dict):
        raise RecipeError(source, ["a task is a mapping, such as `name: pick_place`"])
    version: Any = data.get("version", FORMAT_VERSION)
    if isinstance(version, int) and version > FORMAT_VERSION:
        needed = f"version {version} is newer than {FORMAT_VERSION}, which this program reads"
        raise RecipeError(source, [f"{needed}; upgrade with `pip install --upgrade blueprint-pipeline`"])
    try:
        return Template.model_validate(data)
    except ValidationError as error:
        faults = [line for fault in error.errors() if not _of_other_branch(fault, data) for line in _sentences(fault)]
        raise RecipeError(source, faults) from error


def chosen_names(wanted: Iterable[str], known: Iterable[str], *, where: str) -> tuple[str, ...]:
    """Return the wanted names in order, each once; `all` is every known one. Raises UnknownName."""
    listed = tuple(known)
    names: list[str] = []
    for name in wanted:
        if name != ALL and name not in listed:
            raise UnknownName("task", name, (*listed, ALL), where=where)
        names += listed if name == ALL else [name]
    return tuple(dict.fromkeys(names))


def _of_other_branch(fault: Any, data: Mapping[Any, Any]) -> bool:
    """Whether a fault is of the form that a step does not have: of one skill, or of steps with `each`."""
    location = fault["loc"]
    if len(location) < 3 or location[0] != "steps":
        return False
    step = data["steps"][location[1]]
    return (location[2] == ForEach.__name__) is not (isinstance(step, dict) and "each" in step)


def _sentences(fault: Any) -> list[str]:
    where = ".".join(map(str, _place(fault["loc"])))
    if fault["type"] == "union_tag_invalid":
        context = fault["ctx"]
        tag, known = str(context["tag"]), [name.strip().strip("'") for name in context["expected_tags"].split(",")]
        field = context["discriminator"].strip("'")
        return [f"{where}.{field}: {_unknown(field, tag, known)}"]
    if fault["type"] == "extra_forbidden":
        return [f"{where}: {_unknown('field', str(fault['loc'][-1]), _fields_at(fault['loc'][:-1]))}"]
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "tuple_type":
        message = f"is a list, such as [{fault['input']}]"
    found = "" if isinstance(fault["input"], dict) or not where else f" (found {fault['input']!r})"
    return [f"{where}: {line}{found}" if where else line for line in message.split("\n")]


def _place(location: Sequence[int | str]) -> list[int | str]:
    """Return where a fault is as the file has it: pydantic puts what has decided for a form between the fields."""
    return [
        part
        for at, part in enumerate(location)
        if not (str(part).startswith("tagged-union[") or part == ForEach.__name__ or _is_tag(location, at))
    ]


def _is_tag(location: Sequence[int | str], at: int) -> bool:
    """Whether a part of a location is the kind of a role, place, skill, goal or term, which no field is called by."""
    kinds = {name for model in _models_in(Template.model_fields[str(location[0])].annotation) for name in _tags(model)}
    before = location[at - 1] if at else ""
    return at > 1 and location[at] in kinds and (isinstance(before, int) or (at == 2 and location[0] in NAMED_ENTRIES))


def _tags(model: type[BaseModel]) -> Iterator[str]:
    for name in _TAGS:
        if name in model.model_fields:
            yield from get_args(model.model_fields[name].annotation)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    near = get_close_matches(name, listed, n=1, cutoff=0.5)
    return (
        f"unknown {what} {name!r}" + (f"; did you mean {near[0]!r}?" if near else ".") + f" Known: {', '.join(listed)}"
    )


def _fields_at(location: Iterable[Any]) -> list[str]:
    """Return the fields of the block that a validation error lies in; a union's branch is named by its tag."""
    models: list[type[BaseModel]] = [Template]
    for part in location:
        if isinstance(part, int):
            continue
        below = [model for model in models if str(part) in model.model_fields]
        if below:
            models = [inner for model in below for inner in _models_in(model.model_fields[str(part)].annotation)]
        elif any(_has_tag(model, str(part)) for model in models):
            models = [model for model in models if _has_tag(model, str(part))]
    return sorted({name for model in models for name in model.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _has_tag(model: type[BaseModel], tag: str) -> bool:
    fields = (info.annotation for name, info in model.model_fields.items() if name in _TAGS)
    return model.__name__ == tag or any(tag in get_args(annotation) for annotation in fields)
