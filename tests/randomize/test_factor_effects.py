"""Each factor that is offered changes what the engine does: one experiment per factor, through the edits it draws.

A factor without an experiment here fails the last test, so none is offered on trust.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from blueprint.pipeline.randomize.factor_effects import EFFECTIVE_IN, without_effect
from blueprint.pipeline.randomize.light import turned_ray
from blueprint.pipeline.randomize.policy import parse_policy
from blueprint.pipeline.scene.edits import (
    Edit,
    MoveCamera,
    MoveProp,
    SetDrive,
    SetLatency,
    SetLens,
    SetLight,
    SetLook,
    SetRestitution,
    SetSensor,
    SetStart,
)
from blueprint.pipeline.scene.factor_kinds import ScalarName
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.null import NullSim
from blueprint.pipeline.sims.protocols import Frame, SceneFiles

DRAWN = "drawn"
ROBOT = "franka_panda"
Experiment = Callable[[MujocoSim], None]
EXPERIMENTS: dict[str, Experiment] = {}


def experiment(name: str) -> Callable[[Experiment], Experiment]:
    """Register the experiment of a factor."""

    def register(function: Experiment) -> Experiment:
        EXPERIMENTS[name] = function
        return function

    return register


def manifest(sim: MujocoSim | NullSim):
    """Return the scene's manifest."""
    return sim._files.manifest


def row(sim: MujocoSim, body: str) -> int:
    return sim.body_names.index(body)


def joint(sim: MujocoSim | NullSim, name: str) -> float:
    return float(sim.observe().joint_position[sim.joint_names.index(name)])


def material(sim: MujocoSim, prop: str, friction: float) -> Edit:
    link = manifest(sim).prop(prop).physics[0]
    return replace(link.material, dynamic_friction=friction, static_friction=friction, why=DRAWN)


def picture(sim: MujocoSim | NullSim, edits: Sequence[Edit] = ()) -> Frame:
    sim.reset(edits)
    return sim.render(["side"])["side"]


def of_prop(sim: MujocoSim, frame: Frame, prop: str) -> np.ndarray:
    """Return the linear light of a prop's pixels, shape (N, 3)."""
    values = frame.rgb[frame.instance == sim.instance_names.index(prop) + 1] / 255
    assert len(values) > 20
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


@experiment("mass")
def heavier_things_press_harder(sim: MujocoSim) -> None:
    link, pressed = manifest(sim).prop("can").physics[0], []
    for factor in (1.0, 2.0):
        heavier = replace(
            link.mass,
            mass_kg=factor * link.mass.mass_kg,
            inertia_kg_m2=tuple(factor * value for value in link.mass.inertia_kg_m2),
        )
        sim.reset([heavier])
        sim.step(360)
        contacts = sim.contacts()
        on_can = [force for name, force in zip(contacts.second, contacts.force_n, strict=True) if name == "can/body"]
        pressed.append(sum(float(force[2]) for force in on_can))
    assert pressed[0] == pytest.approx(link.mass.mass_kg * 9.81, rel=0.02)
    assert pressed[1] == pytest.approx(2 * pressed[0], rel=0.02)


@experiment("friction")
def things_slide_further_with_less_friction(sim: MujocoSim) -> None:
    """A pushed box that is let go slides v^2 / 2 g mu: half the friction, twice the way."""
    ways = []
    for friction in (0.4, 0.2):
        sim.reset([material(sim, "tea_box", friction), material(sim, "table", friction)])
        sim.step(60)
        free = sim.maps.free_joints_of("tea_box")[0]
        sim.data.qvel[free.dof_address] = 0.6
        start = sim.observe().body_position_m[row(sim, "tea_box/body")]
        sim.step(240)
        end = sim.observe()
        assert np.linalg.norm(end.body_velocity_m_s[row(sim, "tea_box/body")]) < 0.01
        ways.append(float(np.linalg.norm(end.body_position_m[row(sim, "tea_box/body")] - start)))
    assert ways[0] == pytest.approx(0.36 / (2 * 9.81 * 0.4), rel=0.15)
    assert ways[1] == pytest.approx(2 * ways[0], rel=0.15)


