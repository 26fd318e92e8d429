"""A tiny, complete dataset: drawn episodes through the real export and certify stages, in a second or two.

A robot's hand follows made-up joint angles, a mug follows the hand, and two cameras draw both: nothing is simulated,
but every file has the recorder's layout, so that whatever is done to the bytes afterwards meets the real checks.
"""

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from blueprint.pipeline.certify.stage import CertifySettings, certify
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.stage import Item, Settings, Stage, Steps, Work, mapped_stage, stage
from blueprint.pipeline.engine.store import Store, link_tree
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import AtRest, InRegion, Raised, Released
from blueprint.pipeline.episode.hand_senses import Hand, feel, robot_touch
from blueprint.pipeline.episode.judgement import judged
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome
from blueprint.pipeline.episode.phases import PHASE_NAMES, Phase
from blueprint.pipeline.episode.records import Certified, Dataset, Episode, Episodes
from blueprint.pipeline.episode.rewards import dones_per_frame, rewards_per_frame
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.tasks import Region, Step, Task
from blueprint.pipeline.episode.track import load_track
from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.export.stage import ExportSettings, export
from blueprint.pipeline.generate.encoding import encode
from blueprint.pipeline.generate.image_arrays import write_arrays
from blueprint.pipeline.randomize.coverage import Coverage
from blueprint.pipeline.randomize.policy import load_policy
from blueprint.pipeline.scene.chains import Chain, forward_kinematics
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import SetColliders, SetMass, SetMaterial, SetSemantics
from blueprint.pipeline.scene.manifests import BodyPhysics, Camera, PlacedRobot, SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose, quat_from_rotation
from blueprint.pipeline.scene.props import Body, LeftOut, Prop, Provenance, Role
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.scans import GravityEstimate, ScaleEstimate
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.usd.chains import read_chain

Array = NDArray[np.float64]

FPS, SIZE_PX = 10, 64
NOTHING_COVERED = Coverage("off", 1, (), (), (), 0, 0, None, None)
CAMERAS = ("wrist", "side")
MUG = "mug"
BODIES = ("robot/panda_hand", "mug/body", "table/body")
SPANS = {Phase.REACH: 5, Phase.CLOSE: 2, Phase.LIFT: 5, Phase.CARRY: 8, Phase.LOWER: 5, Phase.OPEN: 2, Phase.HOLD: 8}
FRAMES = sum(SPANS.values())
CORNERS_M = np.array([[x, y, z] for x in (-0.03, 0.03) for y in (-0.03, 0.03) for z in (-0.04, 0.04)])
HAND_CORNERS_M = CORNERS_M - np.array([0.0, 0.0, 0.15])
"""Behind the tool point, which is all that the hand has of a shape here."""
BASE = Pose((0.1, -0.2, 0.4))


class StagingSettings(Settings):
    """What is made up."""

    attempts: int = Field(default=5, description="Number of attempted episodes.")
    failed: tuple[int, ...] = Field(default=(1,), description="Which of the attempted episodes do not succeed.")
    lost: tuple[int, ...] = Field(default=(), description="Which of the attempts end without an outcome.")
    cameras: tuple[str, ...] = Field(default=CAMERAS, description="Which of the scene's cameras are recorded.")
    engine: str = Field(default="mujoco", description="The engine that the episodes claim.")
    sample: bool = Field(default=False, description="Whether the scan was a generated sample.")
    contacts: bool = Field(default=True, description="Whether contacts were measured.")


@cache
def panda_chain() -> Chain:
    """Return the arm's joints from its USD."""
    robot = load_robot("franka_panda")
    return read_chain(robot.asset_folder / Path(robot.usd_path).name, robot)


