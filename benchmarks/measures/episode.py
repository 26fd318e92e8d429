"""One recorded episode, made once more on one core: physics alone, then everything that is recorded and rendered."""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import Figure, Goal, NotMeasured, Reference
from benchmarks.scenes import assembled_of, demo_run, episodes_of

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.records import Episode

PHYSICS = Goal("physics alone, speed over real time", "times", ">=", 50)
RECORDED = Goal("5 s episode, simulated and recorded", "s of one core", "<=", 8)
SIMULATED = Goal("5 s episode, physics and states", "s of one core")
PLANNED = Goal("5 s episode, planned as well", "s of one core")
SAME = Goal("episode made again, largest difference", "m", "<=", 1e-6)
GOALS = (PHYSICS, RECORDED, SIMULATED, PLANNED, SAME)
EPISODE_S = 5.0
IMAGE_PX = (256, 256)
REPEATS = 3


def measure(workplace: Path) -> list[Figure]:
    """Take the demo's first success, and measure on one core what making it again costs."""
    run = demo_run(workplace)
    chosen = _first_success(run)
    _check_cameras(run)
    # Before anything that starts threads is loaded: what is counted is one core.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    maker = _Maker(run, chosen)
    with TemporaryDirectory(dir=workplace) as folder:
        # The first time compiles kernels and builds the ray tracer's scene, which a worker does once.
        maker.record(Path(folder))
        simulated_s, difference_m = maker.simulate()
        recorded_s = min(_cpu_s(lambda: maker.record(Path(folder))) for _ in range(REPEATS - 1))
        planned_s = _cpu_s(lambda: maker.plan_and_record(Path(folder)))
    share = EPISODE_S / maker.duration_s
    note = f"{chosen.summary.id}, {maker.duration_s:.1f} s, scaled to {EPISODE_S:g} s"
    cameras = f"{len(maker.settings.cameras)} cameras of {IMAGE_PX[0]} x {IMAGE_PX[1]}, colour, depth and ids"
    return [
        Figure(PHYSICS, maker.duration_s / maker.step_s(), note.rpartition(",")[0], Reference("real time", 1.0)),
        Figure(
            RECORDED, recorded_s * share, f"{note}; {cameras}; encoded and written", Reference("real time", EPISODE_S)
        ),
        Figure(SIMULATED, simulated_s * share, "without images and files"),
        Figure(PLANNED, planned_s * share, "grasp, reach and way planned too"),
        Figure(SAME, difference_m, "positions of props and hand against the recorded states"),
    ]


class _Maker:
    """Makes one recorded episode again from the commands it consists of."""

    def __init__(self, run: RunFolder, episode: Episode) -> None:
        from blueprint.pipeline.episode.offers import Offer
        from blueprint.pipeline.episode.records import Grasps
        from blueprint.pipeline.episode.states import States
        from blueprint.pipeline.episode.track import load_track
        from blueprint.pipeline.generate.episode import EpisodePlan
        from blueprint.pipeline.generate.stage import GenerateSettings
        from blueprint.pipeline.scene.codec import from_plain
        from blueprint.pipeline.scene.variants import Variant
        from blueprint.pipeline.tasks.templates import Template

        item: dict[str, Any] = episode.header["item"]
        self.settings = GenerateSettings.model_validate(episode.header["settings"])
        variant = from_plain(item["values"]["variant"], Variant)
        template = Template.model_validate(item["values"]["template"])
        offer = from_plain(item["values"]["offer"], Offer)
        self._plan = EpisodePlan(item["id"], item["values"]["index"], template, offer, variant)
        tried = run.record("grasp")
        assert tried is not None
        self._tables = Grasps(tried).tables()
        self._assembled, self._episode = assembled_of(run), episode
        self._states = States(episode.states_path)
        self._track = load_track(self._states)
        self.duration_s = (self._track.frame_count - 1) / self._track.fps

    def step_s(self) -> float:
        """Return the best processor time of stepping through all commands, nothing observed."""
        return min(self._step_once_s() for _ in range(REPEATS))

    def simulate(self) -> tuple[float, float]:
        """Return the processor time of physics and states, and how far the result is from the recorded one."""
        import numpy as np

        made: list[Any] = []
        cpu_s = _cpu_s(lambda: made.append(self._played()))
        track = made[0].recording.track()
        made[0].sim.close()
        props = np.abs(track.prop_position_m - self._track.prop_position_m).max()
        hand = np.abs(track.tcp_position_m - self._track.tcp_position_m).max()
        return cpu_s, float(max(props, hand))

    def record(self, folder: Path) -> None:
        """Simulate, render, encode and write."""
        from blueprint.pipeline.generate.episode import Acted, geometry_of, write_episode
        from blueprint.pipeline.generate.render import Rendered, render_episode
        from blueprint.pipeline.generate.witness import witness

        craft = self._played()
        digests: Any = {}
        manifest, task = self._assembled.manifest, self._episode.task
        for step in render_episode(craft.sim, craft.recording, manifest, self.settings.cameras, folder):
            digests = step.digests if isinstance(step, Rendered) else digests
        folder_of_model = self._assembled.model_folder
        seen = witness(
            craft.recording, task, geometry_of(craft), manifest, folder_of_model, engine=self.settings.engine
        )
        write_episode(folder, craft, Acted(task, seen.verdict, seen.measures, seen), digests)
        craft.sim.close()

    def plan_and_record(self, folder: Path) -> None:
        """Make the episode as the stage does, planning included."""
        from blueprint.pipeline.generate.episode import record_episode

        for _ in record_episode(folder, self._assembled, self._tables, self._plan, self.settings):
            continue

    def _played(self) -> Any:
        from blueprint.pipeline.episode.phases import Phase
        from blueprint.pipeline.generate.episode import open_episode

        craft = open_episode(self._assembled, self._tables, self._plan, self.settings)
        for command, phase in zip(self._track.command[:-1], self._track.phase[:-1], strict=True):
            craft.driver._frame(command, Phase(phase))
        craft.driver.finish()
        return craft

    def _step_once_s(self) -> float:
        from blueprint.pipeline.generate.episode import open_episode

        craft = open_episode(self._assembled, self._tables, self._plan, self.settings)
        substeps = craft.recording.substeps
        # One thread computes, so its processor time is the wall time of a machine that does nothing else.
        started = time.process_time()
        for command in self._track.command[:-1]:
            craft.sim.set_command(command)
            craft.sim.step(substeps)
        taken_s = time.process_time() - started
        craft.sim.close()
        return taken_s


def _first_success(run: RunFolder) -> Episode:
    good = [episode for episode in episodes_of(run).values() if episode.summary.outcome.success]
    if not good:
        raise NotMeasured("no episode of the demo succeeded")
    return good[0]


def _check_cameras(run: RunFolder) -> None:
    sizes = {camera.name: (camera.width_px, camera.height_px) for camera in assembled_of(run).manifest.cameras}
    if set(sizes.values()) != {IMAGE_PX}:
        raise NotMeasured(f"the demo's cameras are not {IMAGE_PX[0]} x {IMAGE_PX[1]}: {sizes}")


def _cpu_s(work: Callable[[], object]) -> float:
    """Return user and system time of this process and of children that ended, such as the encoders."""
    before = _spent_s()
    work()
    return _spent_s() - before


def _spent_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
