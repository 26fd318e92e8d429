"""Robots' descriptions."""

import math
from pathlib import Path

import pytest
import yaml

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.robots import load_robot, own_robot_names, parse_robot, robot_names


@pytest.mark.parametrize("name", robot_names())
def test_every_shipped_robot_is_whole(name: str) -> None:
    robot = load_robot(name)
    arm = robot.arm
    columns = (arm.lower_rad, arm.upper_rad, arm.home_rad, arm.velocity_rad_s, arm.acceleration_rad_s2)
    assert {len(column) for column in columns} == {len(arm.joints)}
    limits = zip(robot.arm.lower_rad, robot.arm.home_rad, robot.arm.upper_rad, strict=True)
    assert all(lower < home < upper for lower, home, upper in limits)
    assert resource_path("data", robot.usd_path).is_file()
    assert any(path.name.startswith("LICENSE") for path in robot.asset_folder.iterdir())


def test_the_wrist_cameras_focal_length() -> None:
    camera = load_robot("franka_panda").wrist_camera
    assert 2 * math.atan(320 / camera.focal_px(640)) == pytest.approx(camera.field_of_view_rad)


def test_an_unknown_robot_names_those_that_exist() -> None:
    with pytest.raises(UnknownName, match=r"unknown robot 'franka_pandaa'; did you mean 'franka_panda'\?"):
        load_robot("franka_pandaa")


def test_every_wrong_field_is_named() -> None:
    text = resource_path("config", "robots/franka_panda.yaml").read_text()
    data = yaml.safe_load(text)
    arm = data["arms"][0]
    arm["gripper"]["open_metres"] = arm["gripper"].pop("squeeze_width_m")
    arm["axes"][2]["velocity"] = "fast"
    with pytest.raises(RecipeError) as caught:
        parse_robot(yaml.safe_dump(data), "bent.yaml")
    assert "bent.yaml: arms.0.gripper.squeeze_width_m: Field required" in str(caught.value)
    assert "bent.yaml: arms.0.gripper.open_metres: Extra inputs are not permitted" in str(caught.value)
    assert "bent.yaml: arms.0.axes.2.velocity: Input should be a valid number" in str(caught.value)


def test_every_impossible_limit_is_named() -> None:
    data = yaml.safe_load(resource_path("config", "robots/franka_panda.yaml").read_text())
    axes = data["arms"][0]["axes"]
    axes[0]["lower"], axes[1]["home"], axes[2]["effort"], axes[3]["name"] = 3.0, 9.0, 0.0, "panda_joint1"
    with pytest.raises(RecipeError) as caught:
        parse_robot(yaml.safe_dump(data), "bent.yaml")
    assert caught.value.faults == (
        "arms.0: panda_joint1: lower 3 must be below upper 2.8973",
        "arms.0: panda_joint2: home 9 must lie from -1.7628 to 1.7628",
        "arms.0: panda_joint3: effort must be above 0, got 0",
        "arms.0: joint 'panda_joint1' is named twice",
    )


def test_another_arm_can_act() -> None:
    panda = load_robot("franka_panda")
    left = panda.arm.model_copy(update={"name": "left"})
    two_armed = panda.model_copy(update={"arms": (panda.arm, left)})
    assert two_armed.acting("left").arm == left
    assert [arm.name for arm in two_armed.acting("left").arms] == ["left", "arm"]
    with pytest.raises(UnknownName, match="unknown arm 'lleft'; did you mean 'left'"):
        two_armed.acting("lleft")


def test_ones_own_robots_lie_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = resource_path("config", "robots/franka_panda.yaml").read_text()
    folder = tmp_path / "robots" / "mine"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(
        text.replace(
            "name: franka_panda\nusd_path: robots/franka_panda/franka_panda.usd",
            "name: mine\nusd_path: robots/mine/mine.usd",
        )
    )
    (folder / "mine.usd").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert own_robot_names() == ("mine",)
    assert load_robot("mine").asset_folder == Path("robots/mine")


def test_an_arm_of_five_joints_puts_things_down_where_its_hand_points_down() -> None:
    small, large = load_robot("so101"), load_robot("franka_panda")
    assert (small.takes_any_attitude, small.puts_down_m) == (False, small.comfort_m[1])
    assert (large.takes_any_attitude, large.puts_down_m) == (True, large.reach_m)
