"""The stage `generate`: a robot tries tasks in the simulated scene, and every attempt is recorded and judged."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from blueprint.pipeline.engine.attempts import SUCCESS, Aim, Attempts
from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Item, NumberedItems, Settings, Steps, Work, mapped_stage
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.quality import QUALITY_FILE, load_quality_rules
from blueprint.pipeline.episode.records import Episode, Episodes, Grasps, Offered
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.codec import from_plain, to_plain
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.variants import Variant

from .turns import Turns

TOOLS = ("mujoco", "newton", "warp-lang", "ompl", "mink", "daqp", "toppra", "numpy", "scipy", "h5py", "av")


class SkillSettings(Settings, frozen=True):
    """What the skills keep to, and how much they try."""

    approach_m: float = Field(default=0.08, gt=0, le=0.3, description="Length of the straight approach in metres.")
    lift_m: float = Field(default=0.10, ge=0.06, le=0.4, description="Height of the straight lift in metres.")
    retreat_m: float = Field(default=0.08, gt=0, le=0.3, description="Length of the straight retreat in metres.")
    drop_m: float = Field(
        default=0.002, ge=0, le=0.02, description="Height above its place at which a thing is let go, in metres."
    )
    alternatives: int = Field(
        default=60, ge=1, description="Largest number of ways to do one step that are tried from one situation."
    )
    nodes: int = Field(default=200, ge=1, description="Largest number of ways of all steps of a task that are tried.")
    candidates: int = Field(
        default=24, ge=1, description="Largest number of drawn targets that are tried in one episode."
    )
    regrasps: int = Field(default=3, ge=0, description="How often another grasp is tried after one that did not hold.")
    strokes: int = Field(default=5, ge=0, description="How often a push is repeated that did not come out.")


class MotionSettings(Settings, frozen=True):
    """How the arm moves."""

    padding_m: float = Field(
        default=0.005, ge=0, le=0.03, description="Distance kept from everything on the way, in metres."
    )
    near_m: float = Field(default=0.002, ge=0, le=0.03, description="Distance kept on straight motions in metres.")
    ways: int = Field(default=6, ge=1, description="Largest number of grasps to which a way is looked for.")
    searches: int = Field(default=4, ge=1, description="Largest number of searches for one way.")
    iterations: int = Field(default=2000, ge=1, description="Largest number of steps of one search.")
    free_share: float = Field(
        default=0.8, gt=0, le=1, description="Share of the joint speed limits with an empty hand."
    )
    carry_share: float = Field(default=0.65, gt=0, le=1, description="Share of the joint speed limits while carrying.")
    acceleration_share: float = Field(default=0.4, gt=0, le=1, description="Share of the joint acceleration limits.")
    jerk_share: float = Field(default=0.1, gt=0, le=1, description="Share of the joint jerk limits.")
    free_m_s: float = Field(default=1.0, gt=0, description="Speed of the tool with an empty hand in metres per second.")
    carry_m_s: float = Field(default=0.7, gt=0, description="Speed of the tool while carrying in metres per second.")
    straight_m_s: float = Field(
        default=0.2, gt=0, description="Speed of the tool on straight motions in metres per second."
    )
    contact_m_s: float = Field(
        default=0.12, gt=0, description="Speed of the tool while it pushes or pulls something, in metres per second."
    )
    planner: Literal["ompl", "curobo"] = Field(
        default="ompl", description="Motion planner: `ompl` on the CPU, or `curobo` on a GPU where it is installed."
    )


class GenerateSettings(Settings, frozen=True):
    """Episodes."""

    # What an attempt is does not depend on how many there are: asking for more keeps those that are finished.
    episodes: int = Field(
        default=10,
        ge=1,
        le=100_000,
        description="Number of successful episodes to make; attempts go on until so many have succeeded.",
        json_schema_extra=NOT_IN_KEY,
    )
    max_attempts: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Largest number of attempts, failed ones included; 0 means four for each wanted episode.",
        json_schema_extra=NOT_IN_KEY,
    )
    least_success_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of attempts (0 to 1) that must succeed; the stage stops as soon as it cannot be reached.",
        json_schema_extra=NOT_IN_KEY,
    )
    share_judged_from: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="Number of first attempts after which the share of successes is judged.",
        json_schema_extra=NOT_IN_KEY,
    )
    seed: int = Field(default=0, ge=0, description="Seed of everything that is drawn.")
    tasks: tuple[str, ...] = Field(
        default=("pick_place",),
        description="Tasks that are carried out in turn: names of config/tasks or of one's own folder `tasks` beside "
        "the recipe, files that end in .yaml, or `all`.",
    )
    engine: Literal["mujoco", "null"] = Field(default="mujoco", description="Simulator; `null` computes no physics.")
    fps: int = Field(
        default=30, ge=1, le=240, description="Recorded frames per second; the engine's rate is a multiple of it."
    )
    cameras: tuple[str, ...] = Field(default=("wrist", "side"), description="Cameras of the scene that are recorded.")
    device: Literal["cpu", "cuda"] = Field(
        default="cpu",
        description="Where cameras draw; a graphics card rounds otherwise, so it is never chosen unasked.",
    )
    images: tuple[Literal["depth", "instance", "semantic", "normal", "boxes"], ...] = Field(
        default=("depth", "instance"),
        description="What is written of each camera beside its video and its place: planar depth, instance ids, "
        "semantic ids, surface normals, boxes in the picture and in space.",
    )
    render: Literal["kept", "all", "none"] = Field(
        default="kept", description="Which episodes get images: successful ones, all that moved, or none."
    )
    settle_s: float = Field(
        default=0.5, ge=0, le=10, description="Time in seconds that a variant may settle before it is recorded."
    )
    hold_s: float = Field(
        default=0.7,
        ge=0.6,
        le=10,
        description="Least time in seconds that is recorded after the last motion; a task may ask for more.",
    )
    skills: SkillSettings = Field(default=SkillSettings(), description="Skills.")
    motion: MotionSettings = Field(default=MotionSettings(), description="Motions.")


def list_episodes(
    assembled: Assembled, grasps: Grasps, offered: Offered, variants: Variants, settings: GenerateSettings
) -> Sequence[Item]:
    """Number attempts at the tasks that the robot can do; an item carries its offer and all of its variant."""
    tasks = wanted_tasks(settings.tasks, offered.templates)
    turns = Turns.of(offered.offers.feasible(), tasks)
    if not turns.pairs:
        raise NothingUsable("task", _reasons(assembled, offered, tasks), remedy=_REMEDY)
    for camera in settings.cameras:
        assembled.manifest.camera(camera)
    choices = variants.variants

    def describe(number: int) -> Item:
        offer, (_, variant) = turns.offer(number), paired(number, len(turns.pairs), len(choices))
        return Item(
            id=f"episode_{number:04d}",
            values={
                "index": number,
                "offer": to_plain(offer, Offer),
                "template": offered.templates[offer.template],
                "variant": to_plain(choices[variant], Variant),
            },
            inputs=(variants.scene_digest(assembled), grasps.digest),
        )

    return NumberedItems(settings.max_attempts or 4 * settings.episodes, describe)


def wanted_tasks(wanted: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the wanted tasks, `all` spelled out; raises UnknownName."""
    from blueprint.pipeline.tasks.library import chosen_names

    return chosen_names(wanted, known, where="generate.tasks")


