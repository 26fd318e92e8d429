"""Scenes that hold: the sample kitchen and both shared scans, from scan to proof."""

import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.machine import REPOSITORY
from benchmarks.processes import Call, blueprint, computed_items, events_of
from benchmarks.scenes import TABLETOP_RECIPE, scan
from benchmarks.truth import load_truth

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.prove.differences import ORIENTATION, POSITION
from blueprint.pipeline.prove.rest import DRIFT as DRIFT_NAME
from blueprint.pipeline.prove.rest import PENETRATION as PENETRATION_NAME
from blueprint.pipeline.prove.rest import TURN as TURN_NAME
from blueprint.pipeline.scene.edits import SetColliders
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.proofs import Proof
from blueprint.pipeline.scene.records import Assembled, Proven, SimReady
from blueprint.pipeline.sims.model import MJCF_FILE, load_model

COLD = Goal("kitchen of 11 objects, scan to proven scene, cold", "s", "<=", 90)
AGAIN = Goal("kitchen again, unchanged", "s", "<=", 3)
FIXED = Goal("kitchen again, one mass corrected", "s", "<=", 10)
FIXED_PROPS = Goal("props worked on after one correction", "props", "<=", 1)
PROFILE = Goal("props that pass NVIDIA's Robotics-Prop 4.0.0", "%", ">=", 100)
FALLEN = Goal("props that fall, jump or drift in 5 s", "props", "<=", 0)
DRIFT = Goal("largest drift in 5 s", "mm", "<=", 5)
TURN = Goal("largest turn in 5 s", "degrees", "<=", 2)
DEPTH = Goal("deepest resting penetration", "mm", "<=", 1)
REST_M = Goal("rest positions, MuJoCo against PhysX", "mm", "<=", 3)
REST_RAD = Goal("rest orientations, MuJoCo against PhysX", "degrees", "<=", 2)
RANGE = Goal("joint ranges, MuJoCo against PhysX", "%", "<=", 1)
RATIO_LOW = Goal("shared objects, least collider volume ratio", "", ">=", 0.9)
RATIO_HIGH = Goal("shared objects, greatest collider volume ratio", "", "<=", 1.3)
DISTANCE = Goal("shared objects, scan to collider surface, 95 %", "mm", "<=", 5)
BALL = Goal("balls of 20 mm that the sample mug holds", "of 1", ">=", 1)
MASS = Goal("ycb_table, masses within a factor of 2", "%", ">=", 80)
GOALS = (
    *(COLD, AGAIN, FIXED, FIXED_PROPS, PROFILE, FALLEN, DRIFT, TURN, DEPTH, REST_M, REST_RAD, RANGE),
    *(RATIO_LOW, RATIO_HIGH, DISTANCE, BALL, MASS),
)
SAMPLE, SHARED = "kitchen", ("ycb_table", "kitchen_cabinet")
DEADLINE_S = 1200
JUDGES = {"--prove.physx-python": "physx", "--prove.simready-python": "simready"}
BALL_RADIUS_M = 0.01


class Colliders(Protocol):
    """Anything named that has colliders."""

    @property
    def name(self) -> str:
        """Return what it is called."""
        ...

    def colliders(self) -> Iterable[SetColliders]:
        """Return every link's colliders."""
        ...


@dataclass(frozen=True)
class Scene:
    """One proven scene."""

    name: str
    run: RunFolder

    def folder(self, stage: str) -> Path:
        """Return a stage's record; raises NotMeasured."""
        folder = self.run.record(stage)
        if folder is None:
            raise NotMeasured(f"{self.name} has no record of {stage}")
        return folder

    @property
    def proof(self) -> Proof:
        """What the trials and the validator measured."""
        return Proven(self.folder("prove")).proof

    @property
    def manifest(self) -> SceneManifest:
        """The assembled scene."""
        return Assembled(self.folder("assemble")).manifest

    def colliders(self) -> Iterator[SetColliders]:
        """Yield every link's colliders."""
        for record in SimReady(self.folder("simready")).props().values():
            yield from (edit for edit in record.edits if isinstance(edit, SetColliders))


