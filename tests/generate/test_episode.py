"""A whole pick and place on a small scene, in physics: what is recorded, whether it repeats, and honest failures."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.stage import Item, Work
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.judgement import judge
from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.quality import load_quality_rules
from blueprint.pipeline.episode.records import Episode, Grasps, Offered
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.touches import Touches
from blueprint.pipeline.episode.track import load_track
from blueprint.pipeline.generate import acting
from blueprint.pipeline.generate.stage import GenerateSettings, generate, list_episodes
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.scene.codec import to_plain
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims import camera as drawing
from blueprint.pipeline.sims import collider_corners, kept, sensing
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim, SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles

STATES_ONLY = GenerateSettings(episodes=2, render="none", seed=4)
Recorder = Callable[[Item, GenerateSettings], Episode]


@pytest.fixture(scope="module")
def record(
    assembled: Assembled,
    grasps: Grasps,
    offered: Offered,
    variants: Variants,
    tmp_path_factory: pytest.TempPathFactory,
) -> Recorder:
    """Run one item of the stage in a new folder."""

    def run(item: Item, settings: GenerateSettings) -> Episode:
        folder = tmp_path_factory.mktemp("episode")
        steps = generate.function(
            work=Work(folder),
            item=item,
            assembled=assembled,
            grasps=grasps,
            offered=offered,
            variants=variants,
            settings=settings,
        )
        for _ in steps:
            pass
        return Episode(folder)

    return run


@pytest.fixture(scope="module")
def items(assembled: Assembled, grasps: Grasps, offered: Offered, variants: Variants) -> list[Item]:
    """The stage's first two items."""
    return list(list_episodes(assembled, grasps, offered, variants, STATES_ONLY))


@pytest.fixture(scope="module")
def episode(record: Recorder, items: list[Item]) -> Episode:
    """One recorded success."""
    return record(items[0], STATES_ONLY)


def test_the_box_is_picked_and_placed(episode: Episode, assembled: Assembled) -> None:
    """Friction alone carries it into the region, and the numbers behind the verdict are sound."""
    outcome = episode.summary.outcome
    assert outcome.failure is FailureCode.NONE, outcome.message
    assert outcome.success
    measures = outcome.measures
    assert measures["lift_height_m"] > 0.05
    assert measures["place_error_m"] < 0.02
    assert measures["carry_slip_m"] < 0.005
    assert measures["contact_penetration_m"] < 0.003
    assert measures["ik_position_error_m"] < 1e-3
    assert measures["planned_clearance_m"] >= 0.002
    assert 20 < measures["grip_force_n"] < 60
    assert 4 < measures["duration_s"] < 12
    assert episode.task.instruction.startswith("Pick up the box and place it")


def test_the_verdict_follows_from_the_file(episode: Episode) -> None:
    """Judged again from disk, with the corners that the file holds."""
    states = States(episode.states_path)
    verdict = judge(load_track(states), episode.task, Geometry(states.link_corners_m()))
    assert verdict.failure is FailureCode.NONE


def test_nothing_teleports(episode: Episode) -> None:
    """No frame moves the box faster than the hand could, and phases follow their order."""
    track = load_track(States(episode.states_path))
    box = track.prop_position_m[:, track.prop_names.index("box")]
    assert np.linalg.norm(np.diff(box, axis=0), axis=1).max() < 0.05
    assert (np.diff(track.phase) >= 0).all()
    assert set(np.unique(track.phase)) == {int(phase) for phase in Phase if Phase.START < phase <= Phase.HOLD}


def test_recorded_tool_poses_are_the_kinematics_of_recorded_joints(
    episode: Episode, assembled: Assembled, robot: Robot
) -> None:
    """The arm cut out on its own says where the tool was, in every frame."""
    track = load_track(States(episode.states_path))
    kinematics = ArmKinematics.load(assembled.model_folder, robot)
    T_world_base = assembled.manifest.robot.T_world_base
    for joints, position in zip(track.joint_position, track.tcp_position_m, strict=True):
        T_world_tcp = T_world_base @ kinematics.tool_pose(joints[: len(robot.arm.joints)])
        assert T_world_tcp.position_m == pytest.approx(position, abs=1e-5)


def test_the_same_episode_gives_the_same_bytes(
    episode: Episode, record: Recorder, items: list[Item], assembled: Assembled
) -> None:
    """After another episode was planned and simulated in the same process."""
    other = record(items[1], STATES_ONLY)
    again = record(items[0], STATES_ONLY)
    assert digest_files(again.folder) == digest_files(episode.folder)
    assert digest_files(other.folder) != digest_files(episode.folder)


def test_an_episode_does_not_depend_on_what_its_process_did_before(record: Recorder, items: list[Item]) -> None:
    """The third after two others, in a process that keeps models and planning worlds, and alone in a fresh one."""
    drawn = STATES_ONLY.model_copy(update={"render": "all", "images": ("depth", "instance", "normal")})
    record(items[1], STATES_ONLY)
    record(items[0], drawn)
    third = replace(items[1], values={**items[1].values, "index": 2})
    after_others = record(third, drawn)
    for memory in (kept._kept, acting._benches, drawing._KEPT):
        memory.clear()
    for forget in (collider_corners.link_corners_m, load_quality_rules, sensing._normal_numbers):
        forget.cache_clear()
    alone = record(third, drawn)
    assert digest_files(alone.folder) == digest_files(after_others.folder)