def paired(number: int, offers: int, variants: int) -> tuple[int, int]:
    """Return which offer and which variant an attempt takes: each in turn, and every pair before any comes twice."""
    return number % offers, (number + number // math.lcm(offers, variants)) % variants


def aim(settings: GenerateSettings) -> Aim:
    """Return what is wanted of the attempts."""
    return Aim(settings.episodes, settings.least_success_share, settings.share_judged_from)


def failure(episode: Episode) -> str:
    """Return the failure code of an attempt's recorded outcome, nothing for a success."""
    outcome = episode.summary.outcome
    return SUCCESS if outcome.success else outcome.failure.value


_REMEDY = (
    "Ask for another task with generate.tasks, move the robot or the props, or add props that are less wide than the "
    "gripper opens."
)


def _reasons(assembled: Assembled, offered: Offered, tasks: Sequence[str]) -> list[str]:
    looked_at = [offer for offer in offered.offers.offers if offer.template in tasks]
    refused = [f"{offer.id}: {offer.reason}" for offer in looked_at]
    unknown = sorted(set(tasks) - {offer.template for offer in looked_at})
    absent = offered.offers.absent
    refused += [f"{name}: {absent.get(name, 'nothing in the scene fits its roles')}" for name in unknown]
    return refused + [f"{entry.id}: {entry.reason}" for entry in assembled.manifest.left_out]


def scoring_files(settings: GenerateSettings) -> Mapping[str, Path]:
    """Return the file by which episodes are scored; a fault in it is raised here, before any work."""
    path = resource_path("config", QUALITY_FILE)
    load_quality_rules(path)
    return {"quality": path}


@mapped_stage(
    version=10,
    tools=TOOLS,
    deadline_s=600,
    output=Episodes,
    items=list_episodes,
    attempts=Attempts(aim, failure),
    foreign=scoring_files,
)
def generate(
    work: Work,
    item: Item,
    assembled: Assembled,
    grasps: Grasps,
    offered: Offered,
    variants: Variants,
    settings: GenerateSettings,
) -> Steps[Episode]:
    """Record a robot that does its tasks."""
    from blueprint.pipeline.tasks.templates import Template

    from .episode import EpisodePlan, record_episode

    variant = from_plain(item.values["variant"], Variant)
    offer = from_plain(item.values["offer"], Offer)
    template = Template.model_validate(item.values["template"])
    plan = EpisodePlan(item.id, item.values["index"], template, offer, variant)
    for share, message in record_episode(work.folder, variants.scene_for(assembled), grasps.tables(), plan, settings):
        yield Progress(share, message)
    return Episode(work.folder)
