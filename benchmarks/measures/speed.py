"""How many simulated seconds a second of one core buys: planning, physics, cameras, writing and failures included."""

import resource
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cube_scan import write_cube_scan
from benchmarks.figures import Figure, Goal, NotMeasured, Reference
from benchmarks.processes import blueprint
from benchmarks.scenes import TABLETOP_RECIPE

BARE = Goal("bare table, states alone at 20 Hz", "simulated s / CPU s", ">=", 30)
BARE_SEEN = Goal("bare table, two RGB-D cameras at 20 Hz", "simulated s / CPU s", ">=", 1.0)
KITCHEN = Goal("kitchen, states alone at 30 Hz", "simulated s / CPU s", ">=", 15)
KITCHEN_SEEN = Goal("kitchen, two RGB-D cameras at 30 Hz", "simulated s / CPU s", ">=", 0.7)
HOURLY = Goal("kitchen, kept two-camera episodes of 5 s", "per hour on 2 cores", ">=", 1000)
PLANNED = Goal("plan and IK of a pick and place, median", "ms", "<=", 150)
GOALS = (BARE, BARE_SEEN, KITCHEN, KITCHEN_SEEN, HOURLY, PLANNED)

# ManiSkill 3.0.1's own demonstration generator (PickCube, bare table, 20 Hz), and robosuite's stepping alone, on two
# such cores, as figures of the goal; they are not run here.
OTHERS_BARE, OTHERS_SEEN = Reference("ManiSkill 3.0.1's generator", 30.0), Reference("ManiSkill 3.0.1's generator", 0.4)
STATES, SEEN, WARM_UP = 40, 8, 2
PREPARED_S = 1200


@dataclass(frozen=True)
class Spent:
    """What a batch of attempts gave and took."""

    attempts: int
    kept: int
    simulated_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Simulated seconds of kept episodes per second of one core; failures are charged to them."""
        return self.simulated_s / self.cpu_s

    def sentence(self) -> str:
        """Say what the rate comes from."""
        return f"{self.kept} of {self.attempts} attempts kept, {self.simulated_s:.0f} s, {self.cpu_s:.1f} s of one core"


def measure(workplace: Path) -> list[Figure]:
    """Prepare both scenes once, then make batches of episodes in this process."""
    folder = workplace / "speed"
    shutil.rmtree(folder, ignore_errors=True)
    cube = write_cube_scan(folder / "cube_scan")
    bare = _Batch(folder / "bare", {"ingest.source": cube}, workplace, fps=20)
    kitchen_scan = TABLETOP_RECIPE.parents[2] / "data" / "scans" / "kitchen"
    kitchen = _Batch(folder / "kitchen", {"ingest.source": kitchen_scan}, workplace, fps=30)
    states, planned_ms = kitchen.states()
    seen = kitchen.seen()
    bare_states, bare_seen = bare.states()[0], bare.seen()
    hourly = 2 * 3600 * seen.rate / 5.0
    return [
        Figure(BARE, bare_states.rate, bare_states.sentence(), OTHERS_BARE),
        Figure(BARE_SEEN, bare_seen.rate, bare_seen.sentence(), OTHERS_SEEN),
        Figure(KITCHEN, states.rate, states.sentence()),
        Figure(KITCHEN_SEEN, seen.rate, seen.sentence()),
        Figure(HOURLY, hourly, "both cores busy, from the rate above"),
        Figure(PLANNED, planned_ms, "of all planning in an attempt, replanning included"),
    ]


class _Batch:
    """One scene, prepared up to its variants, in which batches of attempts are made."""

    def __init__(self, out: Path, fields: Mapping[str, Any], workplace: Path, *, fps: int) -> None:
        self._out, self._fields, self._fps = out, fields, fps
        flags = [text for name, value in fields.items() for text in (f"--{name.replace('_', '-')}", str(value))]
        arguments = ("run", TABLETOP_RECIPE, *flags, "--out", out, "--until", "randomize")
        blueprint(*arguments, log=workplace / f"speed_{out.name}.log", deadline_s=PREPARED_S).must_succeed(out.name)

    def states(self) -> tuple[Spent, float]:
        """Return what episodes without images take, and the median time of planning one in milliseconds."""
        self._make(WARM_UP, "none", seed=1000)
        return self._make(STATES, "none", seed=0)

    def seen(self) -> Spent:
        """Return what episodes with images take."""
        self._make(WARM_UP, "kept", seed=1001)
        return self._make(SEEN, "kept", seed=1)[0]

    def _make(self, wanted: int, render: str, *, seed: int) -> tuple[Spent, float]:
        from blueprint.pipeline.app.runs import RunFolder
        from blueprint.pipeline.app.workbench import stages_until
        from blueprint.pipeline.engine.events import Tape
        from blueprint.pipeline.engine.inline import InlineExecutor
        from blueprint.pipeline.engine.run import RunState, run_pipeline
        from blueprint.pipeline.episode.records import Episodes
        from blueprint.pipeline.pipeline import STAGES
        from blueprint.pipeline.recipe import load_recipe

        settings = {"episodes": wanted, "render": render, "seed": seed, "fps": self._fps, "tasks": ("pick_place",)}
        changed = {**self._fields, **{f"generate.{name}": value for name, value in settings.items()}}
        recipe, state = load_recipe(TABLETOP_RECIPE, changed), RunState()
        store = RunFolder(self._out).store
        stages, executor = stages_until(recipe, "generate"), InlineExecutor(STAGES, store.root / "inline.log")
        before = cpu_spent_s()
        with _PlanningClock() as clock:
            run_pipeline(stages, recipe.sections(), store, executor, Tape(), state)
        cpu_s = cpu_spent_s() - before
        made = state.records["generate"]
        assert isinstance(made, Episodes)
        summaries = [episode.summary for episode in made.episodes().values()]
        good = [summary for summary in summaries if summary.outcome.success]
        if not good:
            raise NotMeasured(f"none of {len(summaries)} attempts in {self._out.name} succeeded")
        simulated_s = sum(summary.frame_count / summary.fps for summary in good)
        return Spent(len(summaries), len(good), simulated_s, cpu_s), clock.median_ms()


class _PlanningClock:
    """Adds up the processor time that each attempt spends in the search over its task's skills."""

    def __init__(self) -> None:
        self.spent_s: dict[int, float] = {}

    def __enter__(self) -> "_PlanningClock":
        from blueprint.pipeline.skills.search import Search

        self._plan = plan = Search.plan

        def timed(search: Search, *arguments: Any, **named: Any) -> Any:
            started = time.process_time()
            try:
                return plan(search, *arguments, **named)
            finally:
                # An attempt has a search of its own, which lives as long as its entry here.
                self._seen[id(search)] = search
                taken_s = time.process_time() - started
                self.spent_s[id(search)] = self.spent_s.get(id(search), 0.0) + taken_s

        self._seen: dict[int, Any] = {}
        Search.plan = timed
        return self

    def __exit__(self, *_: object) -> None:
        from blueprint.pipeline.skills.search import Search

        Search.plan = self._plan

    def median_ms(self) -> float:
        """Return the median over attempts."""
        return 1e3 * median(self.spent_s.values())


def cpu_spent_s() -> float:
    """Return user and system time of this process and of children that ended, such as the encoders."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
