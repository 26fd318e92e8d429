"""Policies as Isaac Lab event terms, held against the parameters that its event functions take."""

from typing import Any

import pytest
import yaml
from tests.sims.scenes import make_manifest

from blueprint.pipeline.formats.isaaclab_events import LEFT_OUT, event_terms, write_events
from blueprint.pipeline.randomize.policy import parse_policy
from blueprint.pipeline.scene.factor_kinds import KINDS

MANIFEST = make_manifest()
JOINTS = ("panda_joint1", "panda_joint2")

SPREAD = {"asset_cfg", "operation", "distribution"}
SIGNATURES: dict[str, tuple[set[str], set[str]]] = {
    "randomize_rigid_body_material": (
        {"static_friction_range", "dynamic_friction_range", "restitution_range", "num_buckets", "asset_cfg"},
        {"make_consistent"},
    ),
    "randomize_rigid_body_mass": (
        {"asset_cfg", "mass_distribution_params", "operation"},
        {"distribution", "recompute_inertia"},
    ),
    "randomize_actuator_gains": (
        {"asset_cfg"},
        {"stiffness_distribution_params", "damping_distribution_params", "operation", "distribution"},
    ),
    "randomize_joint_parameters": (
        {"asset_cfg"},
        {
            *("friction_distribution_params", "armature_distribution_params", "operation", "distribution"),
            *("lower_limit_distribution_params", "upper_limit_distribution_params"),
        },
    ),
    "reset_root_state_uniform": ({"pose_range", "velocity_range"}, {"asset_cfg"}),
    "reset_joints_by_offset": ({"position_range", "velocity_range"}, {"asset_cfg"}),
}
"""Required and optional parameters of isaaclab.envs.mdp.events, read from its source."""


def emitted(correlations: Any = (), **factors: Any) -> dict[str, Any]:
    """Return the file of a policy as data; every prop factor is for the box, joints are the cabinet's."""
    data = {
        "format": "blueprint.randomization",
        "version": 1,
        "name": "own",
        "factors": factors,
        "correlations": correlations,
    }
    policy = parse_policy(data, "own.yaml")
    subjects = {"prop": ("box",), "jointed": ("cabinet",), "drive": JOINTS, "robot": ("franka_panda",)}
    targets = {
        name: subjects.get(KINDS[factor.vary].subject, ()) if factor.vary in KINDS else ("box",)
        for name, factor in policy.factors.items()
    }
    return yaml.safe_load(write_events(event_terms(policy, MANIFEST, targets)))


def uniform(vary: str, low: float = 0.8, high: float = 1.2, **more: Any) -> dict[str, Any]:
    return {"vary": vary, "values": {"uniform": [low, high]}, **more}


def test_every_term_has_the_parameters_that_its_function_takes() -> None:
    found = emitted(
        a=uniform("mass"),
        b=uniform("friction"),
        c=uniform("restitution", 0.0, 0.3),
        d=uniform("joint_damping"),
        e=uniform("joint_friction"),
        f=uniform("drive_stiffness"),
        g=uniform("drive_damping"),
        h=uniform("start_pose", -0.1, 0.1),
        i={"vary": "poses"},
    )
    assert found["left_out"] == {}
    used = set()
    for term in found["events"].values():
        module, _, name = term["func"].partition(":")
        assert module == "isaaclab.envs.mdp"
        required, optional = SIGNATURES[name]
        assert required <= set(term["params"]) <= required | optional
        assert term["mode"] in ("startup", "reset")
        used.add(name)
    assert used == set(SIGNATURES)


def test_numbers_operations_and_distributions() -> None:
    found = emitted(
        scaled=uniform("mass", 0.5, 2.0),
        even={"vary": "drive_damping", "values": {"log_uniform": [0.5, 2.0]}, "each": False},
        bell={"vary": "joint_damping", "how": "set", "values": {"normal": {"mean": 2.0, "std": 0.1}}},
        start=uniform("start_pose", -0.2, 0.1),
    )["events"]
    mass = found["scaled_box"]["params"]
    assert (mass["mass_distribution_params"], mass["operation"], mass["distribution"]) == (
        [0.5, 2.0],
        "scale",
        "uniform",
    )
    assert mass["asset_cfg"] == {"name": "box"}
    gains = found["even"]
    assert gains["params"]["asset_cfg"] == {"name": "robot", "joint_names": [*JOINTS]}
    assert gains["params"]["distribution"] == "log_uniform"
    assert gains["note"] == "each joint has a draw of its own"
    bell = found["bell_cabinet"]
    assert bell["params"]["damping_distribution_params"] == [2.0, 0.1]
    assert (bell["params"]["operation"], bell["params"]["distribution"]) == ("abs", "gaussian")
    assert "not cut" in bell["note"]
    assert found["start"]["params"]["position_range"] == [-0.2, 0.1]


@pytest.mark.parametrize(("how", "low", "high"), [("scale", 0.5, 1.25), ("set", 0.4, 1.0)])
def test_friction_is_a_range_around_the_props_own(how: str, low: float, high: float) -> None:
    events = emitted(f=uniform("friction", low, high, how=how))["events"]
    params = events["material_box"]["params"]
    # The box has 0.8 both at rest and in motion.
    assert params["dynamic_friction_range"] == pytest.approx([0.4, 1.0])
    assert params["static_friction_range"] == pytest.approx([0.4, 1.0])
    assert params["restitution_range"] == [0.0, 0.0]


def test_what_event_terms_cannot_say_is_named() -> None:
    factors = {
        "tint": uniform("color"),
        "late": {"vary": "latency", "values": {"constant": 0.1}},
        "few": {"vary": "distractors", "count": {"constant": 1}},
        "steps": {"vary": "mass", "values": {"choice": [1.0, 2.0]}},
        "rough": uniform("friction"),
        "heavy": uniform("drive_damping", each=False),
        "stiff": uniform("drive_stiffness", each=False),
    }
    found = emitted(correlations=[{"factors": ["heavy", "stiff"], "coefficient": 0.5}], **factors)
    assert set(found["left_out"]) == {"tint", "late", "few", "steps", "correlations"}
    assert found["left_out"]["late"].startswith("delay belongs to the actuator")
    assert set(LEFT_OUT) <= {*KINDS, "texture", "distractors"}
