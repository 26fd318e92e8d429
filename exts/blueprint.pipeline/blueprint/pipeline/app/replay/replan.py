"""Do a recorded episode again with another grasp or another way: the same scene, variant and task, planned anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.opened_episode import OpenedEpisode, grasp_tables, scene_record
from blueprint.pipeline.app.recorded_states import Restorable, require_raw_states
from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.generate.episode import EpisodePlan, Stagecraft, act, open_episode, write_episode
from blueprint.pipeline.generate.stage import GenerateSettings
from blueprint.pipeline.scene.codec import from_plain
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims.newton_mujoco.hypotheses import Change
from blueprint.pipeline.tasks.templates import Template

from .proof import check_unchanged
from .written import make_folder, write_origin


class CannotPlanAnew(InputError):
    """An episode whose grasps and scene records are not at hand."""

    def __init__(self, episode: str) -> None:
        super().__init__(
            f"{episode}: planning anew needs the records of its run, with scene and tried grasps; "
            "name the episode by its run, as in RUN:episode_0003"
        )


def replan(
    opened: OpenedEpisode,
    changes: Sequence[Change],
    folder: Path,
    changed: Sequence[str],
    *,
    grasp: int | None = None,
    motion_seed: int | None = None,
) -> None:
    """Plan and act anew, and write the new episode.

    Raises ReplayRefused, NoRawStates, CannotPlanAnew and UnknownName.
    """
    check_unchanged(opened, moved=False)
    require_raw_states(opened)
    craft = _open(opened, grasp)
    try:
        if changes:
            assert isinstance(craft.sim, Restorable)
            craft.sim.suppose(changes)
        acted = act(craft, task=opened.task, motion_seed=motion_seed)
        make_folder(folder)
        write_origin(opened, folder, changed=changed, from_frame=0)
        write_episode(folder, craft, acted, {})
    finally:
        craft.sim.close()


def _open(opened: OpenedEpisode, grasp: int | None) -> Stagecraft:
    """Bring about the start of an episode, with the grasps to choose from."""
    assembled, tables = scene_record(opened), grasp_tables(opened)
    if assembled is None or not tables:
        raise CannotPlanAnew(opened.summary.id)
    values: Mapping[str, Any] = opened.header["item"]["values"]
    plan = EpisodePlan(
        opened.summary.id,
        values["index"],
        Template.model_validate(values["template"]),
        from_plain(values["offer"], Offer),
        from_plain(values["variant"], Variant),
    )
    settings = GenerateSettings.model_validate(opened.header["settings"])
    return open_episode(assembled, _narrowed(tables, opened.summary.object, grasp), plan, settings)


def _narrowed(tables: Mapping[str, GraspTable], prop: str, grasp: int | None) -> Mapping[str, GraspTable]:
    """Leave one grasp of a prop in its table."""
    if grasp is None:
        return tables
    known = tables[prop].grasps if prop in tables else ()
    if not 0 <= grasp < len(known):
        raise UnknownName(f"grasp of {prop}", str(grasp), [str(number) for number in range(len(known))])
    return {**tables, prop: replace(tables[prop], grasps=(known[grasp],))}
