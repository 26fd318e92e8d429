"""The greatest forces between frames: those that the engine's own function finds, step by step."""

from collections import defaultdict

import mujoco
import numpy as np
import pytest
from tests.sims.newton_mujoco.test_sim import HOME

from blueprint.pipeline.sims.newton_mujoco.force_log import strongest_pairs
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles

STEPS, FRAMES = 8, 45
Peaks = dict[tuple[int, str, str], float]


def test_no_blow_falls_between_two_frames(sim: MujocoSim, scene_files: SceneFiles) -> None:
    """An arm that is thrown onto what stands below it: each step's forces, one contact after the other."""
    commands = np.tile(np.array(HOME), (FRAMES * STEPS, 1))
    commands[:, 1] += np.linspace(0, 2.2, len(commands))
    other = MujocoSim(scene_files)
    log = sim.log_forces()
    for frame in range(FRAMES):
        sim.drive(commands[frame * STEPS : (frame + 1) * STEPS])
        log.end_frame()
    sim.step(3)
    found = log.peaks()
    rows = zip(found.frame.tolist(), found.first.tolist(), found.second.tolist(), found.force_n.tolist(), strict=True)
    listed = {(frame, *sorted((found.names[a], found.names[b]))): force for frame, a, b, force in rows}
    expected, instants = _step_by_step(other, commands)
    assert listed.keys() == expected.keys()
    assert len({frame for frame, _, _ in listed}) > 5
    assert all(any(name.startswith("robot/") for name in pair) for _, *pair in listed)
    for key, force_n in expected.items():
        assert listed[key] == pytest.approx(force_n, rel=1e-9, abs=1e-9)
    # The hardest blow is not there at any instant at which a frame is taken.
    assert max(listed.values()) > 1.2 * max(instants)
    assert other.save_state().tobytes() != sim.save_state().tobytes()


def _step_by_step(sim: MujocoSim, commands: np.ndarray) -> tuple[Peaks, list[float]]:
    peaks, instants, wrench = Peaks(), [0.0], np.zeros(6)
    for step, command in enumerate(commands):
        sim.set_command(command)
        sim.step()
        sums: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(3))
        for index in range(sim.data.ncon):
            if sim.data.contact.efc_address[index] >= 0:
                pair = [sim._geom_bodies[geom] for geom in sim.data.contact.geom[index]]
                mujoco.mj_contactForce(sim.model, sim.data, index, wrench)
                force = sim.data.contact.frame[index].reshape(3, 3).T @ wrench[:3]
                sums[pair[0], pair[1]] += force
        for (first, second), force in sums.items():
            if first.startswith("robot/") or second.startswith("robot/"):
                first, second = sorted((first, second))
                key, size = (step // STEPS, first, second), float(np.linalg.norm(force))
                peaks[key] = max(peaks.get(key, 0.0), size)
                instants += [size] if step % STEPS == 0 else []
    return peaks, instants


def test_looking_does_not_change_what_happens(sim: MujocoSim, scene_files: SceneFiles) -> None:
    """The same commands with and without a log, driven and stepped, end in the same bytes."""
    commands = np.array(HOME) + np.linspace(0, 0.6, 4 * STEPS)[:, None] * np.eye(9)[1]
    other = MujocoSim(scene_files)
    sim.log_forces()
    sim.drive(commands)
    other.drive(commands)
    sim.step(20)
    other.step(20)
    assert other.save_state().tobytes() == sim.save_state().tobytes()


def test_points_of_a_pair_add_up_and_what_blew_up_is_left_out() -> None:
    """Two points of one pair, listed either way round; a step without a finite force; frames without any contact."""
    step_of, nan = np.array([0, 0, 1, 2, 2, 3]), float("nan")
    bodies = np.array([[1, 4], [4, 1], [1, 4], [1, 4], [2, 1], [1, 4]])
    force = np.array([[3.0, 0, 0], [-4.0, 0, 0], [5.0, 0, 0], [nan, 0, 0], [0, 2.0, 0], [0, 0, 1.0]])
    where, force_n = strongest_pairs(step_of, bodies, force, np.array([6, 6, 6, 9]))
    assert where.tolist() == [[6, 1, 2], [6, 1, 4], [9, 1, 4]]
    assert force_n.tolist() == [2.0, 7.0, 1.0]