def measure(workplace: Path) -> list[Figure]:
    """Prove three scenes, correct one, and read the figures from their records."""
    sources = {SAMPLE: REPOSITORY / "data" / "scans" / SAMPLE, **{name: scan(name) for name in SHARED}}
    out = workplace / "scenes"
    shutil.rmtree(out, ignore_errors=True)
    # The judges are not part of the time: they are optional, and PhysX runs every trial once more.
    cold = _run(out, SAMPLE, sources[SAMPLE], "cold", WARP_CACHE_PATH=str(out / "kernels"))
    again = _run(out, SAMPLE, sources[SAMPLE], "again")
    mug = next(entry.prop.id for entry in Scene(SAMPLE, RunFolder(out / SAMPLE)).manifest.props if _is_mug(entry))
    fix = ("fix", out / SAMPLE, mug, "--mass-kg", "0.33", "--why", "weighed")
    blueprint(*fix, log=out / "fix.log", deadline_s=60).must_succeed("the fix")
    fixed = _run(out, SAMPLE, sources[SAMPLE], "fixed")
    worked_on = computed_items(events_of(out / SAMPLE))
    for name, source in sources.items():
        _run(out, name, source, "judged", *_judges())
    scenes = [Scene(name, RunFolder(out / name)) for name in sources]
    return [
        Figure(COLD, cold.wall_s, f"{cold.cpu_s:.0f} s of processor time; without PhysX and the validator"),
        Figure(AGAIN, again.wall_s),
        Figure(FIXED, fixed.wall_s, f"{fixed.cpu_s:.0f} s of processor time"),
        Figure(FIXED_PROPS, float(len(worked_on)), ", ".join(worked_on)),
        _profile(scenes),
        *_rest(scenes),
        *_agreement(scenes),
        *collider_figures(scenes[1:]),
        Figure(BALL, float(holds_ball(scenes[0], mug)), mug),
        _masses(scenes[1]),
    ]


def _is_mug(entry: SceneProp) -> bool:
    return entry.prop.category == "mug"


def _judges() -> list[str]:
    """Return the flags that name the judges which `make acceptance` has installed here."""
    pythons = {flag: REPOSITORY / ".acceptance" / name / "bin" / "python" for flag, name in JUDGES.items()}
    return [text for flag, python in pythons.items() if python.is_file() for text in (flag, str(python))]


def _run(out: Path, name: str, source: Path, log: str, *flags: str, **environment: str) -> Call:
    call = blueprint(
        *("run", TABLETOP_RECIPE, "--ingest.source", source, *flags, "--until", "prove", "--out", out / name),
        log=out / f"{name}_{log}.log",
        deadline_s=DEADLINE_S,
        **environment,
    )
    return call.must_succeed(f"{name} ({log})")


def _profile(scenes: Sequence[Scene]) -> Figure:
    states = [(scene.name, state) for scene in scenes for state in scene.proof.assets]
    if any(state.verdict == "not checked" for _, state in states) or not states:
        return Figure(PROFILE, None, "the validator is not installed in .acceptance/simready")
    failing = [f"{name}/{state.prop}" for name, state in states if state.verdict != "passes"]
    note = f"fails: {', '.join(failing)}" if failing else f"{len(states)} props of {len(scenes)} scenes"
    return Figure(PROFILE, 100.0 * (len(states) - len(failing)) / len(states), note)


def _rest(scenes: Sequence[Scene]) -> list[Figure]:
    trials = [
        (scene.name, trial)
        for scene in scenes
        for trial in scene.proof.trials
        if trial.kind == "rest" and trial.engine == "mujoco"
    ]
    fallen = [f"{name}/{trial.subject}: {trial.outcome}" for name, trial in trials if not trial.holds]
    drift, turn, depth = (
        [(value, f"{scene}/{trial.subject}") for scene, trial in trials if (value := trial.value(name)) is not None]
        for name in (DRIFT_NAME, TURN_NAME, PENETRATION_NAME)
    )
    return [
        Figure(FALLEN, float(len(fallen)), "; ".join(fallen) or f"{len(trials)} props and joints left alone"),
        Figure(DRIFT, 1000 * max(drift)[0], max(drift)[1]),
        Figure(TURN, math.degrees(max(turn)[0]), max(turn)[1]),
        Figure(DEPTH, 1000 * max(depth)[0], max(depth)[1]),
    ]


