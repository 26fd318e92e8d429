"""The damping that stands for a coefficient of restitution."""

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.sims.newton_mujoco.restitution import damping_ratio, set_restitution

DROP_M, RADIUS_M, DT_S = 0.3, 0.03, 1 / 240
FALLING = f"""<mujoco><option timestep="{DT_S}" integrator="implicitfast" cone="elliptic" impratio="10"/>
<worldbody><geom type="box" size="1 1 .1" pos="0 0 -.1"/><body pos="0 0 {DROP_M + RADIUS_M}"><freejoint/>
<geom name="ball" type="sphere" size="{RADIUS_M}" mass=".3"/></body></worldbody></mujoco>"""


@given(st.floats(0.01, 0.99))
def test_a_spring_so_damped_lets_go_with_that_share(restitution: float) -> None:
    ratio = damping_ratio(restitution)
    assert 0 < ratio < 1
    assert np.exp(-np.pi * ratio / np.sqrt(1 - ratio**2)) == pytest.approx(restitution)


@pytest.mark.parametrize("restitution", [0.0, 0.3, 0.5, 0.7, 0.9])
def test_a_ball_comes_back_as_high_as_asked(restitution: float) -> None:
    model = mujoco.MjModel.from_xml_string(FALLING)
    set_restitution(model, model.geom("ball").id, restitution)
    data, heights = mujoco.MjData(model), []
    for _ in range(240):
        mujoco.mj_step(model, data)
        heights.append(float(data.qpos[2]) - RADIUS_M)
    touched = int(np.argmax(np.array(heights) < 0))
    back = max(heights[touched + 8 :])
    assert np.sqrt(max(back, 0) / DROP_M) == pytest.approx(restitution, abs=0.05)
    assert min(heights) > -0.03


def test_what_bounces_less_than_shows_keeps_its_contact() -> None:
    model = mujoco.MjModel.from_xml_string(FALLING)
    before = model.geom_solref.copy()
    set_restitution(model, model.geom("ball").id, 0.03)
    assert np.array_equal(model.geom_solref, before)
