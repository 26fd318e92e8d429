"""The null engine: deterministic, without physics, and honest about it."""

import numpy as np
import pytest
from tests.sims.scenes import BOX_HALF_M, TABLE_TOP_M

from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.null import NullSim

OPEN, CLOSED = 0.04, 0.0


def test_it_calls_itself_null(null_sim: NullSim) -> None:
    assert null_sim.engine == "null"


def test_joints_follow_their_commands(null_sim: NullSim) -> None:
    command = np.array((0.3, -0.2, 0.1, -2.0, 0.2, 1.7, 0.5, 0.02, 0.02))
    null_sim.set_command(command)
    null_sim.step(240)
    assert null_sim.observe().joint_position[:9] == pytest.approx(command, abs=1e-3)
    assert not null_sim.observe().joint_effort.any()


def test_props_stay_where_nothing_takes_them(null_sim: NullSim) -> None:
    before = null_sim.observe()
    null_sim.set_command(np.array((0.5, 0.2, 0.1, -2.0, 0.2, 1.7, 0.5, OPEN, OPEN)))
    null_sim.step(240)
    row = null_sim.body_names.index("block/body")
    assert null_sim.observe().body_position_m[row].tolist() == before.body_position_m[row].tolist()


def test_a_prop_between_closed_fingers_is_carried_and_dropped(null_sim: NullSim) -> None:
    tcp = null_sim._tcp()
    # Upright under the tool, turned so that its narrow side lies between the fingers.
    place = Pose.from_yaw((tcp.position_m[0], tcp.position_m[1], tcp.position_m[2] - BOX_HALF_M[2]), tcp.yaw_rad())
    null_sim.reset([MoveProp("box", place, "under the tool")])
    row = null_sim.body_names.index("box/body")
    arm = list(null_sim.observe().joint_position[:7])
    null_sim.set_command(np.array([*arm, CLOSED, CLOSED]))
    null_sim.step(120)
    assert null_sim.observe().joint_position[7] == pytest.approx(BOX_HALF_M[1], abs=1.5e-3)
    arm[0] += 0.4
    null_sim.set_command(np.array([*arm, CLOSED, CLOSED]))
    null_sim.step(240)
    carried = null_sim.observe().body_position_m[row]
    assert np.linalg.norm(carried - place.position_m) > 0.1
    null_sim.set_command(np.array([*arm, OPEN, OPEN]))
    null_sim.step(120)
    dropped = null_sim.observe().body_position_m[row]
    assert dropped[:2] == pytest.approx(carried[:2], abs=1e-9)
    assert dropped[2] == pytest.approx(TABLE_TOP_M, abs=1e-3)


def test_it_repeats_from_a_saved_state(null_sim: NullSim) -> None:
    null_sim.set_command(np.array((0.3, -0.2, 0.1, -2.0, 0.2, 1.7, 0.5, 0.0, 0.0)))
    null_sim.step(10)
    saved = null_sim.save_state()
    null_sim.step(50)
    first = null_sim.save_state().tobytes()
    null_sim.restore_state(saved)
    null_sim.step(50)
    assert null_sim.save_state().tobytes() == first


def test_sketches_show_every_thing_in_its_own_colour(null_sim: NullSim) -> None:
    frame = null_sim.render(["side"])["side"]
    assert frame.rgb.shape == (256, 256, 3)
    for name in ("robot", "table", "box", "block"):
        mask = frame.instance == 1 + null_sim.instance_names.index(name)
        assert mask.sum() > 20, name
        assert len(np.unique(frame.rgb[mask].reshape(-1, 3), axis=0)) == 1
        assert (frame.depth_m[mask] > 0.5).all()
    assert (frame.depth_m[frame.instance == 0] == 0).all()
    again = null_sim.render(["side"])["side"]
    assert again.rgb.tobytes() == frame.rgb.tobytes()
