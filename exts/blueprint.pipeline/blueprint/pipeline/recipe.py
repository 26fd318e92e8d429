"""The recipe: one settings section per stage, read from YAML, checked as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from blueprint.pipeline.articulate.stage import ArticulateSettings
from blueprint.pipeline.assemble.stage import AssembleSettings
from blueprint.pipeline.certify.stage import CertifySettings
from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.export.stage import ExportSettings
from blueprint.pipeline.generate.stage import GenerateSettings
from blueprint.pipeline.grasp.stage import GraspTableSettings
from blueprint.pipeline.ingest.stage import IngestSettings, scene_name
from blueprint.pipeline.offer.stage import OfferSettings
from blueprint.pipeline.prove.stage import ProveSettings
from blueprint.pipeline.randomize.policy import load_policy
from blueprint.pipeline.randomize.stage import RandomizeSettings
from blueprint.pipeline.reconstruct.stage import ReconstructSettings
from blueprint.pipeline.repair.stage import RepairSettings
from blueprint.pipeline.scene.robots import load_robot, require_asset
from blueprint.pipeline.simready.stage import SimreadySettings
from blueprint.pipeline.tasks.library import (
    TASKS_FOLDER,
    chosen_names,
    find_tasks,
    is_task_file,
    load_templates,
    own_tasks,
)

FORMAT_VERSION = 1

CORRECTED = ("ingest", "articulate", "simready")
"""Sections of the stages that heed a person's corrections."""


class RunSettings(Settings, frozen=True):
    """How the work is carried out; nothing here changes a result."""

    workers: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Number of workers, each with physics and cameras; 0 means as many as cores and memory allow.",
    )
    executor: Literal["processes", "inline", "ray"] = Field(
        default="processes",
        description="Where stages run: in worker processes, all in this one (for debugging), or on a Ray cluster.",
    )
    cpus_per_worker: int = Field(
        default=1, ge=1, le=256, description="Number of processor cores that one worker takes up."
    )
    gpus_per_worker: float = Field(
        default=0.0,
        ge=0,
        le=16,
        description="Number of CUDA devices that one worker takes up; 0.5 lets two workers share one.",
    )
    retries: int = Field(
        default=1, ge=0, le=10, description="How often an item is tried again after its worker died or hung."
    )
    ray_address: str = Field(
        default="",
        pattern=r"^(auto|(ray://)?[A-Za-z0-9._\-\[\]:]+:[0-9]{1,5})?$",
        description="Address of a running Ray cluster, such as `auto` or HOST:PORT; empty starts one on this machine.",
    )

    @model_validator(mode="after")
    def _ray_is_meant(self) -> "RunSettings":
        if self.ray_address and self.executor != "ray":
            raise ValueError(f"run.ray_address is set and run.executor is {self.executor!r}; set run.executor to 'ray'")
        return self

    @model_validator(mode="after")
    def _devices_are_whole_or_shared(self) -> "RunSettings":
        if self.gpus_per_worker > 1 and self.gpus_per_worker != int(self.gpus_per_worker):
            raise ValueError("run.gpus_per_worker above 1 must be a whole number, such as 1, 2 or 0.5")
        return self


