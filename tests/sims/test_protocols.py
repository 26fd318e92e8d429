"""Forces and efforts on a scene, and engines that have none."""

import numpy as np
import pytest
from tests.sims.scenes import BOX_MASS_KG

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.null import NoPhysics, NullSim


def test_a_force_at_the_centre_of_mass_lifts_without_turning(sim: MujocoSim) -> None:
    row = sim.body_names.index("box/body")
    before = sim.observe()
    sim.set_force("box/body", (0.0, 0.0, BOX_MASS_KG * (9.81 + 2.0)))
    sim.step(48)
    after = sim.observe()
    assert after.body_velocity_m_s[row, 2] == pytest.approx(2.0 * 0.2, rel=0.05)
    assert np.abs(after.body_spin_rad_s[row]).max() < 0.02
    assert after.body_position_m[row, 2] > before.body_position_m[row, 2]


def test_an_effort_moves_a_joint_and_reset_takes_it_away(sim: MujocoSim) -> None:
    row = sim.joint_names.index("cabinet/slide")
    sim.set_effort("cabinet/slide", 20.0)
    sim.step(24)
    assert sim.observe().joint_velocity[row] == pytest.approx(20.0 / 2.0 * 0.1, rel=0.2)
    sim.reset()
    sim.step(24)
    assert abs(sim.observe().joint_velocity[row]) < 0.01


def test_loads_are_part_of_a_saved_state(sim: MujocoSim) -> None:
    sim.set_effort("cabinet/slide", 20.0)
    sim.step(3)
    state = sim.save_state()
    sim.step(10)
    first = sim.observe().joint_position
    sim.reset()
    sim.restore_state(state)
    sim.step(10)
    assert (sim.observe().joint_position == first).all()


def test_unknown_links_and_joints_are_named(sim: MujocoSim) -> None:
    with pytest.raises(UnknownName, match=r"unknown moving link 'box/bdy'; did you mean 'box/body'\?"):
        sim.set_force("box/bdy", (0.0, 0.0, 1.0))
    with pytest.raises(UnknownName, match="unknown moving link 'table/"):
        sim.set_force("table/top", (0.0, 0.0, 1.0))
    with pytest.raises(UnknownName, match="unknown joint 'cabinet/lid'"):
        sim.set_effort("cabinet/lid", 1.0)


def test_the_null_engine_refuses_loads(null_sim: NullSim) -> None:
    with pytest.raises(NoPhysics, match="'null' computes no physics, so it cannot push 'box/body'"):
        null_sim.set_force("box/body", (0.0, 0.0, 1.0))
    with pytest.raises(NoPhysics, match="use the engine 'mujoco'"):
        null_sim.set_effort("cabinet/slide", 1.0)
