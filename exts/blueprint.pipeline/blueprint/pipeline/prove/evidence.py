"""Open the engines, carry out the trials in each, and put together what they say."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from blueprint.pipeline.engine.checks import Check
from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.proofs import Difference, EngineRun, Proof, Trial
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims import open_sim
from blueprint.pipeline.sims.overlaps import LinkOverlaps
from blueprint.pipeline.sims.physx import PhysxSim, physx_version
from blueprint.pipeline.sims.protocols import SceneFiles, Sim

from .checks import agreement_checks, rest_checks, trial_checks
from .differences import compare_rest, compare_trials
from .trials import EngineTrials, Plan, TrialSettings, make_plan, try_scene

if TYPE_CHECKING:
    from .stage import ProveSettings

FIRST_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Gathered:
    """The proof and what it means for the run."""

    proof: Proof
    checks: tuple[Check, ...]


@dataclass(frozen=True, eq=False)
class Second:
    """What became of the second engine."""

    run: EngineRun
    trials: EngineTrials | None = None


def gather_proof(assembled: Assembled, settings: "ProveSettings") -> Generator[Progress, None, Gathered]:
    """Try a scene in every engine that is asked for."""
    manifest = assembled.manifest
    if settings.engine == "null":
        run = EngineRun("null", "", "not asked for", "the engine 'null' computes no physics")
        return Gathered(Proof(manifest.id, (run,), (), ()), ())
    files = SceneFiles(assembled.usd_path, assembled.model_folder, manifest)
    bounds = TrialSettings(settings.rest, settings.drop, settings.push, settings.sweep)
    with closing(open_sim(settings.engine, files)) as sim:
        plan = make_plan(sim, manifest, LinkOverlaps(files.model_folder), bounds)
        first = yield from try_scene(sim, sim, manifest, plan, bounds, 0.0)
        second = yield from _try_physx(files, sim, plan, bounds, settings.physx_python)
    runs = (EngineRun(settings.engine, metadata.version("mujoco"), "ran"), second.run)
    checks = [*rest_checks(first.trials, bounds.rest, blocking=True), *trial_checks(first.trials, bounds.sweep)]
    if second.trials is None:
        return Gathered(Proof(manifest.id, runs, first.trials, ()), tuple(checks))
    differences = _differences(first, second.trials, settings)
    checks += rest_checks(second.trials.trials, bounds.rest, blocking=False)
    checks += [*trial_checks(second.trials.trials, bounds.sweep), *agreement_checks(differences)]
    trials: tuple[Trial, ...] = (*first.trials, *second.trials.trials)
    return Gathered(Proof(manifest.id, runs, trials, differences), tuple(checks))


def _differences(first: EngineTrials, second: EngineTrials, settings: "ProveSettings") -> tuple[Difference, ...]:
    return (
        *compare_rest(first.rest, second.rest, settings.agreement),
        *compare_trials(first.trials, second.trials, settings.agreement),
    )


def _try_physx(
    files: SceneFiles, reference: Sim, plan: Plan, bounds: TrialSettings, python: Path | None
) -> Generator[Progress, None, Second]:
    version = physx_version(python)
    if python is None:
        return Second(EngineRun("physx", "", "not asked for", "prove.physx_python names no interpreter"))
    if not version:
        return Second(EngineRun("physx", "", "not installed", "the interpreter of prove.physx_python has no ovphysx"))
    try:
        with closing(PhysxSim(files, python)) as physx:
            trials = yield from try_scene(physx, reference, files.manifest, plan, bounds, FIRST_SHARE)
    except RunError as error:
        return Second(EngineRun("physx", version, "failed", str(error)))
    return Second(EngineRun("physx", version, "ran"), trials)
