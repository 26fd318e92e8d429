"""Each physical number that may be supposed changes how the engine goes on."""

import numpy as np
import pytest
from tests.sims.scenes import BOX_MASS_KG

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.sims.newton_mujoco.hypotheses import QUANTITIES, Change, ImplausibleChange
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles

CHANGES = {
    "friction": Change("box", "friction", 0.01),
    "mass_kg": Change("box", "mass_kg", 3.0, relative=True),
    "gravity_m_s2": Change("", "gravity_m_s2", 1.6),
    "drive_stiffness": Change("robot", "drive_stiffness", 0.3, relative=True),
    "drive_damping": Change("robot", "drive_damping", 3.0, relative=True),
    "effort_limit": Change("robot", "effort_limit", 0.1, relative=True),
    "joint_damping": Change("cabinet", "joint_damping", 50.0),
    "joint_friction": Change("cabinet/slide", "joint_friction", 2.0),
}


@pytest.fixture
def fresh(scene_files: SceneFiles) -> MujocoSim:
    """A sim that a test may change for good."""
    return MujocoSim(scene_files)


def test_every_quantity_is_tested() -> None:
    assert CHANGES.keys() == QUANTITIES.keys()


@pytest.mark.parametrize("name", [name for name in CHANGES if not name.startswith("joint_")])
def test_the_scene_goes_on_otherwise(fresh: MujocoSim, name: str) -> None:
    usual = _pushed(fresh)
    fresh.suppose([CHANGES[name]])
    assert not np.array_equal(_pushed(fresh), usual)


def _pushed(sim: MujocoSim) -> np.ndarray:
    """Push the box and swing the arm for half a second, from the authored state."""
    # Resetting would take some of what is supposed back.
    sim.restore_state(MujocoSim(sim._files).save_state())
    command = sim.data.ctrl.copy()
    command[sim.maps.actuators[0].index] += 0.5
    sim.set_controls(command)
    sim.set_force("box/body", (3.0, 0.0, 0.0))
    sim.step(120)
    return sim.data.qpos.copy()


def test_a_slippery_box_goes_further(fresh: MujocoSim) -> None:
    """Of two surfaces the rougher counts, so the table's friction would hide the change."""
    row = fresh.body_names.index("box/body")

    def pushed() -> float:
        _pushed(fresh)
        return float(fresh.observe().body_position_m[row, 0])

    usual = pushed()
    fresh.suppose([Change("box", "friction", 0.01)])
    assert pushed() > usual + 0.05


def test_mass_is_set_or_multiplied_and_inertia_goes_along(fresh: MujocoSim) -> None:
    body = fresh.model.body("box/body").id
    inertia = fresh.model.body_inertia[body].copy()
    fresh.suppose([Change("box", "mass_kg", 2.0, relative=True)])
    assert fresh.model.body_mass[body] == pytest.approx(2 * BOX_MASS_KG)
    assert fresh.model.body_inertia[body] == pytest.approx(2 * inertia)
    fresh.suppose([Change("box", "mass_kg", 0.25)])
    assert fresh.model.body_mass[body] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Change("box", "colour", 1.0), UnknownName),
        (Change("table", "mass_kg", 1.0), UnknownName),
        (Change("robot", "friction", 1.0), UnknownName),
        (Change("box", "joint_damping", 1.0), UnknownName),
        (Change("box", "mass_kg", -1.0), ImplausibleChange),
        (Change("box", "friction", float("nan")), ImplausibleChange),
    ],
)
def test_what_there_is_not(fresh: MujocoSim, change: Change, error: type[Exception]) -> None:
    with pytest.raises(error):
        fresh.suppose([change])


@pytest.mark.parametrize("name", ["joint_damping", "joint_friction"])
def test_furniture_moves_less(name: str, fresh: MujocoSim) -> None:
    start = fresh.save_state()

    def pulled() -> float:
        fresh.restore_state(start)
        fresh.set_effort("cabinet/slide", 3.0)
        fresh.step(60)
        return float(fresh.observe().joint_position[fresh.joint_names.index("cabinet/slide")])

    usual = pulled()
    fresh.suppose([CHANGES[name]])
    assert pulled() < 0.8 * usual