class Recipe(BaseModel, frozen=True, extra="forbid"):
    """Everything that decides what a run makes."""

    format: Literal["blueprint.recipe"] = Field(default="blueprint.recipe", description="Name of the file format.")
    version: Literal[1] = Field(default=FORMAT_VERSION, description="Version of the file format.")
    pipeline: Literal["tabletop"] = Field(default="tabletop", description="Name of the pipeline to run.")
    production: bool = Field(
        default=False,
        strict=True,
        description="Strict switch: engine, sources, licences and gates must be real, or the run is refused.",
    )
    robots: tuple[str, ...] = Field(
        default=(),
        description="Robots for each of which scene, episodes and dataset are made; none: assemble.robot.name alone.",
    )
    run: RunSettings = Field(default=RunSettings(), description="How the work is carried out.")
    corrections: Path | None = Field(
        default=None, description="File with a person's corrections (corrections.yaml); every stage heeds it."
    )
    reconstruct: ReconstructSettings = Field(default=ReconstructSettings(), description="Making a scan from a photo.")
    ingest: IngestSettings = Field(default=IngestSettings(), description="Reading the scan.")
    articulate: ArticulateSettings = Field(default=ArticulateSettings(), description="Parts and joints.")
    repair: RepairSettings = Field(default=RepairSettings(), description="Mending meshes.")
    simready: SimreadySettings = Field(default=SimreadySettings(), description="Mass, material, colliders.")
    assemble: AssembleSettings = Field(
        default=AssembleSettings(), description="The scene with robot, cameras and lights."
    )
    prove: ProveSettings = Field(default=ProveSettings(), description="Validators and trials.")
    grasp: GraspTableSettings = Field(default=GraspTableSettings(), description="Grasps, tried in simulation.")
    offer: OfferSettings = Field(default=OfferSettings(), description="Tasks that scene and robot allow.")
    randomize: RandomizeSettings = Field(default=RandomizeSettings(), description="Variants of the scene.")
    generate: GenerateSettings = Field(default=GenerateSettings(), description="Episodes.")
    export: ExportSettings = Field(default=ExportSettings(), description="The dataset.")
    certify: CertifySettings = Field(default=CertifySettings(), description="Gates and certificate.")

    @model_validator(mode="after")
    def _production_is_real(self) -> "Recipe":
        if self.production and self.generate.engine == "null":
            raise ValueError("generate.engine is 'null', which computes no physics; production needs a real engine")
        if self.certify.production and not self.production:
            raise ValueError("certify.production is true and production is not; set production alone")
        return self

    @model_validator(mode="after")
    def _robots_are_named_once(self) -> "Recipe":
        twice = sorted({name for name in self.robots if self.robots.count(name) > 1})
        if twice:
            raise ValueError(f"robots names {', '.join(twice)} more than once; each robot has one run")
        return self

    @model_validator(mode="after")
    def _robots_are_described(self) -> "Recipe":
        try:
            for name in self.robots or (self.assemble.robot.name,):
                require_asset(load_robot(name))
        except (RecipeError, UnknownName) as error:
            raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _tasks_exist(self) -> "Recipe":
        folders = [self.offer.tasks_folder] if self.offer.tasks_folder is not None else []
        files = [*self.offer.task_files, *(Path(task) for task in self.generate.tasks if is_task_file(task))]
        missing = [path.name for path in files if not path.is_file()]
        if missing:
            raise ValueError(
                f"generate.tasks names {', '.join(missing)}, which is no file; a task's file ends in .yaml"
            )
        known = find_tasks(folders, files)
        try:
            chosen_names(
                (task for task in self.generate.tasks if not is_task_file(task)), known, where="generate.tasks"
            )
            chosen_names(self.offer.tasks, known, where="offer.tasks")
            load_templates({name: path for name, path in known.items() if path in own_tasks(folders, files)})
        except (RecipeError, UnknownName) as error:
            raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _policy_is_sound(self) -> "Recipe":
        try:
            load_policy(self.randomize.policy)
        except (RecipeError, UnknownName) as error:
            raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _one_source(self) -> "Recipe":
        if self.reconstruct.photo is not None and self.ingest.source is not None:
            raise ValueError("reconstruct.photo and ingest.source are both set; a scene comes from one of them")
        return self

    @model_validator(mode="after")
    def _corrections_are_one_file(self) -> "Recipe":
        for name in CORRECTED:
            if getattr(self, name).corrections is not None:
                raise ValueError(f"{name}.corrections is set; name the file once, as `corrections` of the recipe")
        return self

    def for_robot(self, name: str) -> "Recipe":
        """Return the recipe for one robot alone."""
        robot = self.assemble.robot.model_copy(update={"name": name})
        assemble = self.assemble.model_copy(update={"robot": robot})
        return self.model_copy(update={"robots": (), "assemble": assemble})

    def sections(self) -> dict[str, Settings]:
        """Return the settings of each stage by its name; the strict switch and corrections reach the stages here."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        sections = {name: value for name, value in fields.items() if isinstance(value, Settings)}
        sections["certify"] = self.certify.model_copy(update={"production": self.production})
        if self.reconstruct.photo is not None and not self.ingest.scene_id:
            sections["ingest"] = self.ingest.model_copy(update={"scene_id": scene_name(self.reconstruct.photo.stem)})
        own = tuple(Path(task) for task in self.generate.tasks if is_task_file(task))
        sections["offer"] = self.offer.model_copy(update={"task_files": (*self.offer.task_files, *own)})
        named = tuple(Path(task).stem if is_task_file(task) else task for task in self.generate.tasks)
        sections["generate"] = self.generate.model_copy(update={"tasks": named})
        for name in CORRECTED:
            sections[name] = sections[name].model_copy(update={"corrections": self.corrections})
        return sections


def load_recipe(path: Path, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """Read a recipe; paths in it are relative to its folder, `overrides` maps dotted fields to values.

    Raises RecipeError with every fault; an unknown field names the nearest one.
    """
    try:
        data = _Loader(path.read_text(encoding="utf-8")).get_single_data()
    except OSError as error:
        raise RecipeError(path.name, [f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise RecipeError(path.name, [f"is no text: {error}"]) from error
    except yaml.YAMLError as error:
        raise RecipeError(path.name, [f"is not valid YAML: {error}"]) from error
    if not isinstance(data, dict):
        raise RecipeError(path.name, ["a recipe is a mapping of sections, such as `ingest:`"])
    _check_version(path.name, data)
    placed = _with_own_tasks(_place_paths(data, Recipe, path.parent), path.parent)
    for dotted, value in (overrides or {}).items():
        _put(placed, dotted.split("."), value)
    return parse_recipe(placed, path.name)


class _Loader(yaml.SafeLoader):
    """Reads plain data; a key that is given twice is a fault, where YAML's own loader takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build one mapping."""
        lines: dict[Any, int] = {}
        for key_node, _ in node.value:
            line, key = key_node.start_mark.line + 1, key_node.value
            if isinstance(key_node, yaml.ScalarNode) and lines.setdefault(key, line) != line:
                problem = f"{key!r} is given twice, in line {lines[key]} and in line {line}"
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key_node.start_mark)
        return super().construct_mapping(node, deep)