@experiment("restitution")
def things_bounce_as_asked(sim: MujocoSim) -> None:
    """A box dropped from 0.25 m comes back to e^2 of it; measured 0.27, 0.48 and 0.67 for 0.3, 0.5 and 0.7."""
    drop_m, rest = 0.25, manifest(sim).prop("tea_box").prop.T_world_prop
    x, y, z = rest.position_m
    found = []
    for restitution in (0.0, 0.3, 0.5, 0.7):
        lifted = MoveProp("tea_box", Pose((x, y, z + drop_m), rest.quat_wxyz), DRAWN)
        sim.reset([lifted, SetRestitution("tea_box", "body", restitution, DRAWN)])
        heights = []
        for _ in range(240):
            sim.step(1)
            heights.append(float(sim.observe().body_position_m[row(sim, "tea_box/body"), 2]) - z)
        touched = int(np.argmax(np.array(heights) < 0.0005))
        found.append(float(np.sqrt(max(max(heights[touched + 6 :]), 0.0) / drop_m)))
    assert found[0] < 0.05
    assert found[1:] == pytest.approx([0.3, 0.5, 0.7], abs=0.05)


@experiment("joint_damping")
def damped_drawers_are_slower(sim: MujocoSim) -> None:
    """Pulled with a steady force, a drawer goes at (force - friction) / damping."""
    rail = next(each for each in manifest(sim).prop("cabinet").joint_dynamics if each.joint == "rail")
    speeds = []
    for damping in (40.0, 80.0):
        sim.reset([replace(rail, damping=damping, why=DRAWN)])
        sim.set_effort("cabinet/rail", 8.0)
        sim.step(240)
        speeds.append(float(sim.observe().joint_velocity[sim.joint_names.index("cabinet/rail")]))
    assert speeds[0] == pytest.approx((8.0 - rail.friction) / 40.0, rel=0.1)
    assert speeds[1] == pytest.approx(speeds[0] / 2, rel=0.1)


@experiment("joint_friction")
def stiff_drawers_stay_shut(sim: MujocoSim) -> None:
    rail = next(each for each in manifest(sim).prop("cabinet").joint_dynamics if each.joint == "rail")
    ways = []
    for friction in (1.0, 6.0):
        sim.reset([replace(rail, friction=friction, why=DRAWN)])
        sim.set_effort("cabinet/rail", 4.0)
        sim.step(120)
        ways.append(joint(sim, "cabinet/rail"))
    assert ways[0] > 0.05
    assert abs(ways[1]) < 0.002


def home(sim: MujocoSim) -> np.ndarray:
    return np.array([sim.maps.ctrl[actuator.index] for actuator in sim.maps.actuators])


@experiment("drive_stiffness")
def stiffer_servos_give_way_less(sim: MujocoSim) -> None:
    ways = []
    for factor in (1.0, 2.0):
        sim.reset([SetDrive(ROBOT, "panda_joint1", factor, 1.0, DRAWN)])
        sim.set_command(home(sim))
        start = joint(sim, "robot/panda_joint1")
        sim.set_effort("robot/panda_joint1", 20.0)
        sim.step(480)
        ways.append(joint(sim, "robot/panda_joint1") - start)
    assert ways[0] == pytest.approx(20.0 / 4500.0, rel=0.05)
    assert ways[1] == pytest.approx(ways[0] / 2, rel=0.05)


@experiment("drive_damping")
def damped_servos_lag(sim: MujocoSim) -> None:
    ways = []
    for factor in (1.0, 4.0):
        sim.reset([SetDrive(ROBOT, "panda_joint1", 1.0, factor, DRAWN)])
        start, command = joint(sim, "robot/panda_joint1"), home(sim)
        command[0] += 0.02
        sim.set_command(command)
        sim.step(6)
        ways.append(joint(sim, "robot/panda_joint1") - start)
    assert 0 < ways[1] < 0.6 * ways[0]


@experiment("latency")
def commands_take_effect_later(sim: MujocoSim) -> None:
    for delay_s in (0.0, 0.05):
        sim.reset([SetLatency(ROBOT, delay_s, DRAWN)])
        start, command = joint(sim, "robot/panda_joint1"), home(sim)
        sim.set_command(command)
        sim.step(24)
        command[0] += 0.05
        sim.set_command(command)
        moved = []
        for _ in range(24):
            sim.step(1)
            moved.append(abs(joint(sim, "robot/panda_joint1") - start) > 1e-5)
        assert moved.index(True) == pytest.approx(delay_s / sim.dt_s, abs=1)


@experiment("start_pose")
def the_arm_starts_elsewhere_and_stays(sim: MujocoSim) -> None:
    start = joint(sim, "robot/panda_joint2")
    sim.reset([SetStart(ROBOT, {"panda_joint2": start + 0.2}, DRAWN)])
    assert joint(sim, "robot/panda_joint2") == pytest.approx(start + 0.2)
    sim.step(120)
    assert joint(sim, "robot/panda_joint2") == pytest.approx(start + 0.2, abs=0.01)


