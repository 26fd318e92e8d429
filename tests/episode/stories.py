"""Made-up tracks: a can that is lifted, carried and set down, and what every test changes about it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import AtRest, Goal, InRegion, Raised, Region, Released
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.episode.track import Track

Array = NDArray[np.float64]

FPS = 30
FINGER, CAN, TRAY, TABLE, DRAWER = "robot/panda_leftfinger", "can/body", "tray/body", "table/top", "cabinet/drawer"
BODIES = (FINGER, CAN, TRAY, TABLE, DRAWER)
PROPS = ("can", "tray")
JOINTS = ("robot/j1", "cabinet/slide")
SPANS = {Phase.REACH: 10, Phase.CLOSE: 5, Phase.LIFT: 10, Phase.CARRY: 20, Phase.LOWER: 10, Phase.OPEN: 5}
HOLD = 30
COUNT = sum(SPANS.values()) + HOLD


def box(half_x: float, half_y: float, low: float, high: float) -> Array:
    """Return the corners of a box."""
    return np.array([[x, y, z] for x in (-half_x, half_x) for y in (-half_y, half_y) for z in (low, high)])


GEOMETRY = Geometry(
    {
        CAN: box(0.03, 0.02, 0.0, 0.1),
        TRAY: box(0.08, 0.08, 0.0, 0.02),
        TABLE: box(0.5, 0.5, -0.04, 0.0),
        DRAWER: box(0.2, 0.2, 0.0, 0.1),
    }
)
REGION = Region("target", "table", (0.5, 0.2, 0.4), (0.06, 0.05), 0.0)
GOALS: tuple[Goal, ...] = (Raised("can", 0.05), InRegion("can", REGION), Released("can"), AtRest("can"))
STARTS = {CAN: (0.5, -0.1, 0.4), TRAY: (0.5, 0.5, 0.4), TABLE: (0.5, 0.0, 0.4), DRAWER: (0.0, 0.8, 0.0)}


def task(*goals: Goal, safety: Sequence[Goal] = (), **fields: Any) -> Task:
    """Return a task that handles the can; without goals, that of the story."""
    steps = (Step("grasp", {"object": "can"}),)
    return Task(
        "episode",
        "pick_place",
        "pick_place",
        "can",
        {"object": "can"},
        steps,
        goals or GOALS,
        tuple(safety),
        "Pick up the can.",
        (),
        **fields,
    )


def story() -> Track:
    """Return a success: the can rises 10 cm, is carried 30 cm and set down into the region; the finger squeezes it."""
    phase = np.concatenate([np.full(count, phase) for phase, count in {**SPANS, Phase.HOLD: HOLD}.items()])
    position = np.tile(np.array([(0.0, 0.0, 0.0), *STARTS.values()]), (COUNT, 1, 1))
    can = position[:, BODIES.index(CAN)]
    can[:, 1] = np.interp(np.arange(COUNT), [25, 45], [-0.1, 0.2])
    can[:, 2] = np.interp(np.arange(COUNT), [15, 25, 45, 54], [0.4, 0.5, 0.5, 0.4])
    quat = np.zeros((COUNT, len(BODIES), 4))
    quat[..., 0] = 1.0
    held = (phase >= Phase.CLOSE) & (phase < Phase.OPEN)
    standing = (phase < Phase.LIFT) | (phase >= Phase.OPEN)
    touches = [[(TABLE, CAN, (0, 0, 3.0))] * bool(stands) + [(FINGER, CAN, (0, 20.0, 0))] * bool(grips)
               for stands, grips in zip(standing, held, strict=True)]  # fmt: skip
    track = Track(
        FPS,
        PROPS,
        BODIES,
        np.arange(COUNT) / FPS,
        phase.astype(np.int64),
        np.zeros((COUNT, len(JOINTS))),
        np.zeros((COUNT, 1)),
        can + np.array([0, 0, 0.05]),
        np.tile([1.0, 0, 0, 0], (COUNT, 1)),
        np.where((phase >= Phase.LIFT) & (phase < Phase.OPEN), 0.04, 0.08),
        position[:, [BODIES.index(CAN), BODIES.index(TRAY)]],
        quat[:, [BODIES.index(CAN), BODIES.index(TRAY)]],
        np.zeros(1, dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        np.zeros(0),
        np.zeros((0, 3)),
        JOINTS,
        position,
        quat,
    )
    return touched(track, touches)


Touch = tuple[str, str, tuple[float, float, float]]


def touched(track: Track, touches: Sequence[Sequence[Touch]]) -> Track:
    """Return a track with these contacts, one list of (first, second, force on the second) per frame."""
    flat = [touch for frame in touches for touch in frame]
    row = {name: at for at, name in enumerate(track.body_names)}
    return replace(
        track,
        contact_offset=np.concatenate([[0], np.cumsum([len(frame) for frame in touches])]).astype(np.int64),
        contact_first=np.array([row[first] for first, _, _ in flat], dtype=np.int64),
        contact_second=np.array([row[second] for _, second, _ in flat], dtype=np.int64),
        contact_depth_m=np.full(len(flat), 1e-4),
        contact_force_n=np.array([force for _, _, force in flat], dtype=np.float64).reshape(-1, 3),
    )


def touches_of(track: Track) -> list[list[Touch]]:
    """Return a track's contacts as lists, one per frame."""
    rows = [slice(*pair) for pair in zip(track.contact_offset[:-1], track.contact_offset[1:], strict=True)]
    names = track.body_names
    found: list[list[Touch]] = []
    for row in rows:
        parts = zip(track.contact_first[row], track.contact_second[row], track.contact_force_n[row], strict=True)
        found.append([(names[first], names[second], (*force.tolist(),)) for first, second, force in parts])
    return found


