"""The second measurement denies a success whose record was broken in one place, for every goal that there is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import h5py
import numpy as np
import pytest
from tests.episode.stories import (
    BODIES,
    CAN,
    COUNT,
    DRAWER,
    FINGER,
    GEOMETRY,
    JOINTS,
    PROPS,
    REGION,
    TABLE,
    TRAY,
    about_x,
    box,
    moved,
    story,
    task,
    with_joint,
    with_peak,
    with_touches,
)

from blueprint.pipeline.certify.recheck import _MEASURES, recheck
from blueprint.pipeline.episode import failures, margins
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import (
    Apart,
    AtRest,
    ForceBelow,
    Goal,
    InRegion,
    Inside,
    JointWithin,
    NoCollision,
    NotRaised,
    OnTop,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.judgement import judge
from blueprint.pipeline.episode.states import FORMAT, VERSION, States
from blueprint.pipeline.episode.track import Track, load_track
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.tasks.library import find_tasks, load_template

SHAPES = Geometry({**GEOMETRY.corners_m, FINGER: box(0.01, 0.01, 0.0, 0.05), TRAY: box(0.16, 0.16, 0.0, 0.02)})
ISAAC = {
    CAN: "rigid_can_body/position",
    TRAY: "rigid_tray_body/position",
    FINGER: "articulation_robot/positions",
    DRAWER: "articulation_cabinet/positions",
}
SUBSTEPS = 2
Tamper = Callable[[h5py.File], None]


def recorded_track() -> Track:
    """Return the story with a tray under the end of the way, a drawer that opens, and a can that leans on its way."""
    track = moved(story(), "tray", lambda p, _: p.__setitem__((slice(None),), (0.5, 0.2, 0.38)))

    def lean(_: np.ndarray, quat: np.ndarray) -> None:
        quat[36:44] = about_x(np.full(8, -1.3))

    track = moved(track, "can", lean)
    # Held at its origin, it turns in the hand without sliding.
    track = replace(track, tcp_position_m=track.body_position_m[:, BODIES.index(CAN)].copy())
    track = with_joint(track, np.interp(np.arange(COUNT), [20, 50], [0.0, 0.3]))
    return with_peak(with_touches(track, [40], (FINGER, TABLE, (0, 0, 2.0))), 41, FINGER, TABLE, 4.0)


def write(path: Path, track: Track) -> States:
    """Write what both measurements read of a track."""
    names = ("fps", "prop_names", "body_names", "joint_names", "frame_count")
    with h5py.File(path, "w") as file:
        group = file.create_group("blueprint")
        attributes = {"format": FORMAT, "version": VERSION, "fps": track.fps, "substeps": SUBSTEPS}
        group.attrs.update(attributes)
        lists = {"prop_names": PROPS, "body_names": BODIES, "joint_names": JOINTS, "joint_qpos_rows": [1, 0]}
        for name, values in lists.items():
            group.attrs[name] = json.dumps(list(values))
        for name in (field for field in Track.__dataclass_fields__ if field not in names):
            values = getattr(track, name)
            shape = (COUNT, len(JOINTS)) if name in ("joint_velocity", "joint_effort") else np.shape(values)
            group.create_dataset(f"frames/{name}", data=np.zeros(shape) if np.size(values) == 0 else values)
        group["frames"].attrs["channels"] = json.dumps({"ee_wrench": {"links": [FINGER]}})
        rows = np.repeat(track.joint_position[:-1, ::-1], SUBSTEPS, axis=0)
        group.create_dataset("physics/qpos", data=rows)
        links = list(SHAPES.corners_m)
        group.create_dataset("geometry/corners_m", data=np.concatenate([SHAPES.corners_m[name] for name in links]))
        group.create_dataset("geometry/link", data=np.repeat(np.arange(len(links)), 8))
        group["geometry"].attrs["channels"] = json.dumps({"link": {"names": links}})
        for body, place in ISAAC.items():
            row = BODIES.index(body)
            turned = place.replace("position", "orientation")
            joined = np.s_[:, None] if place.endswith("s") else np.s_[:]
            for name, poses in ((place, track.body_position_m), (turned, track.body_quat_wxyz)):
                data = poses[:, row][joined].astype(np.float32)
                file.create_dataset(f"episodes/episode_00000/{name}", data=data)
    return States(path)


def shift(body: str, frames: slice, by_m: tuple[float, float, float]) -> Tamper:
    """Return what moves a body in the poses that Isaac Sim replays."""

    def apply(file: h5py.File) -> None:
        stored: Any = file[f"episodes/episode_00000/{ISAAC[body]}"]
        stored[frames] = stored[frames] + np.array(by_m, np.float32)

    return apply


def lay(frames: slice, angle_rad: float) -> Tamper:
    """Return what turns the can in the poses that Isaac Sim replays."""

    def apply(file: h5py.File) -> None:
        stored: Any = file[f"episodes/episode_00000/{ISAAC[CAN].replace('position', 'orientation')}"]
        stored[frames] = about_x(np.full(1, angle_rad)).astype(np.float32)

    return apply


def put(name: str, rows: Any, value: float) -> Tamper:
    """Return what changes a channel of our own."""

    def apply(file: h5py.File) -> None:
        stored: Any = file[f"blueprint/{name}"]
        stored[rows] = value

    return apply


END, LAST = slice(-5, None), slice(-1, None)
SEAT = Pose((0.5, -0.6, 0.45))
BROKEN: list[tuple[Goal, Tamper]] = [
    (InRegion("can", REGION), shift(CAN, END, (0, 0.1, 0))),
    (InRegion("can", REGION), shift(CAN, END, (0, 0, -0.05))),
    (OnTop("can", "tray"), shift(CAN, END, (0.3, 0, 0))),
    (OnTop("can", "tray"), shift(TRAY, END, (0, 0, -0.05))),
    (Inside("can", DRAWER, SEAT, (0.06, 0.06, 0.06)), shift(DRAWER, LAST, (0, 0.1, 0))),
    (JointWithin("cabinet/slide", 0.25, 0.35), put("physics/qpos", (slice(-3, None), 0), 0.1)),
    (JointWithin("cabinet/slide", 0.25, 0.35, "ever"), put("physics/qpos", (slice(None), 0), 0.1)),
    (Raised("can", 0.05), shift(CAN, slice(16, 50), (0, 0, -0.08))),
    (NotRaised("can", 0.12), shift(CAN, slice(30, 31), (0, 0, 0.05))),
    (TiltedOver("can", "tray", 1.2, 0.2), lay(slice(38, 39), 0.0)),
    (TiltedOver("can", "tray", 1.2, 0.2), shift(TRAY, slice(36, 44), (0, 1.0, 0))),
    (Upright("can", 0.2), lay(LAST, 0.5)),
    (Apart("can", "cabinet", 0.05), shift(DRAWER, END, (0.5, -0.5, 0))),
    (Released("can"), shift(FINGER, END, (0.5, 0.22, 0.4))),
    (AtRest("can"), shift(CAN, LAST, (0, 0.01, 0))),
    (Undisturbed("tray", 0.03), shift(TRAY, LAST, (0.05, 0, 0))),
    (ForceBelow(30.0), put("frames/contact_force_n", (slice(None), 1), 60.0)),
    (ForceBelow(30.0), put("frames/peak_force_n", slice(None), 60.0)),
    (NoCollision(("can",), 5.0), put("frames/peak_force_n", slice(None), 6.0)),
]


@pytest.mark.parametrize(("goal", "tamper"), BROKEN)
def test_a_success_that_was_broken_in_one_place_is_denied(goal: Goal, tamper: Tamper, tmp_path: Path) -> None:
    """Both measurements confirm the sound record; the second one denies the broken one by this goal."""
    states = write(tmp_path / "states.h5", recorded_track())
    asked = task(Raised("can", 0.03), safety=(goal,))
    verdict = judge(load_track(states), asked, SHAPES)
    assert verdict.success, verdict.message
    assert recheck(states, asked).confirmed
    with h5py.File(states.path, "r+") as file:
        tamper(file)
    denied = recheck(States(states.path), asked)
    assert not denied.confirmed
    assert denied.reason.startswith(goal.goal)


def test_every_goal_that_a_task_can_ask_for_is_judged_told_and_measured_again() -> None:
    """By both measurements and in words; the tampering above leaves none of them out."""
    kinds = set(get_args(get_args(Goal)[0]))
    assert set(_MEASURES) == set(margins._MEASURES) == set(failures._GOALS) == kinds
    assert {type(goal) for goal, _ in BROKEN} == kinds
    asked = {goal.goal for path in find_tasks().values() for goal in load_template(path).goals}
    assert asked <= {kind.__dataclass_fields__["goal"].default for kind in kinds}
    assert len(find_tasks()) >= 16


def test_a_record_without_peaks_is_judged_by_its_instants(tmp_path: Path) -> None:
    """Files before version 3; one that is newer than the program is refused with what it takes."""
    states = write(tmp_path / "states.h5", recorded_track())
    asked = task(Raised("can", 0.03), safety=(NoCollision(("can",), 3.0),))
    assert not judge(load_track(states), asked, SHAPES).success
    assert not recheck(states, asked).confirmed
    with h5py.File(states.path, "r+") as file:
        file["blueprint"].attrs["version"] = 2
    assert judge(load_track(States(states.path)), asked, SHAPES).success
    assert recheck(States(states.path), asked).confirmed
    with h5py.File(states.path, "r+") as file:
        file["blueprint"].attrs["version"] = VERSION + 1
    with pytest.raises(ScanError, match=f"version {VERSION} at most"):
        load_track(States(states.path))


@pytest.mark.parametrize(("gap_m", "let_go"), [(0.01, True), (-0.002, False)])
def test_a_hand_that_stands_around_a_thing_has_let_go_of_it(gap_m: float, let_go: bool, tmp_path: Path) -> None:
    """Colliders decide; the hull of an angle of two plates holds the can in its corner either way."""
    states = write(tmp_path / "states.h5", recorded_track())
    x, y, z = load_track(states).body_position_m[-1, BODIES.index(CAN)].tolist()
    plates = [
        np.array((x - 0.04 - gap_m, y + 0.05, z)) + box(0.01, 0.1, 0.0, 0.1),
        np.array((x + 0.05, y - 0.03 - gap_m, z)) + box(0.1, 0.01, 0.0, 0.1),
    ]
    colliders = {name: (points,) for name, points in SHAPES.corners_m.items()} | {FINGER: tuple(plates)}
    links, numbers = list(SHAPES.corners_m), [name for name, pieces in colliders.items() for _ in pieces]
    points = [piece for pieces in colliders.values() for piece in pieces]
    with h5py.File(states.path, "r+") as file:
        group: Any = file["blueprint/geometry"]
        whose = np.repeat(np.arange(len(links)), 8)
        whole = np.concatenate([group["corners_m"][whose != links.index(FINGER)], *plates])
        del group["corners_m"], group["link"]
        group["corners_m"] = whole
        group["link"] = np.append(whose[whose != links.index(FINGER)], np.full(16, links.index(FINGER)))
        group["collider_m"] = np.concatenate(points)
        group["collider"] = np.repeat(np.arange(len(points)), 8)
        group["collider_link"] = [links.index(name) for name in numbers]
        group.attrs["channels"] = json.dumps({"link": {"names": links}, "collider_link": {"names": links}})
        stored: Any = file[f"episodes/episode_00000/{ISAAC[FINGER]}"]
        stored[END] = 0.0
    assert recheck(States(states.path), task(Raised("can", 0.03), safety=(Released("can"),))).confirmed is let_go


def test_a_task_that_was_done_before_is_denied(tmp_path: Path) -> None:
    """By both measurements."""
    still = replace(recorded_track(), peak_force_n=np.array([1.0]))
    still = with_joint(still, np.full(COUNT, 0.3))
    states = write(tmp_path / "states.h5", still)
    asked = task(JointWithin("cabinet/slide", 0.25, 0.35))
    assert judge(load_track(states), asked, SHAPES).failure.value == "already_done"
    assert not recheck(states, asked).confirmed