@dataclass(frozen=True, eq=False)
class Story:
    """The made-up states of one attempt."""

    phase: NDArray[np.int64]
    joints: Array
    T_world_tcp: Array
    T_world_mug: Array
    width_m: Array
    held: NDArray[np.bool_]

    @classmethod
    def tell(cls, number: int, *, success: bool) -> "Story":
        """Return a story in which the mug is lifted, carried and put down, or not lifted at all."""
        phase = np.concatenate([np.full(count, kind) for kind, count in SPANS.items()]).astype(np.int64)
        home = np.array(load_robot("franka_panda").arm.home_rad)
        ends = np.cumsum(list(SPANS.values()))
        turn = 0.25 + 0.05 * number
        arm = np.tile(home, (FRAMES, 1))
        arm[:, 0] += np.interp(np.arange(FRAMES), [ends[2], ends[3]], [0.0, turn])
        arm[:, 1] += np.interp(np.arange(FRAMES), [0, ends[0], ends[1], ends[2], ends[3], ends[4]],
                               [0.0, 0.2, 0.2, 0.0, 0.0, 0.2])  # fmt: skip
        arm[:, 6] += 0.01 * np.sin(np.arange(FRAMES))
        closed = np.interp(np.arange(FRAMES), [ends[0], ends[1], ends[4], ends[5]], [0.04, 0.02, 0.02, 0.04])
        joints = np.hstack([arm, closed[:, None], closed[:, None]])
        chain = panda_chain()
        positions = {name: arm[:, at] for at, name in enumerate(chain.moving)}
        T_world_tcp = BASE.matrix() @ forward_kinematics(chain, positions)
        held = (phase >= Phase.LIFT) & (phase < Phase.OPEN) & success
        return cls(phase, joints, T_world_tcp, _follow(T_world_tcp, held), 2 * closed, held)


def _follow(T_world_tcp: Array, held: NDArray[np.bool_]) -> Array:
    """Return the poses of a mug that stands upright at the first grasp and moves with the hand while it is held."""
    first = int(np.argmax(held)) if held.any() else sum(list(SPANS.values())[:2])
    T_world_mug = np.tile(np.eye(4), (FRAMES, 1, 1))
    T_world_mug[:, :3, 3] = T_world_tcp[first, :3, 3]
    T_tcp_mug = np.linalg.inv(T_world_tcp[first]) @ T_world_mug[0]
    for frame in range(first, FRAMES):
        T_world_mug[frame] = T_world_tcp[frame] @ T_tcp_mug if held[frame] else T_world_mug[frame - 1]
    return T_world_mug


def task_of(number: int, story: Story) -> Task:
    """Return a task whose region lies under the mug where it ends."""
    T_world_mug = story.T_world_mug[-1]
    x, y, middle_m = T_world_mug[:3, 3].tolist()
    z = middle_m + float((CORNERS_M @ T_world_mug[:3, :3].T)[:, 2].min())
    region = Region("target", "table", (x, y, z), (0.15, 0.15), 0.0)
    sentence = "Pick up the mug and place it further to the left."
    goals = (Raised(MUG, 0.05), InRegion(MUG, region), Released(MUG), AtRest(MUG))
    name, roles, steps = f"episode_{number:04d}", {"object": MUG}, (Step("grasp", {"object": MUG}),)
    return Task(name, "pick_place", "pick_place", MUG, roles, steps, goals, (), sentence, (sentence,))


