"""The comparison of two models sees every number that matters."""

import copy

import mujoco
import pytest

from blueprint.pipeline.sims.newton_mujoco.load import load_mujoco
from blueprint.pipeline.sims.newton_mujoco.mjcf import differences
from blueprint.pipeline.sims.protocols import SceneFiles


@pytest.fixture(scope="module")
def model(scene_files: SceneFiles) -> mujoco.MjModel:
    """The compiled scene."""
    return load_mujoco(scene_files.model_folder)[1]


def test_a_model_equals_itself(model: mujoco.MjModel) -> None:
    assert differences(model, copy.copy(model)) == []


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("body_mass", "body_mass"),
        ("body_inertia", "inertia tensors"),
        ("body_gravcomp", "body_gravcomp"),
        ("geom_friction", "geom_friction"),
        ("geom_gap", "geom_gap"),
        ("dof_armature", "dof_armature"),
        ("actuator_gainprm", "actuator_gainprm"),
        ("eq_data", "eq_data"),
        ("jnt_range", "joint limits"),
        ("jnt_actfrcrange", "joint limits"),
        ("mesh_vert", "collider corners"),
    ],
)
def test_a_changed_number_is_seen(model: mujoco.MjModel, field: str, found: str) -> None:
    other = copy.copy(model)
    values = getattr(other, field).reshape(-1)
    values[abs(values).argmax()] *= 1.01
    assert found in differences(model, other)


def test_a_changed_option_is_seen(model: mujoco.MjModel) -> None:
    other = copy.copy(model)
    other.opt.impratio = 1.0
    assert differences(model, other) == ["impratio"]


def test_six_digits_of_a_heavy_turned_body_are_no_difference(model: mujoco.MjModel) -> None:
    heavy = copy.copy(model)
    heavy.body_inertia[1], heavy.body_iquat[1] = (
        (13.3681498, 9.0566225, 8.3201284),
        (0.50934, 0.490483, 0.509302, 0.490521),
    )
    rounded = copy.copy(heavy)
    rounded.body_inertia[1] = (13.3681, 9.05662, 8.32013)
    assert differences(heavy, rounded) == []
    rounded.body_inertia[1] = (13.3675, 9.05662, 8.32013)
    assert differences(heavy, rounded) == ["inertia tensors"]
