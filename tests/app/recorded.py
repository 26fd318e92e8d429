"""A short recorded episode in physics: a box falls onto a table while the arm swings and the hand closes on nothing."""

from pathlib import Path
from typing import Any

import numpy as np

from blueprint.pipeline.engine.keys import cpu_class, installed_versions, key_of
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import AtRest, Upright
from blueprint.pipeline.episode.outcomes import EpisodeSummary, Outcome
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.generate.recorder import Sources, write_states
from blueprint.pipeline.generate.witness import witness
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.scene.codec import save, to_plain
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims.collider_corners import link_corners_m
from blueprint.pipeline.sims.model import load_model
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles

FPS, SUBSTEPS, FRAMES, SEED = 30, 8, 45, 4
CAMERAS = ("side",)
FALLING = MoveProp("box", Pose((0.55, -0.15, 0.5)), "drawn: lifted by 20 cm")
VARIANT = Variant(2, 9, (FALLING,))
TASK = Task(
    "episode_0000",
    "fall",
    "pick_place",
    "box",
    {"object": "box"},
    (Step("reach", {"object": "box"}),),
    (AtRest("box"), Upright("box", 0.5)),
    (),
    "Let the box come to rest.",
    ("Let the box come to rest.", "Wait for the box."),
)
HEADER: dict[str, Any] = {
    "stage": "generate",
    "stage_version": 1,
    "settings": {"seed": SEED},
    "item": {"id": TASK.id, "values": {"variant": to_plain(VARIANT)}, "inputs": []},
    "tools": installed_versions(["mujoco", "numpy"]),
    "foreign": {},
}


def record_fall(assembled: Assembled, **changed: Any) -> Episode:
    """Record the episode into the store of a scene; fields of its header can be changed."""
    store = Store(assembled.folder.parent.parent)
    header = {**HEADER, **changed}
    header["key"] = key_of({name: header[name] for name in HEADER})
    if (found := store.find(header["key"], Episode)) is not None:
        return found
    folder = store.begin(header["key"])
    write_fall(folder, assembled)
    extra = {"cpu": cpu_class(), "checks": [], "left_out": "", "input_keys": [assembled.key]}
    return Episode(store.commit(folder, {**extra, **header}))


def write_fall(folder: Path, assembled: Assembled) -> None:
    """Write the files of the episode."""
    manifest, compiled = assembled.manifest, load_model(assembled.model_folder)
    robot = load_robot(manifest.robot.name)
    sim = MujocoSim(SceneFiles(assembled.usd_path, assembled.model_folder, manifest))
    sim.reset(VARIANT.edits)
    recording = Recording(Layout.of_scene(sim, compiled, robot, CAMERAS), FPS, SUBSTEPS, sim.dt_s)
    _act(sim, recording, robot)
    sim.close()
    geometry = Geometry(link_corners_m(assembled.model_folder))
    seen = witness(recording, TASK, geometry, manifest, assembled.model_folder, engine="mujoco")
    outcome = Outcome.of(seen.verdict, seen.measures, seen.quality)
    summary = EpisodeSummary(
        TASK.id, "fall", "box", TASK.instruction, VARIANT.index, SEED, "mujoco", FRAMES, FPS, outcome
    )
    sources = Sources(manifest, compiled, seen.verdict.success, {}, {}, geometry)
    write_states(folder / Episode.STATES_FILE, recording, seen, sources)
    save(folder / Episode.TASK_FILE, TASK)
    save(folder / Episode.OUTCOME_FILE, summary)


def _act(sim: MujocoSim, recording: Recording, robot: Robot) -> None:
    """Swing the first joint and close the hand, one command per frame."""
    home = np.array([*robot.arm.home_rad, *robot.gripper.open_positions])
    for frame in range(FRAMES):
        command = home.copy()
        command[0] += 0.2 * np.sin(frame / 10)
        command[-len(robot.gripper.joints) :] *= 1 - frame / FRAMES
        phase = Phase.REACH if frame < 20 else Phase.CLOSE if frame < 30 else Phase.HOLD
        recording.add(sim, sim.observe(), command, phase)
        for _ in range(SUBSTEPS if frame < FRAMES - 1 else 0):
            sim.set_command(command)
            recording.add_step(sim)
            sim.step(1)
