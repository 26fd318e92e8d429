"""The stage `offer`: which tasks the robot can do in the scene, and why not the others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.episode.offers import Offers
from blueprint.pipeline.episode.records import Grasps, Offered
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.records import Assembled

TOOLS = ("mujoco", "numpy", "scipy")


class OfferSettings(Settings, frozen=True):
    """Tasks that the scene and the robot allow."""

    seed: int = Field(default=0, ge=0, description="Seed of everything that is drawn.")
    tasks: tuple[str, ...] = Field(
        default=("all",), description="Names of the tasks (config/tasks or one's own) that are looked at, or `all`."
    )
    tasks_folder: Path | None = Field(
        default=None,
        description="Folder of one's own task files; a folder `tasks` beside the recipe is taken without asking.",
        json_schema_extra=NOT_IN_KEY,
    )
    task_files: tuple[Path, ...] = Field(
        default=(),
        description="Single task files besides; what generate.tasks names by path is among them without asking.",
        json_schema_extra=NOT_IN_KEY,
    )
    places: int = Field(default=16, ge=1, le=200, description="Largest number of drawn places tried with one task.")
    sways: int = Field(
        default=4, ge=0, le=40, description="Number of arrangements with things moved that must allow a task as well."
    )
    sway_m: float = Field(default=0.05, gt=0, le=0.5, description="How far things are moved in them, in metres.")
    sway_deg: float = Field(default=30.0, ge=0, le=180, description="Largest turn of things in them, in degrees.")
    sway_share: float = Field(
        default=0.75, ge=0, le=1, description="Least share of them in which a task has a plan, to be feasible."
    )
    approach_m: float = Field(default=0.08, gt=0, le=0.3, description="Length of the straight approach in metres.")
    lift_m: float = Field(default=0.10, ge=0.06, le=0.4, description="Height of the straight descent in metres.")
    retreat_m: float = Field(default=0.08, gt=0, le=0.3, description="Length of the straight retreat in metres.")
    near_m: float = Field(default=0.002, ge=0, le=0.03, description="Distance kept on straight motions in metres.")
    padding_m: float = Field(
        default=0.005, ge=0, le=0.03, description="Distance kept where ways of the whole arm begin and end, in metres."
    )


def task_paths(settings: OfferSettings) -> dict[str, Path]:
    """Return the files of the tasks that are looked at, by name; raises UnknownName and ScanError."""
    from blueprint.pipeline.tasks.library import chosen_names, find_tasks

    if settings.tasks_folder is not None and not settings.tasks_folder.is_dir():
        raise ScanError(settings.tasks_folder.name, "is no folder", expected="a folder of task files, *.yaml")
    for path in settings.task_files:
        if not path.is_file():
            raise ScanError(path.name, "is no file", expected="a task file, as docs/tasks.md describes")
    folders = [settings.tasks_folder] if settings.tasks_folder is not None else []
    found = find_tasks(folders, settings.task_files)
    return {name: found[name] for name in chosen_names(settings.tasks, found, where="offer.tasks")}


def task_files(settings: OfferSettings) -> Mapping[str, Any]:
    """Return the files whose content decides the result; every fault of every file is raised here, before any work."""
    from blueprint.pipeline.tasks.library import load_templates

    paths = task_paths(settings)
    load_templates(paths)
    return paths


@stage(version=9, tools=TOOLS, deadline_s=3600, foreign=task_files)
def offer(work: Work, assembled: Assembled, grasps: Grasps, settings: OfferSettings) -> Steps[Offered]:
    """Find the tasks that scene and robot allow."""
    from blueprint.pipeline.engine.digests import canonical_json
    from blueprint.pipeline.scene.codec import save
    from blueprint.pipeline.tasks.library import load_templates

    from .feasibility import look_at_tasks

    templates = load_templates(task_paths(settings))
    plain = {name: template.schema_dict() for name, template in templates.items()}
    (work.folder / Offered.TEMPLATES_FILE).write_bytes(canonical_json(plain))
    for step in look_at_tasks(assembled, grasps.tables(), templates, settings):
        if isinstance(step, Offers):
            save(work.folder / Offered.OFFERS_FILE, step)
        else:
            yield Progress(*step)
    return Offered(work.folder)