def write_states(path: Path, story: Story, task: Task, *, contacts: bool) -> None:
    """Write our group of `states.h5`, and Isaac Sim's poses beside it."""
    quat = np.array([quat_from_rotation(T[:3, :3]) for T in story.T_world_tcp])
    mug_quat = np.array([quat_from_rotation(T[:3, :3]) for T in story.T_world_mug])
    touching = np.flatnonzero(story.held) if contacts else np.array([], dtype=np.int64)
    offset = np.searchsorted(touching, np.arange(FRAMES + 1))
    rates = np.gradient(story.joints, 1 / FPS, axis=0)
    channels: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
        "time_s": (np.arange(FRAMES) / FPS, {}),
        "phase": (story.phase.astype(np.int16), {}),
        "joint_position": (story.joints, {}),
        "joint_velocity": (rates, {}),
        "joint_effort": (10 * np.cos(story.joints) + rates, {}),
        "command": (story.joints + 0.001 * rates, {"names": _joint_names()}),
        "tcp_position_m": (story.T_world_tcp[:, :3, 3], {}),
        "tcp_quat_wxyz": (quat, {}),
        "gripper_width_m": (story.width_m, {}),
        "prop_position_m": (story.T_world_mug[:, None, :3, 3], {}),
        "prop_quat_wxyz": (mug_quat[:, None], {}),
        "body_position_m": (np.stack([story.T_world_tcp[:, :3, 3], story.T_world_mug[:, :3, 3]], axis=1), {}),
        "body_quat_wxyz": (np.stack([quat, mug_quat], axis=1), {}),
        "contact_offset": (offset, {}),
        "contact_first": (np.zeros(len(touching), dtype=np.int64), {}),
        "contact_second": (np.ones(len(touching), dtype=np.int64), {}),
        "contact_position_m": (story.T_world_mug[touching, :3, 3], {}),
        "contact_normal": (np.tile([0.0, 1.0, 0.0], (len(touching), 1)), {}),
        "contact_depth_m": (np.full(len(touching), 1e-4), {}),
        "contact_force_n": (np.tile([0.0, 20.0, 0.0], (len(touching), 1)), {}),
        "peak_offset": (offset, {}),
        "peak_first": (np.zeros(len(touching), dtype=np.int64), {}),
        "peak_second": (np.ones(len(touching), dtype=np.int64), {}),
        "peak_force_n": (np.full(len(touching), 22.0), {}),
    }
    with h5py.File(path, "w") as file:
        group = file.create_group("blueprint")
        group.attrs["format"], group.attrs["version"], group.attrs["fps"] = "blueprint.states", 3, FPS
        lists = {
            "joint_names": [f"robot/{name}" for name in _joint_names()],
            "body_names": BODIES,
            "prop_names": [MUG],
            "phase_names": PHASE_NAMES,
        }
        for name, names in lists.items():
            group.attrs[name] = json.dumps(list(names))
        links = np.repeat(np.arange(2, dtype=np.int16), len(CORNERS_M))
        group.create_dataset("geometry/corners_m", data=np.vstack([HAND_CORNERS_M, CORNERS_M]), track_times=False)
        group.create_dataset("geometry/link", data=links, track_times=False)
        group["geometry"].attrs["channels"] = json.dumps({"link": {"names": BODIES[:2]}})
        _add(file, channels)
        for name, poses in (("articulation_robot", story.T_world_tcp[:, None]), ("rigid_mug_body", story.T_world_mug)):
            ends = ("s", "s") if poses.ndim == 4 else ("", "")
            turns = quat[:, None] if poses.ndim == 4 else mug_quat
            isaac = file.create_group(f"episodes/episode_00000/{name}")
            isaac.create_dataset(f"position{ends[0]}", data=poses[..., :3, 3].astype(np.float32), track_times=False)
            isaac.create_dataset(f"orientation{ends[1]}", data=turns.astype(np.float32), track_times=False)
    with h5py.File(path, "r+") as file:
        _add(file, _derived(path, task))


def _add(file: h5py.File, channels: dict[str, tuple[NDArray[Any], dict[str, Any]]]) -> None:
    frames = file["blueprint"].require_group("frames")
    for name, (values, _) in channels.items():
        frames.create_dataset(name, data=values, track_times=False)
    known = json.loads(frames.attrs.get("channels", "{}"))
    frames.attrs["channels"] = json.dumps({**known, **{name: notes for name, (_, notes) in channels.items()}})


def _derived(path: Path, task: Task) -> dict[str, tuple[NDArray[Any], dict[str, Any]]]:
    """Return what the recorder computes from the states: what the hand feels, and the task's terms."""
    states = States(path)
    judgement = judged(load_track(states), task, Geometry(states.link_corners_m()))
    senses = feel(judgement.touches, Hand(BODIES[:1], BODIES[:1], np.zeros((FRAMES, 1, 3))))
    return {
        "ee_wrench": (senses.wrench, {"links": BODIES[:1]}),
        "pad_force_n": (senses.pad_force_n, {"names": BODIES[:1]}),
        "pad_center_m": (senses.pad_center_m, {}),
        "pad_extent_m": (senses.pad_extent_m, {}),
        "pad_count": (senses.pad_count, {}),
        "robot_touch": (robot_touch(judgement.touches), {}),
        "reward": (rewards_per_frame(judgement, task), {}),
        "done": (dones_per_frame(judgement, task), {}),
    }


def _joint_names() -> list[str]:
    robot = load_robot("franka_panda")
    return [*robot.arm.joints, *robot.gripper.joints]


