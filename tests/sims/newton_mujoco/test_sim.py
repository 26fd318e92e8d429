"""Stepping the default engine: poses, rest, forces, efforts, saving and restoring."""

import math

import mujoco
import numpy as np
import pytest
from tests.sims.scenes import BLOCK, BOX, BOX_MASS_KG, DOOR_LIMIT_RAD, DRAWER_LIMIT_M, TABLE_TOP_M

from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.sims.newton_mujoco.sim import FULL_STATE, MujocoSim, SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles

GRAVITY_M_S2 = 9.81
HOME = (0.0, -0.3, 0.0, -2.2, 0.0, 1.9, 0.785, 0.04, 0.04)


def row_of(sim: MujocoSim, body: str) -> int:
    """Return a link's row in an observation."""
    return sim.body_names.index(body)


def test_starts_where_the_scene_was_authored(sim: MujocoSim) -> None:
    seen = sim.observe()
    for plan, body in ((BLOCK, "block/body"), (BOX, "box/body")):
        row = row_of(sim, body)
        assert seen.body_position_m[row] == pytest.approx(plan.T_world_prop.position_m, abs=1e-12)
        assert rotation_from_quat(seen.body_quat_wxyz[row]) == pytest.approx(plan.T_world_prop.rotation(), abs=1e-12)


def test_a_turned_block_has_its_corners_where_usd_has_them(sim: MujocoSim) -> None:
    """The colliders of the asymmetric block, placed by quaternion, equal the authored boxes placed by matrix."""
    sim.observe()
    data = sim._scratch
    for index, box in enumerate(BLOCK.links[0].boxes):
        geom = sim.model.geom(f"/World/props/block/body/piece_{index}_collider").id
        assert data.geom_xpos[geom] == pytest.approx(BLOCK.T_world_prop.apply(box.center_m), abs=1e-6)
        axes = data.geom_xmat[geom].reshape(3, 3)
        half = sim.model.geom_size[geom]
        # The solid is the same when every axis, scaled by its half extent, spans the same box.
        expected = BLOCK.T_world_prop.rotation() * np.asarray(box.half_m)
        assert axes * half @ (axes * half).T == pytest.approx(expected @ expected.T, abs=1e-8)


def test_robot_links_stand_where_usd_has_them(sim: MujocoSim) -> None:
    seen = sim.observe()
    for row, body in enumerate(sim.maps.bodies):
        assert seen.body_position_m[row] == pytest.approx(body.T_world_body.position_m, abs=1e-6), body.name
        difference = rotation_from_quat(seen.body_quat_wxyz[row]) - body.T_world_body.rotation()
        assert np.abs(difference).max() < 2e-6, body.name


def test_joints_start_at_home_robot_first(sim: MujocoSim) -> None:
    arm = [f"robot/panda_joint{index}" for index in range(1, 8)]
    assert sim.joint_names[:9] == (*arm, "robot/panda_finger_joint1", "robot/panda_finger_joint2")
    assert set(sim.joint_names[9:]) == {"cabinet/hinge", "cabinet/slide"}
    assert sim.observe().joint_position[:9] == pytest.approx(HOME, abs=1e-6)


def test_a_box_on_a_table_rests(sim: MujocoSim) -> None:
    sim.step(480)
    seen = sim.observe()
    row = row_of(sim, "box/body")
    assert seen.body_position_m[row] == pytest.approx((0.5, -0.2, TABLE_TOP_M), abs=3e-4)
    assert np.linalg.norm(seen.body_velocity_m_s[row]) < 1e-5
    assert np.linalg.norm(seen.body_spin_rad_s[row]) < 1e-4


def test_contact_forces_carry_the_weight(sim: MujocoSim) -> None:
    sim.step(480)
    contacts = sim.contacts()
    rows = [index for index, name in enumerate(contacts.second) if name == "box/body"]
    assert {contacts.first[index] for index in rows} == {"table/top"}
    assert contacts.force_n[rows].sum(axis=0) == pytest.approx((0, 0, BOX_MASS_KG * GRAVITY_M_S2), rel=0.01, abs=0.01)
    assert contacts.normal[rows] == pytest.approx(np.tile((0.0, 0.0, 1.0), (len(rows), 1)), abs=1e-6)
    assert contacts.position_m[rows, 2] == pytest.approx(TABLE_TOP_M, abs=1e-3)
    assert (contacts.depth_m[rows] > 0).all()