@experiment("poses")
def props_stand_elsewhere(sim: MujocoSim) -> None:
    pose = Pose.from_yaw((0.1, 1.1, 0.74), 0.5)
    sim.reset([MoveProp("can", pose, DRAWN)])
    sim.step(120)
    assert sim.observe().body_position_m[row(sim, "can/body")] == pytest.approx(pose.position_m, abs=2e-3)


@experiment("color")
def tints_colour_what_wears_them(sim: MujocoSim) -> None:
    plain = of_prop(sim, picture(sim), "ell").mean(axis=0)
    tinted = of_prop(sim, picture(sim, [SetLook("ell", (0.5, 1.0, 0.25), "", DRAWN)]), "ell").mean(axis=0)
    assert tinted / plain == pytest.approx((0.5, 1.0, 0.25), rel=0.1)


@experiment("texture")
def pictures_are_swapped(sim: MujocoSim) -> None:
    """The tea box is magenta, the cracker box printed in four colours; then it wears the tea box's picture."""
    own = of_prop(sim, picture(sim), "cracker_box")
    swapped = picture(sim, [SetLook("cracker_box", (1.0, 1.0, 1.0), "tea_box", DRAWN)])
    worn, tea = of_prop(sim, swapped, "cracker_box"), of_prop(sim, swapped, "tea_box")
    hues = [light.mean(axis=0) / light.sum(axis=1).mean() for light in (own, worn, tea)]
    assert hues[1] == pytest.approx(hues[2], abs=0.03)
    assert abs(hues[0] - hues[1]).max() > 0.1


def light_of(sim: MujocoSim) -> SetLight:
    light = manifest(sim).lights[0]
    return SetLight(light.name, light.direction, light.color_rgb, light.intensity, DRAWN)


@experiment("light_intensity")
def brighter_lamps_make_brighter_pictures(sim: MujocoSim) -> None:
    means = [picture(sim, [replace(light_of(sim), intensity=level)]).rgb.mean() for level in (0.2, 0.6, 1.0)]
    assert means[0] + 10 < means[1] < means[2] - 10


@experiment("light_color")
def red_light_makes_things_redder(sim: MujocoSim) -> None:
    white, warm = (
        of_prop(sim, picture(sim, [replace(light_of(sim), color_rgb=color)]), "table").mean(axis=0)
        for color in ((1.0, 1.0, 1.0), (1.0, 0.6, 0.3))
    )
    assert warm[2] / warm[0] < 0.8 * white[2] / white[0]


@experiment("light_azimuth")
def shadows_turn_with_the_lamp(sim: MujocoSim) -> None:
    assert _changed_by_ray(sim, np.deg2rad(40), 0.0) > 0.02


@experiment("light_elevation")
def shadows_lengthen_as_the_lamp_sinks(sim: MujocoSim) -> None:
    assert _changed_by_ray(sim, 0.0, np.deg2rad(-25)) > 0.02


def _changed_by_ray(sim: MujocoSim, turn_rad: float, tilt_rad: float) -> float:
    """Return the share of the pixels that change by more than noise would when the lamp moves."""
    light = light_of(sim)
    turned = replace(light, direction=turned_ray(light.direction, turn_rad, tilt_rad))
    before, after = (picture(sim, [edit]).rgb.astype(int) for edit in (light, turned))
    return float((np.abs(before - after).max(axis=2) > 12).mean())


def _middle(frame: Frame, number: int) -> np.ndarray:
    return np.argwhere(frame.instance == number).mean(axis=0)


@experiment("camera_shift")
def shifted_cameras_see_from_elsewhere(sim: MujocoSim | NullSim) -> None:
    camera = manifest(sim).camera("side")
    x, y, z = camera.T_mount_camera.position_m
    moved = MoveCamera("side", Pose((x + 0.1, y, z), camera.T_mount_camera.quat_wxyz), DRAWN)
    assert not np.array_equal(picture(sim).instance, picture(sim, [moved]).instance)


@experiment("camera_turn")
def turned_cameras_look_elsewhere(sim: MujocoSim | NullSim) -> None:
    camera = manifest(sim).camera("side")
    turn = Pose((0.0, 0.0, 0.0), (np.cos(0.025), 0.0, np.sin(0.025), 0.0))
    number = sim.instance_names.index("cracker_box") + 1
    moved = MoveCamera("side", camera.T_mount_camera @ turn, DRAWN)
    before, after = _middle(picture(sim), number), _middle(picture(sim, [moved]), number)
    assert abs(after[1] - before[1]) == pytest.approx(camera.focal_px * np.tan(0.05), rel=0.25)


