"""How near the robot came to things: against a search through all pairs of colliders, and against a known distance."""

from itertools import product

import mujoco
import numpy as np
import pytest
from tests.sims.newton_mujoco.test_sim import HOME

from blueprint.pipeline.episode.geometry import owner_of
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.sims.clearances import FARTHEST_M, Clearances
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import Observation, SceneFiles

FPS, STEPS, FRAMES = 10, 24, 14


def track_of(seen: list[Observation], sim: MujocoSim) -> Track:
    """Return what a clearance is measured on: where the links were."""
    count, none = len(seen), np.zeros(0, dtype=np.int64)
    return Track(
        fps=FPS,
        prop_names=(),
        body_names=sim.body_names,
        time_s=np.arange(count) / FPS,
        phase=np.zeros(count, dtype=np.int64),
        joint_position=np.zeros((count, 0)),
        command=np.zeros((count, 0)),
        tcp_position_m=np.zeros((count, 3)),
        tcp_quat_wxyz=np.zeros((count, 4)),
        gripper_width_m=np.zeros(count),
        prop_position_m=np.zeros((count, 0, 3)),
        prop_quat_wxyz=np.zeros((count, 0, 4)),
        contact_offset=np.zeros(count + 1, dtype=np.int64),
        contact_first=none,
        contact_second=none,
        contact_depth_m=np.zeros(0),
        contact_force_n=np.zeros((0, 3)),
        body_position_m=np.stack([each.body_position_m for each in seen]),
        body_quat_wxyz=np.stack([each.body_quat_wxyz for each in seen]),
    )


def swung(sim: MujocoSim, lean_rad: float) -> tuple[Track, list[float], list[str]]:
    """Lean the arm forward; return the track, and per frame the nearest of all pairs of colliders and its owner."""
    owners = {geom.name: geom.body for geom in sim.maps.geoms}
    colliders = np.flatnonzero(sim.model.geom_contype | sim.model.geom_conaffinity).tolist()
    links = {geom: owners[sim.model.geom(geom).name] for geom in colliders}
    moving = [geom for geom, link in links.items() if link.startswith("robot/") and link != "robot/panda_link0"]
    others = [geom for geom, link in links.items() if not link.startswith("robot/")]
    seen: list[Observation] = []
    nearest: list[float] = []
    for frame in range(FRAMES):
        seen.append(sim.observe())
        apart = {
            (one, other): mujoco.mj_geomDistance(sim.model, sim._scratch, one, other, FARTHEST_M, None)
            for one, other in product(moving, others)
        }
        nearest.append(min(apart.values()))
        command = np.array(HOME)
        command[1] += lean_rad * (frame + 1) / FRAMES
        sim.drive(np.tile(command, (STEPS, 1)))
    return track_of(seen, sim), nearest, sorted({owner_of(links[geom]) for geom in others})


@pytest.mark.parametrize("lean_rad", [0.3, 0.9])
def test_the_nearest_of_all_colliders_is_found(sim: MujocoSim, scene_files: SceneFiles, lean_rad: float) -> None:
    """By looking at few of them; a robot that bumps into something has no clearance."""
    track, nearest, owners = swung(sim, lean_rad)
    clearances = Clearances.of_scene(scene_files.model_folder)
    assert clearances.least_m(track, ()) == pytest.approx(max(0.0, min(nearest)), abs=1e-6)
    assert clearances.least_m(track, owners) is None
    assert min(nearest) < FARTHEST_M


def test_a_robot_that_stands_still_comes_near_nothing(sim: MujocoSim, scene_files: SceneFiles) -> None:
    """What does not move is its foot, wherever it stands; a little motion has a clearance again."""
    clearances = Clearances.of_scene(scene_files.model_folder)
    assert clearances.least_m(swung(sim, 0.0)[0], ()) is None
    sim.reset()
    assert (clearances.least_m(swung(sim, 0.1)[0], ()) or 0.0) > 0.0
