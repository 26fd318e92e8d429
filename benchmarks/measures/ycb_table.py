"""Pick and place among real scanned shapes: the whole pipeline on the scan ycb_table."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.processes import Call, blueprint
from benchmarks.scenes import TABLETOP_RECIPE, assembled_of, episodes_of, scan
from benchmarks.truth import Truth, load_truth

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.records import Episode

SCAN, EPISODES = "ycb_table", 10
SUCCESS = Goal("ycb_table, episodes that succeed", "of 10", ">=", 8)
ATTEMPTED = Goal("ycb_table, episodes attempted", "episodes", ">=", EPISODES)
TRIED = Goal("ycb_table, graspable objects tried", "%", ">=", 100)
CONFIRMED = Goal("ycb_table, claims of success the states deny", "episodes", "<=", 0)
WALL = Goal("ycb_table, whole pipeline", "s")
MEMORY = Goal("ycb_table, peak memory of all processes", "GB", "<=", 3)
GOALS = (SUCCESS, ATTEMPTED, TRIED, CONFIRMED, WALL, MEMORY)
DEADLINE_S = 3000
GRIPPER_M = 0.078
"""Widest object that fits between the open fingers: 80 mm less a millimetre on each side."""


def measure(workplace: Path) -> list[Figure]:
    """Run everything, then judge every attempt again from its recorded states."""
    source = scan(SCAN)
    out = workplace / SCAN
    shutil.rmtree(out, ignore_errors=True)
    call = _run(workplace, source, out)
    run = RunFolder(out)
    episodes = episodes_of(run)
    verdicts = {name: succeeded_again(episode) for name, episode in episodes.items()}
    claims = {name: episode.summary.outcome.success for name, episode in episodes.items()}
    denied = [name for name, success in claims.items() if success != verdicts[name]]
    failures = [f"{e.summary.object} {e.summary.outcome.failure}" for n, e in episodes.items() if not verdicts[n]]
    tried = {episode.summary.object for episode in episodes.values()}
    graspable = graspable_props(run, load_truth(source))
    return [
        Figure(SUCCESS, 10.0 * sum(verdicts.values()) / len(verdicts), ", ".join(failures) or "judged from states"),
        Figure(ATTEMPTED, float(_shown(workplace, out)["episodes_attempted"])),
        Figure(TRIED, 100.0 * len(tried & graspable) / len(graspable), _missing(graspable - tried)),
        Figure(CONFIRMED, float(len(denied)), ", ".join(denied)),
        Figure(WALL, call.wall_s, f"{call.cpu_s:.0f} s of processor time"),
        Figure(MEMORY, call.peak_bytes / 1e9),
    ]


def succeeded_again(episode: Episode) -> bool:
    """Judge an attempt from the states on disk, by the rule that `blueprint verify` applies."""
    from blueprint.pipeline.episode.geometry import Geometry
    from blueprint.pipeline.episode.judgement import judge
    from blueprint.pipeline.episode.states import States
    from blueprint.pipeline.episode.track import load_track

    if not episode.states_path.is_file():
        return False
    states = States(episode.states_path)
    return judge(load_track(states), episode.task, Geometry(states.link_corners_m())).success


def graspable_props(run: RunFolder, truth: Truth) -> set[str]:
    """Name the props that by their true size fit the gripper and stand on furniture; reach does not excuse."""
    files = {prop.prop.provenance.file: prop.prop.id for prop in assembled_of(run).manifest.props}
    files |= {entry.id: entry.id for entry in assembled_of(run).manifest.left_out}
    names: set[str] = set()
    for key in truth.objects:
        if truth.is_on_furniture(key) and truth.narrowest_side_m(key) <= GRIPPER_M:
            # One that was left out counts as not tried, under the scan's own name.
            names.add(next((prop for file, prop in files.items() if key in file), key))
    return names


def _missing(props: set[str]) -> str:
    return f"not tried: {', '.join(sorted(props))}" if props else ""


def _run(workplace: Path, source: Path, out: Path) -> Call:
    flags = ("--ingest.source", source, "--generate.episodes", str(EPISODES), "--out", out)
    call = blueprint("run", TABLETOP_RECIPE, *flags, log=workplace / f"{SCAN}.log", deadline_s=DEADLINE_S)
    # A failing gate is a finding about the data; the episodes are there and are judged here.
    return call if RunFolder(out).record("generate") else call.must_succeed("the pipeline")


def _shown(workplace: Path, out: Path) -> Mapping[str, Any]:
    """Return what `blueprint show --json` says, which is how the figures are checked by others."""
    log = workplace / f"{SCAN}_show.json"
    blueprint("show", out, "--json", log=log, deadline_s=120).must_succeed("blueprint show")
    shown: Mapping[str, Any] = json.loads(log.read_bytes())
    if "episodes_attempted" not in shown:
        raise NotMeasured("blueprint show --json does not name episodes_attempted")
    return shown