@experiment("focal_length")
def longer_lenses_show_things_larger(sim: MujocoSim | NullSim) -> None:
    number, focal_px = sim.instance_names.index("cracker_box") + 1, manifest(sim).camera("side").focal_px
    areas = [
        int((picture(sim, [SetLens("side", factor * focal_px, DRAWN)]).instance == number).sum())
        for factor in (1.0, 1.2)
    ]
    assert areas[1] / areas[0] == pytest.approx(1.44, rel=0.12)


@experiment("exposure")
def one_stop_doubles_the_light(sim: MujocoSim) -> None:
    means = [
        of_prop(sim, picture(sim, [SetSensor("side", stops, 0.0, 0.0, 1, DRAWN)]), "ell").mean()
        for stops in (-1.0, 0.0)
    ]
    assert means[1] / means[0] == pytest.approx(2.0, rel=0.06)


@experiment("rgb_noise")
def noise_has_the_deviation_asked_for(sim: MujocoSim | NullSim) -> None:
    clean = picture(sim).rgb.astype(float)
    noisy = picture(sim, [SetSensor("side", 0.0, 5.0, 0.0, 1, DRAWN)]).rgb
    inside = (clean > 25) & (clean < 230)
    assert (noisy - clean)[inside].std() == pytest.approx(5.0, rel=0.03)
    assert abs((noisy - clean)[inside].mean()) < 0.1
    assert np.array_equal(noisy, picture(sim, [SetSensor("side", 0.0, 5.0, 0.0, 1, DRAWN)]).rgb)
    assert not np.array_equal(noisy, picture(sim, [SetSensor("side", 0.0, 5.0, 0.0, 2, DRAWN)]).rgb)


@experiment("depth_noise")
def depth_noise_grows_as_the_square_of_depth(sim: MujocoSim | NullSim) -> None:
    clean = picture(sim).depth_m
    noisy = picture(sim, [SetSensor("side", 0.0, 0.0, 0.004, 1, DRAWN)]).depth_m
    seen = clean > 0
    assert ((noisy - clean)[seen] / clean[seen] ** 2).std() == pytest.approx(0.004, rel=0.03)
    assert (noisy[~seen] == 0).all()


IN_DISTRACTORS_TEST = ("distractors",)
"""Shown in test_stock.py, on a scene that was compiled with spares."""


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_the_engine_changes_with_the_factor(name: str, mujoco_sim: MujocoSim) -> None:
    mujoco_sim.reset()
    EXPERIMENTS[name](mujoco_sim)


@pytest.mark.parametrize(
    "name", ["camera_shift", "camera_turn", "focal_length", "rgb_noise", "depth_noise", "start_pose"]
)
def test_what_the_null_engine_shows(name: str, null_sim: NullSim) -> None:
    null_sim.reset()
    EXPERIMENTS[name](null_sim)


def test_what_the_null_engine_does_not_show(null_sim: NullSim) -> None:
    plain = picture(null_sim).rgb
    light = manifest(null_sim).lights[0]
    for edit in (
        SetLook("ell", (0.2, 1.0, 0.2), "", DRAWN),
        SetLight(light.name, (0.0, 0.0, -1.0), (0.2, 0.2, 0.2), 0.1, DRAWN),
        SetSensor("side", 2.0, 0.0, 0.0, 1, DRAWN),
    ):
        assert np.array_equal(plain, picture(null_sim, [edit]).rgb)


def test_every_factor_that_is_offered_has_an_experiment() -> None:
    offered = {*get_args(ScalarName), "poses", "texture", "distractors"}
    assert set(EFFECTIVE_IN) == offered
    assert {*EXPERIMENTS, *IN_DISTRACTORS_TEST} == offered


def test_factors_without_effect_are_named() -> None:
    policy = parse_policy(
        {
            "format": "blueprint.randomization",
            "version": 1,
            "name": "few",
            "factors": {
                "heavy": {"vary": "mass", "values": {"uniform": [1, 2]}},
                "lens": {"vary": "focal_length", "values": {"uniform": [0.9, 1.1]}},
            },
        },
        "few.yaml",
    )
    assert without_effect(policy, "null") == ("heavy",)
    assert without_effect(policy, "mujoco") == ()


def test_the_noise_of_another_instant_is_another(files: SceneFiles, mujoco_sim: MujocoSim) -> None:
    noisy = SetSensor("side", 0.0, 5.0, 0.0, int(stream(1, 1, "noise").integers(2**31)), DRAWN)
    first = picture(mujoco_sim, [noisy])
    mujoco_sim.data.time += 10 * mujoco_sim.dt_s
    second = mujoco_sim.render(["side"])["side"]
    assert not np.array_equal(first.rgb, second.rgb)