def test_velocities_are_in_world_axes_at_the_links_origin(sim: MujocoSim) -> None:
    """A free body spinning about world z while it falls: its origin circles its centre of mass."""
    joint = sim.maps.free_joints_of("block")[0]
    address = joint.dof_address
    sim.data.qvel[address : address + 3] = (0.1, 0.0, 0.0)
    # MuJoCo keeps a free joint's angular velocity in the body's own axes.
    sim.data.qvel[address + 3 : address + 6] = BLOCK.T_world_prop.rotation().T @ (0.0, 0.0, 2.0)
    seen = sim.observe()
    row = row_of(sim, "block/body")
    assert seen.body_spin_rad_s[row] == pytest.approx((0.0, 0.0, 2.0), abs=1e-9)
    assert seen.body_velocity_m_s[row] == pytest.approx((0.1, 0.0, 0.0), abs=1e-9)


def test_effort_is_positive_along_the_joint(sim: MujocoSim) -> None:
    """A command ahead of the joint pulls it forwards, one behind pulls it back, within the drive's limit."""
    joint = sim.joint_names.index("robot/panda_joint1")
    for offset in (0.5, -0.5):
        sim.reset()
        sim.set_command(np.array(HOME) + np.eye(9)[0] * offset)
        seen = sim.observe()
        assert math.copysign(1.0, seen.joint_effort[joint]) == math.copysign(1.0, offset)
        assert abs(seen.joint_effort[joint]) <= 87.0 + 1e-9
        sim.step(24)
        assert math.copysign(1.0, sim.observe().joint_velocity[joint]) == math.copysign(1.0, offset)


def test_effort_holds_the_arm_against_gravity(sim: MujocoSim) -> None:
    """The shoulder's effort equals the moment of everything above it, which the gravity compensation brings up."""
    sim.step(480)
    seen = sim.observe()
    joint = sim.maps.joint("robot/panda_joint2")
    data, axis_body = sim._scratch, sim.model.body(joint.body).id
    above = [b for b in range(sim.model.nbody) if axis_body in _ancestors(sim, b)]
    anchor, axis = data.xanchor[1], data.xaxis[1]
    weights = sim.model.body_mass[above, None] * np.array([0, 0, -GRAVITY_M_S2])
    moment = np.cross(data.xipos[above] - anchor, weights).sum(axis=0) @ axis
    assert seen.joint_effort[1] == pytest.approx(-moment, abs=0.3)


def _ancestors(sim: MujocoSim, body: int) -> set[int]:
    found = set()
    while body:
        found.add(body)
        body = int(sim.model.body_parentid[body])
    return found


def test_the_fingers_mimic_each_other(sim: MujocoSim) -> None:
    assert sim.model.neq == 1
    assert sim.model.eq_type[0] == int(mujoco.mjtEq.mjEQ_JOINT)
    sim.set_command(np.array((*HOME[:7], 0.01, 0.01)))
    sim.step(240)
    left, right = sim.observe().joint_position[7:9]
    assert left == pytest.approx(right, abs=2e-4)
    assert left == pytest.approx(0.01, abs=1e-3)


@pytest.mark.parametrize(("joint", "limit", "push"), [("slide", DRAWER_LIMIT_M, 20.0), ("hinge", DOOR_LIMIT_RAD, -2.0)])
def test_furniture_stops_at_its_limit(sim: MujocoSim, joint: str, limit: float, push: float) -> None:
    entry = sim.maps.joint(f"cabinet/{joint}")
    sim.data.qfrc_applied[entry.dof_address] = push
    sim.step(960)
    reached = abs(float(sim.data.qpos[entry.qpos_address]))
    assert limit - 1e-6 < reached < limit * 1.01


