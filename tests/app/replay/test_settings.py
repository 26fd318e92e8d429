"""What is written after `--set`."""

import pytest

from blueprint.pipeline.app.replay.settings import UnreadableSetting, parse_settings
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.sims.newton_mujoco.hypotheses import QUANTITIES, Change


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("friction=0.3", Change("mug", "friction", 0.3)),
        ("mass_kg=2x", Change("mug", "mass_kg", 2.0, relative=True)),
        ("bowl_1.friction=1e-2", Change("bowl_1", "friction", 0.01)),
        ("gravity_m_s2=1.6", Change("", "gravity_m_s2", 1.6)),
        ("drive_stiffness=0.5x", Change("robot", "drive_stiffness", 0.5, relative=True)),
        ("cabinet/door_1_joint.joint_damping=5", Change("cabinet/door_1_joint", "joint_damping", 5.0)),
        ("joint_friction=0", Change("", "joint_friction", 0.0)),
    ],
)
def test_settings_are_read(text: str, change: Change) -> None:
    assert parse_settings([text], "mug") == (change,)


@pytest.mark.parametrize("text", ["friction", "friction=", "friction=a", "=3", "friction=1e", "friction=1 x"])
def test_what_is_no_setting_is_told_with_all_that_there_is(text: str) -> None:
    with pytest.raises(UnreadableSetting) as caught:
        parse_settings([text], "mug")
    assert all(name in str(caught.value) for name in QUANTITIES)


def test_an_unknown_quantity_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'friction'"):
        parse_settings(["fricton=0.3"], "mug")
