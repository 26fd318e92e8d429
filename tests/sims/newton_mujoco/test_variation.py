"""A variant's edits change what they name, and only until the next reset."""

import numpy as np
import pytest
from tests.sims.scenes import BOX_MASS_KG, TABLE_TOP_M

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import AddSupport, MoveProp, SetMass, SetMaterial, SupportSurface
from blueprint.pipeline.scene.poses import Pose, multiply_quats
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.newton_mujoco.variation import UnsupportedEdit

TURNED = Pose((0.62, -0.31, TABLE_TOP_M + 0.05), multiply_quats((0.8, 0.3314, -0.1913, 0.4619), (1, 0, 0, 0)))


def test_move_prop_places_it(sim: MujocoSim) -> None:
    sim.reset([MoveProp("block", TURNED, "drawn")])
    seen = sim.observe()
    row = sim.body_names.index("block/body")
    assert seen.body_position_m[row] == pytest.approx(TURNED.position_m)
    assert np.abs(seen.body_quat_wxyz[row] @ TURNED.quat_wxyz) == pytest.approx(1.0)
    sim.reset()
    assert sim.observe().body_position_m[row] != pytest.approx(TURNED.position_m)


def test_set_mass_changes_the_weight_that_is_felt(sim: MujocoSim) -> None:
    heavy = SetMass("box", "body", 2 * BOX_MASS_KG, (0, 0, 0.04), (2e-3, 2.4e-3, 1.6e-3), (1, 0, 0, 0), "drawn")
    for edits, mass in (([heavy], 2 * BOX_MASS_KG), ([], BOX_MASS_KG)):
        sim.reset(edits)
        sim.step(480)
        contacts = sim.contacts()
        rows = [index for index, name in enumerate(contacts.second) if name == "box/body"]
        assert contacts.force_n[rows, 2].sum() == pytest.approx(mass * 9.81, rel=0.01)


def test_set_material_changes_friction(sim: MujocoSim) -> None:
    """On a slope of friction 0.8 and 0.05 the box stays, or slides."""
    slope = np.array([3.0, 0.0, -9.81])
    travels = []
    for friction in (0.8, 0.05):
        slick = [
            SetMaterial("box", "body", "ice", 900, friction, friction, 0, "drawn"),
            SetMaterial("table", "top", "ice", 900, friction, friction, 0, "drawn"),
        ]
        sim.reset(slick)
        sim.model.opt.gravity[:] = slope
        sim.step(120)
        sim.model.opt.gravity[:] = (0, 0, -9.81)
        travels.append(sim.observe().body_position_m[sim.body_names.index("box/body"), 0] - 0.5)
    assert abs(travels[0]) < 2e-3
    assert travels[1] > 0.1


def test_names_that_do_not_exist_are_refused_with_those_that_do(sim: MujocoSim) -> None:
    with pytest.raises(UnknownName, match="box/body"):
        sim.reset([SetMaterial("box", "lid", "wood", 700, 0.5, 0.5, 0, "drawn")])


def test_edits_that_need_compiling_are_refused(sim: MujocoSim) -> None:
    surface = SupportSurface("top", "top", Pose(), (0.1, 0.1), 0.01)
    with pytest.raises(UnsupportedEdit, match="set_light"):
        sim.reset([AddSupport("table", surface, "drawn")])
    with pytest.raises(UnsupportedEdit, match="table"):
        sim.reset([MoveProp("table", TURNED, "drawn")])
