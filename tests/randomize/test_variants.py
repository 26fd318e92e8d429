"""Whole variants in the kitchenette: what each factor becomes, and what a scene does not allow."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from blueprint.pipeline.randomize.drawn import NothingToVary
from blueprint.pipeline.randomize.policy import PolicyError, parse_policy
from blueprint.pipeline.randomize.variants import Chances, draw_variant, weigh_chances
from blueprint.pipeline.scene.edits import (
    Edit,
    MoveCamera,
    MoveProp,
    SetDrive,
    SetJointDynamics,
    SetLatency,
    SetLens,
    SetLight,
    SetLook,
    SetMass,
    SetMaterial,
    SetSensor,
    SetStart,
)
from blueprint.pipeline.scene.poses import angle_between_rad
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.variants import Variant

COUNT = 40
PANDA = load_robot("franka_panda")


def chances(assembled: Assembled, seed: int = 1, count: int = COUNT, correlations: Any = (), **factors: Any) -> Chances:
    """Weigh a policy of these factors."""
    data = {
        "format": "blueprint.randomization",
        "version": 1,
        "name": "own",
        "factors": factors,
        "correlations": correlations,
    }
    policy = parse_policy(data, "own.yaml")
    folders = (assembled.folder,)
    return weigh_chances(policy, assembled.manifest, PANDA, folders, seed=seed, count=count, source="own.yaml")


def draw(weighed: Chances, clear=lambda edits, posture: True) -> list[Variant]:
    return [draw_variant(weighed, index, clear) for index in range(COUNT)]


def edits_of[E: Edit](variants: list[Variant], kind: type[E]) -> list[E]:
    return [edit for variant in variants for edit in variant.edits if isinstance(edit, kind)]


def uniform(vary: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {"vary": vary, "values": {"uniform": [low, high]}, **more}


def test_masses_scale_or_are_set_with_their_inertia(assembled: Assembled) -> None:
    can = assembled.manifest.prop("can").physics[0].mass
    for how, low, high in (("scale", 0.5 * can.mass_kg, 2 * can.mass_kg), ("set", 0.5, 2.0)):
        variants = draw(chances(assembled, m=uniform("mass", 0.5, 2.0, how=how, targets={"ids": ["can"]})))
        masses = edits_of(variants, SetMass)
        assert len(masses) == COUNT
        assert all(low <= each.mass_kg <= high for each in masses)
        assert np.ptp([each.mass_kg for each in masses]) > 0.7 * (high - low)
        for each in masses:
            factor = each.mass_kg / can.mass_kg
            assert np.allclose(each.inertia_kg_m2, factor * np.array(can.inertia_kg_m2))
            assert each.center_of_mass_m == can.center_of_mass_m


def test_static_and_dynamic_friction_keep_their_ratio(assembled: Assembled) -> None:
    for each in edits_of(draw(chances(assembled, f=uniform("friction", 0.5, 1.5))), SetMaterial):
        old = assembled.manifest.prop(each.prop).physics[0].material
        ratio = old.static_friction / old.dynamic_friction
        assert each.static_friction / each.dynamic_friction == pytest.approx(ratio)


def test_joints_of_furniture(assembled: Assembled) -> None:
    factors = {"d": uniform("joint_damping", 0.5, 2.0), "f": uniform("joint_friction", 0.5, 2.0)}
    found = edits_of(draw(chances(assembled, **factors)), SetJointDynamics)
    assert {(each.prop, each.joint) for each in found} == {("cabinet", "hinge"), ("cabinet", "rail")}
    assert all(each.max_effort in (20.0, 100.0) for each in found)
    assert len({each.damping for each in found}) == 2 * COUNT


def test_lamps(assembled: Assembled) -> None:
    factors = {
        "i": uniform("light_intensity", 0.5, 1.5),
        "c": uniform("light_color", 0.5, 1.0),
        "a": uniform("light_azimuth", -180, 180),
        "e": uniform("light_elevation", -90, 90),
    }
    for each in edits_of(draw(chances(assembled, **factors)), SetLight):
        assert np.linalg.norm(each.direction) == pytest.approx(1)
        assert each.direction[2] <= -np.sin(np.deg2rad(20)) + 1e-9
        assert 0.5 <= each.intensity / assembled.manifest.lights[0].intensity <= 1.5


def test_cameras_by_where_they_are_mounted(assembled: Assembled) -> None:
    factors = {
        "room": uniform("camera_shift", 0.0, 0.1, targets={"mounts": ["world"]}),
        "hand": uniform("camera_shift", 0.0, 0.002, targets={"mounts": ["link"]}),
        "turn": uniform("camera_turn", 0.0, 3.0, targets={"mounts": ["world"]}),
        "lens": uniform("focal_length", 0.9, 1.1),
        "noise": uniform("rgb_noise", 0.0, 5.0),
    }
    variants = draw(chances(assembled, **factors))
    largest = {"side": (0.1, 3.0), "wrist": (0.002, 0.0)}
    for each in edits_of(variants, MoveCamera):
        rest = assembled.manifest.camera(each.camera).T_mount_camera
        shift_m, turn_deg = largest[each.camera]
        assert np.linalg.norm(np.subtract(each.T_mount_camera.position_m, rest.position_m)) <= shift_m + 1e-9
        assert np.rad2deg(angle_between_rad(rest, each.T_mount_camera)) <= turn_deg + 1e-4
    assert len(edits_of(variants, SetLens)) == 2 * COUNT
    sensors = edits_of(variants, SetSensor)
    assert len({each.seed for each in sensors}) == 2 * COUNT
    assert all(each.exposure_stops == 0.0 for each in sensors)


def test_the_robot(assembled: Assembled) -> None:
    factors = {
        "k": uniform("drive_stiffness", 0.8, 1.2, each=False),
        "d": uniform("drive_damping", 0.8, 1.2),
        "l": uniform("latency", 0.0, 0.1),
        "s": {"vary": "start_pose", "values": {"normal": {"mean": 0, "std": 0.1}}},
    }
    variants = draw(chances(assembled, **factors))
    for variant in variants:
        drives = edits_of([variant], SetDrive)
        assert [each.joint for each in drives] == list(PANDA.arm.joints)
        assert len({each.stiffness_factor for each in drives}) == 1
        assert len({each.damping_factor for each in drives}) == 7
    assert all(0 <= each.delay_s <= 0.1 for each in edits_of(variants, SetLatency))
    for each in edits_of(variants, SetStart):
        offsets = np.array([each.positions_rad[name] for name in PANDA.arm.joints]) - PANDA.arm.home_rad
        assert 0 < np.abs(offsets).max() <= 0.3 + 1e-12


def test_a_start_that_touches_something_comes_nearer_to_home(assembled: Assembled) -> None:
    weighed = chances(assembled, s={"vary": "start_pose", "values": {"constant": 0.4}})
    home = np.asarray(PANDA.arm.home_rad)
    (found,) = edits_of([draw_variant(weighed, 0, lambda edits, arm: np.abs(arm - home).max() < 0.15)], SetStart)
    assert found.positions_rad["panda_joint1"] == pytest.approx(0.1)
    assert "0.25 of what was drawn" in found.why
    (stuck,) = edits_of([draw_variant(weighed, 0, lambda edits, arm: False)], SetStart)
    assert tuple(stuck.positions_rad.values()) == PANDA.arm.home_rad
    assert stuck.why == "starts at home: every draw touched something"


def test_places_in_the_arms_way_are_drawn_anew(assembled: Assembled) -> None:
    weighed = chances(assembled, p={"vary": "poses"})
    asked: list[tuple[MoveProp, ...]] = []

    def third(edits, arm) -> bool:
        asked.append(tuple(edits))
        assert arm.tolist() == list(PANDA.arm.home_rad)
        return len(asked) == 3

    found = draw_variant(weighed, 1, third)
    assert found.edits == asked[2]
    assert len(set(asked)) == 3
    assert asked[0] == draw_variant(weighed, 1, lambda edits, arm: True).edits
    stuck = draw_variant(weighed, 1, lambda edits, arm: False).edits
    rest = {entry.prop.id: entry.prop.T_world_prop for entry in assembled.manifest.props}
    assert stuck
    for each in stuck:
        assert isinstance(each, MoveProp)
        assert each.T_world_prop == rest[each.prop]
        assert "left something in the arm's way" in each.why


def test_looks(assembled: Assembled) -> None:
    factors = {"tint": uniform("color", 0.5, 1.5), "pictures": {"vary": "texture", "swapped": 0.5}}
    looks = edits_of(draw(chances(assembled, **factors)), SetLook)
    assert {each.prop for each in looks} == {"cracker_box", "tea_box", "can", "ell"}
    swapped = [each for each in looks if each.texture_of]
    assert {(each.prop, each.texture_of) for each in swapped} == {
        ("cracker_box", "tea_box"),
        ("tea_box", "cracker_box"),
    }
    assert 0.3 * 2 * COUNT < len(swapped) < 0.7 * 2 * COUNT


def test_correlated_factors_rise_together(assembled: Assembled) -> None:
    ties = [{"factors": ["m", "f"], "coefficient": 0.95}]
    factors = {"m": uniform("mass", 0.5, 2.0), "f": uniform("friction", 0.5, 1.5)}
    weighed = chances(assembled, correlations=ties, **factors)
    mass, friction = (each.values[:, :, 0] for each in weighed.numbers)
    assert all(np.corrcoef(mass[:, at], friction[:, at])[0, 1] > 0.8 for at in range(4))


def test_another_factor_leaves_the_others(assembled: Assembled) -> None:
    mass = {"m": uniform("mass", 0.5, 2.0)}
    alone = draw(chances(assembled, **mass))
    beside = draw(chances(assembled, **mass, f=uniform("friction", 0.5, 1.5), p={"vary": "poses"}))
    assert edits_of(alone, SetMass) == edits_of(beside, SetMass)


@pytest.mark.parametrize(
    ("factor", "fault"),
    [
        (uniform("mass", 1, 2, targets={"ids": ["teapot"]}), "no prop 'teapot'. It has: cabinet, can, crack"),
        (uniform("mass", 1, 2, targets={"categories": ["mug"]}), "no category 'mug'. It has: cabinet, can"),
        (uniform("mass", 1, 2, targets={"roles": ["shell"]}), "no role 'shell'. It has: furniture, manipulable"),
        (uniform("light_intensity", 1, 2, targets={"ids": ["sun"]}), "no light 'sun'. It has: key"),
        (uniform("exposure", -1, 1, targets={"ids": ["top"]}), "no camera 'top'. It has: side, wrist"),
        (uniform("start_pose", 0, 0.1, targets={"ids": ["elbow"]}), "no joint of the arm 'elbow'. It has: panda"),
        ({"vary": "poses", "targets": {"ids": ["teapot"]}}, "factors.a.targets: this scene has no prop 'teapot'"),
        (uniform("mass", 1, 1e6), "possible are 0.001 to 1000 kg; for it a factor between"),
        (uniform("friction", 1, 9), "friction of cracker_box would be"),
        (uniform("focal_length", 1, 500), "focal_length of wrist would be"),
    ],
)  # fmt: skip
def test_what_this_scene_does_not_allow(assembled: Assembled, factor: dict[str, Any], fault: str) -> None:
    with pytest.raises(PolicyError) as caught:
        chances(assembled, a=factor)
    assert fault in str(caught.value)
    assert str(caught.value).startswith("own.yaml: factors.a.")


def test_one_thing_varies_by_one_factor(assembled: Assembled) -> None:
    with pytest.raises(PolicyError, match=r"mass of cracker_box already varies by 'a'; .*leave_out"):
        chances(assembled, a=uniform("mass", 1, 2), b=uniform("mass", 1, 2))
    few = {"a": uniform("mass", 1, 2, targets={"leave_out": ["can"]})}
    assert chances(assembled, **few, b=uniform("mass", 1, 2, targets={"ids": ["can"]})).numbers


def test_a_factor_on_nothing_but_zeros_is_refused(assembled: Assembled) -> None:
    props = tuple(
        replace(entry, joint_dynamics=tuple(replace(each, damping=0.0) for each in entry.joint_dynamics))
        for entry in assembled.manifest.props
    )
    still = replace(assembled.manifest, props=props)
    policy = chances(assembled, d=uniform("joint_damping", 0.5, 2.0)).policy
    with pytest.raises(PolicyError, match=r"joint_damping is 0 everywhere in this scene.*`how: set`"):
        weigh_chances(policy, still, PANDA, (assembled.folder,), seed=1, count=1, source="own.yaml")


def test_a_scene_without_anything_to_vary(assembled: Assembled) -> None:
    bare = replace(assembled.manifest, lights=())
    policy = chances(assembled, i=uniform("light_intensity", 0.5, 1.0)).policy
    with pytest.raises(NothingToVary, match=r"kitchenette: nothing .* varies light_intensity.*`off`"):
        weigh_chances(policy, bare, PANDA, (assembled.folder,), seed=1, count=1, source="own.yaml")