@dataclass(frozen=True, eq=False)
class Clip:
    """What one camera sees of an episode: RGB (N, H, W, 3), depth in 0.1 mm and ids (N, H, W)."""

    rgb: NDArray[np.uint8]
    depth: NDArray[np.uint16]
    ids: NDArray[np.uint8]

    @classmethod
    def draw(cls, story: Story, camera: str) -> "Clip":
        """Draw the hand and the mug as squares before a ramp; the wrist camera moves with the hand."""
        hand, mug = (_pixels(T, camera) for T in (story.T_world_tcp, story.T_world_mug))
        row, column = np.mgrid[0:SIZE_PX, 0:SIZE_PX]
        right = 60 * (column >= SIZE_PX // 2)
        ramp = np.stack([60 + column + right, 220 - 2 * row, 90 + column + row], axis=2).astype(np.uint8)
        rgb, depth = np.tile(ramp, (FRAMES, 1, 1, 1)), np.tile((9000 + 20 * row).astype(np.uint16), (FRAMES, 1, 1))
        ids = np.tile(np.where(column < SIZE_PX // 2, 1, 4).astype(np.uint8), (FRAMES, 1, 1))
        colours = {2: (200, 40, 40), 3: (30, 30, 120)}
        for frame in range(FRAMES):
            shift = hand[frame] - hand[0] if camera == "wrist" else np.zeros(2, dtype=np.int64)
            rgb[frame] = np.roll(rgb[frame], -shift, axis=(1, 0))
            depth[frame] = np.roll(depth[frame], -shift, axis=(1, 0))
            ids[frame] = np.roll(ids[frame], -shift, axis=(1, 0))
            for which, place, metres in ((2, mug[frame] - shift, 0.7), (3, hand[frame] - shift, 0.5)):
                x, y = np.clip(place, 0, SIZE_PX - 14)
                window = (frame, slice(y, y + 14), slice(x, x + 14))
                rgb[window], depth[window], ids[window] = colours[which], round(metres * 1e4), which
        return cls(rgb, depth, ids)

    def write(self, folder: Path, camera: str) -> None:
        """Write the files of one camera."""
        write_video(folder / f"{camera}.mp4", self.rgb)
        write_arrays(folder / f"{camera}_depth.npz", {"depth": self.depth, "step_m": np.float64(1e-4)})
        names = np.array(["background", "table", "mug", "robot", "wall"])
        write_arrays(folder / f"{camera}_instance.npz", {"instance": self.ids, "names": names})


def _pixels(T_world: Array, camera: str) -> NDArray[np.int64]:
    """Return where things are seen, x and y in pixels; every camera looks along another axis."""
    axes = (0, 1) if camera == "wrist" else (1, 2)
    shown = T_world[:, axes, 3] - np.array(BASE.position_m)[list(axes)]
    return np.round(SIZE_PX * shown).astype(np.int64) + (0 if camera == "wrist" else 10)


def write_video(path: Path, frames: NDArray[np.uint8]) -> None:
    """Encode as the product does, in this process."""
    encode(io.BytesIO(np.ascontiguousarray(frames).tobytes()), SIZE_PX, SIZE_PX, FPS, str(path))


def manifest_of(sample: bool) -> SceneManifest:
    """Return a scene of one mug."""
    pieces = (BoxPiece(Pose(), (0.03, 0.03, 0.04)),)
    physics = BodyPhysics(
        "body",
        SetMaterial(MUG, "body", "ceramic", 2400.0, 0.5, 0.4, 0.1, "category mug"),
        SetMass(MUG, "body", 0.3, (0.0, 0.0, 0.0), (1e-3, 1e-3, 1e-3), (1.0, 0.0, 0.0, 0.0), "2400 kg/m3 x 1.25e-4 m3"),
        SetColliders(MUG, "body", pieces, "box", 1.0, "a box"),
    )
    provenance = Provenance("mug.glb", "CC0-1.0")
    prop = Prop(MUG, MUG, MUG, Role.MANIPULABLE, (Body("body", ()),), (), (0.06, 0.06, 0.08), Pose(), provenance)
    semantics = SetSemantics(MUG, Role.MANIPULABLE, ("Graspable",), {"class": MUG}, "category mug")
    cameras = tuple(Camera(name, "", Pose(), 60.0, SIZE_PX, SIZE_PX, f"/World/cameras/{name}") for name in CAMERAS)
    return SceneManifest(
        id="tiny",
        props=(SceneProp(prop, (physics,), semantics, (), "/World/props/mug", "assets/mug/mug.usda"),),
        left_out=(LeftOut("plant", "no posed mesh"),),
        scale=ScaleEstimate(1.0, "declared", None, (), "the scan says so"),
        gravity=GravityEstimate((0.0, 0.0, 1.0), "declared", "the scan says so"),
        robot=PlacedRobot("franka_panda", BASE, "/World/robot", (MUG,)),
        cameras=cameras,
        lights=(),
        sample=sample,
    )


@stage(version=1)
def stage_scene(work: Work, settings: StagingSettings) -> Steps[Assembled]:
    """Write a scene."""
    yield from ()
    save(work.folder / Assembled.MANIFEST, manifest_of(settings.sample))
    (work.folder / "scene" / "scene.usda").write_text("#usda 1.0\n")
    (work.folder / "model").mkdir()
    (work.folder / "model" / "model.json").write_text("{}\n")
    return Assembled(work.folder)


@stage(version=1)
def stage_variants(work: Work, settings: StagingSettings) -> Steps[Variants]:
    """Write one variant."""
    yield from ()
    save(work.folder / Variants.VARIANTS_FILE, (Variant(0, 0, ()),), tuple[Variant, ...])
    save(work.folder / Variants.POLICY_FILE, load_policy(Path("off")))
    save(work.folder / Variants.COVERAGE_FILE, NOTHING_COVERED)
    (work.folder / "variants").mkdir()
    (work.folder / "variants" / "0000.usda").write_text("#usda 1.0\n")
    return Variants(work.folder)


def list_attempts(assembled: Assembled, variants: Variants, settings: StagingSettings) -> Sequence[Item]:
    """List the attempts."""
    return [Item(f"episode_{number:04d}", {"number": number}) for number in range(settings.attempts)]


@mapped_stage(version=1, items=list_attempts, output=Episodes)
def stage_episodes(
    work: Work, item: Item, assembled: Assembled, variants: Variants, settings: StagingSettings
) -> Steps[Episode]:
    """Write one attempt."""
    yield from ()
    number = item.values["number"]
    if number in settings.lost:
        raise ItemRejected(item.id, "the scene flew apart before anything was recorded")
    success = number not in settings.failed
    story = Story.tell(number, success=success)
    task = task_of(number, story)
    failure = FailureCode.NONE if success else FailureCode.SLIPPED
    outcome = Outcome(success, failure, None if success else 11, "" if success else "not lifted", {})
    summary = EpisodeSummary(item.id, task.template, MUG, task.instruction, 0, 0, settings.engine, FRAMES, FPS, outcome)
    save(work.folder / Episode.OUTCOME_FILE, summary)
    save(work.folder / Episode.TASK_FILE, task)
    write_states(work.folder / Episode.STATES_FILE, story, task, contacts=settings.contacts)
    if success:
        for camera in settings.cameras:
            Clip.draw(story, camera).write(work.folder, camera)
    return Episode(work.folder)


STAGED: tuple[Stage, ...] = (stage_scene, stage_variants, stage_episodes, export, certify)


def make_dataset(
    folder: Path, *, certify_settings: CertifySettings | None = None, **staging: Any
) -> tuple[Path, RunState]:
    """Make a certified dataset below a folder and return its root; raises CheckFailed where certification does."""
    settings = StagingSettings.model_validate(staging)
    sections: dict[str, Settings] = {entry.name: settings for entry in STAGED[:3]}
    sections |= {"export": ExportSettings(), "certify": certify_settings or CertifySettings()}
    state = RunState()
    stages = {entry.name: entry for entry in STAGED}
    run_pipeline(STAGED, sections, Store(folder / "store"), InlineExecutor(stages), Tape(), state)
    dataset, certified = state.records["export"], state.records["certify"]
    assert isinstance(dataset, Dataset)
    assert isinstance(certified, Certified)
    link_tree(dataset.root, folder / "dataset")
    link_tree(certified.root, folder / "dataset" / "certificate")
    return folder / "dataset", state


def writable_copy(root: Path, target: Path) -> Path:
    """Copy a dataset, whose files are read-only, so that a test may harm it."""
    shutil.copytree(root, target)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target