def _agreement(scenes: Sequence[Scene]) -> list[Figure]:
    missing = [
        scene.name
        for scene in scenes
        if not any(run.engine == "physx" and run.state == "ran" for run in scene.proof.engines)
    ]
    if missing:
        why = f"PhysX is not installed in .acceptance/physx, or did not run {', '.join(missing)}"
        return [Figure(goal, None, why) for goal in (REST_M, REST_RAD, RANGE)]
    apart = [(scene.name, entry) for scene in scenes for entry in scene.proof.differences]
    places = [(entry.difference, f"{name}/{entry.subject}") for name, entry in apart if entry.quantity == POSITION]
    turns = [(entry.difference, f"{name}/{entry.subject}") for name, entry in apart if entry.quantity == ORIENTATION]
    # The limit of a joint's end is one percent of its range.
    ends = [
        (entry.difference / entry.limit, f"{name}/{entry.subject} {entry.quantity}")
        for name, entry in apart
        if entry.kind == "sweep" and entry.limit
    ]
    return [
        Figure(REST_M, 1000 * max(places)[0], max(places)[1]),
        Figure(REST_RAD, math.degrees(max(turns)[0]), max(turns)[1]),
        Figure(RANGE, max(ends)[0], f"{max(ends)[1]}; {len(ends)} ends of joints")
        if ends
        else Figure(RANGE, None, "no joints"),
    ]


def collider_figures(scenes: Sequence[Colliders]) -> list[Figure]:
    """Judge each link; where one has no figure, because it encloses nothing, the goal is missed."""
    links = [(f"{scene.name}/{edit.prop}/{edit.body}", edit) for scene in scenes for edit in scene.colliders()]
    ratios = [(edit.volume_ratio, name) for name, edit in links if edit.volume_ratio is not None]
    distances = [(1000 * edit.distance_p95_m, name) for name, edit in links if edit.distance_p95_m is not None]
    return [
        _worst(RATIO_LOW, min(ratios, default=None), len(links) - len(ratios), len(links)),
        _worst(RATIO_HIGH, max(ratios, default=None), len(links) - len(ratios), len(links)),
        _worst(DISTANCE, max(distances, default=None), len(links) - len(distances), len(links)),
    ]


def _worst(goal: Goal, worst: tuple[float, str] | None, unmeasured: int, links: int) -> Figure:
    if worst is None or unmeasured:
        return Figure(goal, None, f"{unmeasured} of {links} links have no such figure")
    return Figure(goal, worst[0], f"{worst[1]} of {links} links")


def holds_ball(scene: Scene, prop_id: str) -> bool:
    """Drop a ball into a vessel as it stands in the compiled scene; whether it is inside, on the floor, after 5 s."""
    import mujoco

    entry = scene.manifest.prop(prop_id)
    T_world_prop, height_m = entry.prop.T_world_prop, entry.prop.size_m[2]
    cavity = next(region for region in entry.regions if region.kind == "in")
    middle = T_world_prop.apply(np.asarray(cavity.T_prop_region.position_m))
    top_m = T_world_prop.position_m[2] + height_m
    model_folder = Assembled(scene.folder("assemble")).model_folder
    spec = mujoco.MjSpec.from_file(str(model_folder / MJCF_FILE))
    ball = spec.worldbody.add_body(name="ball", pos=[middle[0] + 0.004, middle[1], top_m + 0.03])
    ball.add_freejoint()
    ball.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[BALL_RADIUS_M, 0, 0], mass=0.01)
    model = spec.compile()
    data, start = mujoco.MjData(model), load_model(model_folder).qpos
    # The ball is the last body, so its coordinates come after those of the scene.
    data.qpos[: len(start)] = start
    mujoco.mj_step(model, data, round(5.0 / model.opt.timestep))
    # It may still roll: nothing in a rigid world stops a ball on a floor that is level to a tenth of a degree.
    local = T_world_prop.inverse().apply(data.body("ball").xpos)
    within = (np.abs(local[:2]) < np.asarray(entry.prop.size_m[:2]) / 2).all()
    return bool(within) and BALL_RADIUS_M < local[2] < height_m / 3


def _masses(scene: Scene) -> Figure:
    """Compare with every object whose mass is known; one that is not in the scene is a miss."""
    truth = load_truth(scan(scene.name)).objects
    known = [key for key in truth if "mass_kg" in truth[key]]
    ratios: dict[str, float] = {}
    for entry in scene.manifest.props:
        key = next((key for key in known if key in entry.prop.provenance.file), None)
        if key is not None:
            ratios[entry.prop.id] = entry.mass_kg() / truth[key]["mass_kg"]
    good = [name for name, ratio in ratios.items() if 0.5 <= ratio <= 2.0]
    listed = ", ".join(f"{name} {ratio:.2f} x" for name, ratio in sorted(ratios.items()))
    return Figure(MASS, 100.0 * len(good) / len(known), listed)