def test_restored_state_repeats_bit_by_bit(sim: MujocoSim) -> None:
    rng = np.random.default_rng(5)
    commands = np.array(HOME) + rng.uniform(-0.02, 0.02, (20, 9))
    commands[:, 7:] = 0.03
    sim.step(60)
    saved, raw = sim.save_state(), sim.raw_state()
    first = _replay(sim, commands, look=False)
    sim.restore_state(saved)
    assert _replay(sim, commands, look=True) == first
    sim.reset()
    sim.restore_raw(raw)
    assert _replay(sim, commands, look=False) == first


def test_driving_records_the_state_before_each_step(sim: MujocoSim, scene_files: SceneFiles) -> None:
    """The same steps one by one give the same states, and rows hold their parts as the columns say."""
    commands = np.array(HOME) + np.linspace(0, 0.02, 16)[:, None]
    other = MujocoSim(scene_files)
    rows = np.concatenate([sim.drive(commands[:8]), sim.drive(commands[8:])])
    assert rows.shape == (16, sum(sim.raw_columns.values()))
    for command, row in zip(commands, rows, strict=True):
        other.set_command(command)
        assert other.raw_state().row().tobytes() == row.tobytes()
        other.step()
    assert other.save_state().tobytes() == sim.save_state().tobytes()
    starts = dict(zip(sim.raw_columns, np.cumsum([0, *sim.raw_columns.values()]), strict=False))
    assert rows[-1, starts["ctrl"]] == sim.data.ctrl[0]
    assert rows[0, starts["time_s"]] == 0.0


def test_forces_and_velocities_are_those_of_the_engine(sim: MujocoSim) -> None:
    """What is taken from the solver's arrays at once equals what the engine's own functions say one by one."""
    sim.set_command(np.array(HOME) + 0.2)
    sim.step(40)
    seen = sim.observe()
    data = mujoco.MjData(sim.model)
    mujoco.mj_setState(sim.model, data, sim.save_state(), FULL_STATE)
    mujoco.mj_forward(sim.model, data)
    wrench, forces = np.zeros(6), []
    for index in range(data.ncon):
        if data.contact.efc_address[index] >= 0:
            mujoco.mj_contactForce(sim.model, data, index, wrench)
            forces.append(data.contact.frame[index].reshape(3, 3).T @ wrench[:3])
    assert len(forces) > 4
    assert seen.contacts.force_n == pytest.approx(np.array(forces), abs=1e-12)
    row, twist = sim.body_names.index("robot/panda_hand"), np.zeros(6)
    body = sim.model.body("robot/panda_hand").id
    mujoco.mj_objectVelocity(sim.model, data, mujoco.mjtObj.mjOBJ_XBODY, body, twist, 0)
    assert seen.body_velocity_m_s[row] == pytest.approx(twist[3:], abs=1e-12)
    assert seen.body_spin_rad_s[row] == pytest.approx(twist[:3], abs=1e-12)
    assert np.linalg.norm(twist[3:]) > 0.01


def _replay(sim: MujocoSim, commands: np.ndarray, *, look: bool) -> list[bytes]:
    states = []
    for command in commands:
        sim.set_command(command)
        sim.step(8)
        if look:
            sim.observe()
        states.append(sim.save_state().tobytes())
    return states


def test_two_sims_of_a_scene_agree_bit_by_bit(sim: MujocoSim, scene_files: SceneFiles) -> None:
    other = MujocoSim(scene_files)
    sim.step(240)
    other.step(240)
    assert sim.save_state().tobytes() == other.save_state().tobytes()


def test_divergence_is_an_error_that_names_the_joint(sim: MujocoSim) -> None:
    sim.data.qvel[sim.maps.free_joints_of("box")[0].dof_address] = 1e6
    with pytest.raises(SimulationDiverged, match="box/body"):
        sim.step()
    sim.reset()
    sim.data.qpos[0] = np.nan
    with pytest.raises(SimulationDiverged):
        sim.step()