def with_touches(track: Track, frames: Sequence[int], *added: Touch) -> Track:
    """Return a track with contacts added in some frames."""
    touches = touches_of(track)
    for frame in frames:
        touches[frame] = [*touches[frame], *added]
    return touched(track, touches)


def with_peak(track: Track, frame: int, first: str, second: str, force_n: float) -> Track:
    """Return a track with one blow between a frame and the next."""
    row = {name: at for at, name in enumerate(track.body_names)}
    return replace(
        track,
        peak_offset=(np.arange(track.frame_count + 1) > frame).astype(np.int64),
        peak_first=np.array([row[first]]),
        peak_second=np.array([row[second]]),
        peak_force_n=np.array([force_n]),
    )


def without_touches(track: Track, frames: Sequence[int], body: str) -> Track:
    """Return a track without the contacts of a body in some frames."""
    touches = touches_of(track)
    for frame in frames:
        touches[frame] = [touch for touch in touches[frame] if body not in touch[:2]]
    return touched(track, touches)


def moved(track: Track, prop: str, change: Callable[[Array, Array], object]) -> Track:
    """Return a track in which a prop's positions (N, 3) and quaternions (N, 4) were changed in place."""
    body, row = track.body_names.index(f"{prop}/body"), track.prop_names.index(prop)
    position, quat = track.body_position_m.copy(), track.body_quat_wxyz.copy()
    change(position[:, body], quat[:, body])
    props, turns = track.prop_position_m.copy(), track.prop_quat_wxyz.copy()
    props[:, row], turns[:, row] = position[:, body], quat[:, body]
    return replace(track, body_position_m=position, body_quat_wxyz=quat, prop_position_m=props, prop_quat_wxyz=turns)


def with_joint(track: Track, values: Array) -> Track:
    """Return a track whose drawer stands as given."""
    joints = track.joint_position.copy()
    joints[:, JOINTS.index("cabinet/slide")] = values
    return replace(track, joint_position=joints)


def about_x(angle_rad: Array) -> Array:
    """Return quaternions (N, 4) of turns about x."""
    zero = np.zeros_like(angle_rad)
    return np.stack([np.cos(angle_rad / 2), np.sin(angle_rad / 2), zero, zero], axis=-1)