def test_a_task_is_watched_for_as_long_as_its_goals_are_to_hold(record: Recorder, items: list[Item]) -> None:
    """Longer than the recipe waits: what moved before is no part of the hold."""
    template = {**items[0].values["template"], "hold_s": 1.5}
    asked = replace(items[0], values={**items[0].values, "template": template})
    held = record(asked, STATES_ONLY)
    assert held.summary.outcome.failure is FailureCode.NONE, held.summary.outcome.message
    phase = load_track(States(held.states_path)).phase
    assert np.count_nonzero(phase == Phase.HOLD) > 1.5 * STATES_ONLY.fps


def test_a_scene_that_flies_apart_at_the_end_is_a_recorded_failure(
    record: Recorder, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the robot waits with its work done: counted with its code and its states, not lost."""
    hold = Driver.hold

    def blow_up(driver: Driver, frames: int, phase: Phase) -> None:
        hold(driver, 2, phase)
        raise SimulationDiverged("scene", 9.0, "box", 1e6)

    monkeypatch.setattr(Driver, "hold", blow_up)
    blown = record(items[0], STATES_ONLY)
    assert blown.summary.outcome.failure is FailureCode.DIVERGED
    assert "box moves at 1e+06" in blown.summary.outcome.message
    assert load_track(States(blown.states_path)).phase[-1] == Phase.HOLD


def test_physics_can_be_stepped_again(episode: Episode, assembled: Assembled) -> None:
    """From the first recorded state, the recorded controls lead to every later one bit by bit."""
    files = SceneFiles(assembled.usd_path, assembled.model_folder, assembled.manifest)
    sim = open_sim("mujoco", files)
    assert isinstance(sim, MujocoSim)
    states = States(episode.states_path)
    names = ("time_s", "qpos", "qvel", "ctrl", "qacc_warmstart", "actuator_force")
    rows = {name: states.physics(name) for name in names}
    first = type(sim.raw_state())(float(rows["time_s"][0]), *(rows[name][0] for name in names[1:]))
    sim.restore_raw(first)
    for step in range(len(rows["ctrl"]) - 1):
        sim.set_command(rows["ctrl"][step])
        sim.step()
        assert np.array_equal(sim.raw_state().qpos, rows["qpos"][step + 1]), f"step {step}"


def test_the_file_is_isaac_sims_recorder_layout(episode: Episode) -> None:
    """Schema 2: manifest, one episode, and groups of one length with units and quaternion order."""
    with h5py.File(episode.states_path) as file:
        assert file.attrs["schema_version"] == 2
        assert set(file["manifest"]) == {"tracks", "session", "sampling", "coord_conventions"}
        stored = file["episodes/episode_00000"]
        count = stored.attrs["num_frames"]
        assert set(stored) == {
            "sim_time",
            "rigid_box_body",
            "rigid_crate_body",
            "articulation_robot",
            "camera_side",
            "camera_wrist",
        }
        for group in stored.values():
            assert all(len(channel) == count for channel in group.values())
        assert stored["rigid_box_body/orientation"].attrs["quaternion_order"] == "wxyz"
        assert stored["articulation_robot/positions"].shape[2] == 3


def test_a_prop_that_no_grasp_fits_is_an_honest_failure(record: Recorder, offered: Offered) -> None:
    """The crate is wider than the gripper: no states, no images, and the reason."""
    crate = Offer("pick_place/crate", "pick_place", {"object": "crate", "support": "table/top"}, True, "", {}, "crate")
    values = {
        "index": 0,
        "offer": to_plain(crate, Offer),
        "template": offered.templates["pick_place"],
        "variant": to_plain(Variant(0, 0, ()), Variant),
    }
    outcome = (failed := record(Item("episode_0000", values), STATES_ONLY)).summary.outcome
    assert (outcome.success, outcome.failure) == (False, FailureCode.NO_GRASP)
    assert "crate" in outcome.message
    assert not failed.states_path.exists()
    assert not failed.rendered
    assert failed.summary.frame_count == 0


def test_a_scene_that_never_settles_is_a_recorded_failure(record: Recorder, items: list[Item]) -> None:
    """A box that still falls when the robot is to begin: nothing is attempted, and it is counted with its code."""
    high = MoveProp("box", Pose((0.45, 0.0, 9.0)), "dropped from high up")
    values = {**items[0].values, "variant": to_plain(Variant(0, 0, (high,)), Variant)}
    falling = record(replace(items[0], values=values), STATES_ONLY)
    outcome = falling.summary.outcome
    assert (outcome.success, outcome.failure) == (False, FailureCode.UNSTABLE_SCENE)
    assert outcome.bodies == ("box",)
    assert "box still moves at" in outcome.message
    assert not falling.states_path.exists()


def test_a_planner_that_finds_nothing_is_a_recorded_failure(
    record: Recorder, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every grasp is reached in itself, and no way leads to any: no plan, no motion, no success."""

    class Lost:
        def plan(self, *asked: object, **settings: object) -> None:
            return None

    monkeypatch.setattr(acting, "planner_named", lambda name, workspace: Lost())
    outcome = (stuck := record(items[0], STATES_ONLY)).summary.outcome
    assert (outcome.success, outcome.failure) == (False, FailureCode.NO_PLAN)
    assert outcome.message
    assert stuck.summary.frame_count == 0


def test_a_thing_that_stands_there_already_is_no_success(record: Recorder, items: list[Item], offered: Offered) -> None:
    """Nothing to do is a refusal with its reason, in the offer and in an episode that is made all the same."""
    template = {**offered.templates["pick_place"]}
    place = next(iter(template["places"]))
    goals = [{"goal": "in_region", "object": "object", "at": place}, {"goal": "released", "object": "object"}]
    template |= {"places": {place: {"draw": "back", "object": "object"}}, "goals": goals, "rewards": []}
    template["phrasings"] = ["Leave the {object} where it is."]
    asked = replace(items[0], values={**items[0].values, "template": template})
    outcome = record(asked, STATES_ONLY).summary.outcome
    assert (outcome.success, outcome.failure) == (False, FailureCode.ALREADY_DONE)
    assert outcome.message == "all that is asked for holds already at the start"


def test_peaks_between_frames_are_in_the_file(episode: Episode) -> None:
    """As many as frames ask for, the robot in every pair, and never less than what the hand squeezes with."""
    states = States(episode.states_path)
    track, names = load_track(states), states.names("body_names")
    assert len(track.peak_offset) == track.frame_count + 1
    assert track.peak_offset[-1] == len(track.peak_force_n) > 50
    pairs = zip(track.peak_first.tolist(), track.peak_second.tolist(), strict=True)
    assert all("robot" in {names[first].split("/")[0], names[second].split("/")[0]} for first, second in pairs)
    touches = Touches(track)
    squeezed = touches.between("robot", "box") & touches.listed
    assert touches.peak_n[squeezed].mean() >= 0.98 * touches.force_n[squeezed].mean() > 5.0
    assert episode.summary.outcome.measures["force_peak_n"] == pytest.approx(touches.peak_n.max())


def test_the_null_engine_records_the_same_story(record: Recorder, items: list[Item]) -> None:
    """Without physics: a success by motion, without contacts, and without a physics group."""
    null = record(items[0], STATES_ONLY.model_copy(update={"engine": "null"}))
    assert null.summary.engine == "null"
    assert null.summary.outcome.failure is FailureCode.NONE, null.summary.outcome.message
    with h5py.File(null.states_path) as file:
        assert "physics" not in file["blueprint"]


def test_images_show_the_recorded_frames(record: Recorder, items: list[Item]) -> None:
    """As many decoded frames as rows, alive, with finite depth and the box among the instances."""
    rendered = record(items[0], STATES_ONLY.model_copy(update={"render": "kept"}))
    states = States(rendered.states_path)
    for camera in ("wrist", "side"):
        pictures = _decoded(rendered.folder / f"{camera}.mp4")
        assert len(pictures) == states.frame_count
        assert np.std(pictures[0]) > 5
        assert np.abs(pictures[0].astype(float) - pictures[-1]).mean() > 0.5
        with np.load(rendered.folder / f"{camera}_depth.npz", allow_pickle=False) as stored:
            depth_m = stored["depth"] * float(stored["step_m"])
        assert depth_m.shape == pictures.shape[:3]
        assert 0.05 < np.ptp(depth_m[0][depth_m[0] > 0])
        with np.load(rendered.folder / f"{camera}_instance.npz", allow_pickle=False) as stored:
            assert stored["names"][0] == "background"
            assert stored["instance"].max() < len(stored["names"])
        digests = states.channel(f"source_sha256/{camera}")
        assert digests.shape == (states.frame_count, 32)
        assert len(np.unique(digests, axis=0)) > states.frame_count / 2


def test_an_item_carries_all_of_its_variant(
    assembled: Assembled, grasps: Grasps, offered: Offered, variants: Variants
) -> None:
    """Nothing else of the variants may be read, because nothing else is in the key."""
    listed = list_episodes(assembled, grasps, offered, variants, GenerateSettings(episodes=3))
    assert [item.id for item in listed][:3] == ["episode_0000", "episode_0001", "episode_0002"]
    assert {item.values["offer"]["roles"]["object"] for item in listed} == {"box"}
    assert all(item.inputs == (assembled.digest, grasps.digest) for item in listed)
    assert listed[0].values["variant"] == to_plain(Variant(0, 0, ()), Variant)


def _decoded(path: Path) -> np.ndarray:
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(read[1])
    return np.array(frames)