def parse_recipe(data: Mapping[str, Any], source: str) -> Recipe:
    """Check plain data against the schema; raises RecipeError with every fault."""
    with faults_named(source):
        return Recipe.model_validate(data)


@contextmanager
def faults_named(source: str) -> Iterator[None]:
    """Raise what a recipe is refused for, from a file or from flags, as RecipeError with every fault."""
    try:
        yield
    except ValidationError as error:
        raise RecipeError(source, [_fault(fault) for fault in error.errors()]) from error


def _check_version(source: str, data: Mapping[str, Any]) -> None:
    version = data.get("version", FORMAT_VERSION)
    if isinstance(version, int) and version > FORMAT_VERSION:
        needed = f"version {version} is newer than {FORMAT_VERSION}, which this program reads"
        raise RecipeError(source, [f"{needed}; upgrade with `pip install --upgrade blueprint-pipeline`"])


def _fault(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        # The recipe as a whole, which flags hand over as an object, is no value that anybody could look up.
        value = "" if isinstance(fault["input"], dict | Recipe) else f" (found {fault['input']!r})"
        message = fault["msg"].removeprefix("Value error, ")
        return f"{where}: {message}{value}" if where else message
    known = sorted(_fields_at(fault["loc"][:-1]))
    near = get_close_matches(str(fault["loc"][-1]), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{where}: unknown field{hint} Known: {', '.join(known)}"


def _fields_at(location: Iterable[Any]) -> list[str]:
    model: Any = Recipe
    for part in location:
        if isinstance(part, int):
            continue
        model = _model_in(model.model_fields[part].annotation)
    return list(model.model_fields) if model is not None else []


def _model_in(annotation: Any) -> Any:
    """Return the settings model that an annotation holds, such as M in `tuple[M, ...]` or `M | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)


def _place_paths(data: Any, model: Any, folder: Path) -> Any:
    """Make the path fields of plain recipe data relative to the recipe's folder."""
    if not isinstance(data, dict) or model is None:
        return data
    placed: dict[str, Any] = {}
    for name, value in data.items():
        info = model.model_fields.get(name)
        annotation = info.annotation if info else None
        if isinstance(value, str) and value.strip() and Path in (annotation, *get_args(annotation)):
            placed[name] = str(folder / value)
        else:
            placed[name] = _place_paths(value, _model_in(annotation), folder)
    return placed


def _with_own_tasks(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Add the folder of task files beside a recipe, and place what `generate.tasks` names by path below its folder."""
    sections = {name: data.get(name) for name in ("offer", "generate")}
    if (folder / TASKS_FOLDER).is_dir() and isinstance(sections["offer"], dict | None):
        data = {**data, "offer": {"tasks_folder": str(folder / TASKS_FOLDER), **(sections["offer"] or {})}}
    generate = sections["generate"]
    if isinstance(generate, dict) and isinstance(generate.get("tasks"), list):
        tasks = [str(folder / task) if is_task_file(task) else task for task in generate["tasks"]]
        data = {**data, "generate": {**generate, "tasks": tasks}}
    return data


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
    data[path[-1]] = value
