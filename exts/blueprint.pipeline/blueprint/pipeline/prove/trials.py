"""All trials of a scene in one engine, after a plan that is made once and holds for every engine."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.proofs import Trial
from blueprint.pipeline.sims.overlaps import LinkOverlaps, Overlap
from blueprint.pipeline.sims.protocols import Physics, Sim

from .drop import DropSettings, Lift, drop, plan_lifts
from .push import Push, PushSettings, plan_pushes, push
from .rest import RestRun, RestSettings, judge_rest, leave_alone, resting_depths
from .subjects import movable_subjects
from .sweep import Hinge, SweepSettings, articulated_joints, drive, judge_sweep, worst_overlaps


@dataclass(frozen=True, eq=False)
class TrialSettings:
    """The settings of every kind of trial."""

    rest: RestSettings
    drop: DropSettings
    push: PushSettings
    sweep: SweepSettings


@dataclass(frozen=True, eq=False)
class Plan:
    """What is tried: lifts and pushes by prop, joints, and how deep a joint's links are in each other."""

    lifts: Mapping[str, Lift]
    pushes: Mapping[str, Push]
    hinges: tuple[Hinge, ...]
    overlaps: Mapping[str, tuple[Overlap, Overlap]]


@dataclass(frozen=True, eq=False)
class EngineTrials:
    """What one engine measured."""

    trials: tuple[Trial, ...]
    rest: RestRun


def make_plan(sim: Sim, manifest: SceneManifest, overlaps: LinkOverlaps, settings: TrialSettings) -> Plan:
    """Plan the trials with the contacts of the default engine."""
    hinges = articulated_joints(manifest)
    return Plan(
        plan_lifts(sim, manifest, settings.drop),
        plan_pushes(sim, manifest),
        hinges,
        {hinge.name: worst_overlaps(overlaps, hinge) for hinge in hinges},
    )


def try_scene(
    physics: Physics, reference: Sim, manifest: SceneManifest, plan: Plan, settings: TrialSettings, begin: float
) -> Generator[Progress, None, EngineTrials]:
    """Carry out every trial in one engine; depths are measured with the reference, progress starts at `begin`."""
    yield Progress(begin, f"{physics.engine}: at rest")
    rest = leave_alone(physics, manifest, settings.rest)
    found = list(judge_rest(rest, manifest, resting_depths(reference, rest), settings.rest))
    yield Progress(begin + 0.1, f"{physics.engine}: dropping and pushing")
    for subject in movable_subjects(manifest):
        found.append(drop(physics, subject, plan.lifts[subject.name], settings.drop))
        found.append(push(physics, subject, plan.pushes[subject.name], settings.push))
    yield Progress(begin + 0.3, f"{physics.engine}: moving joints")
    for hinge in plan.hinges:
        found.append(_sweep(physics, reference, hinge, rest, plan, settings.sweep))
    return EngineTrials(tuple(found), rest)


def _sweep(physics: Physics, reference: Sim, hinge: Hinge, rest: RestRun, plan: Plan, settings: SweepSettings) -> Trial:
    course = drive(physics, hinge, settings, feel=reference if physics is reference else None)
    positions = rest.joints[hinge.name]
    held = max(abs(position - positions[0]) for position in positions)
    return judge_sweep(physics.engine, hinge, course, held, plan.overlaps[hinge.name], settings)
