"""Robots' descriptions."""

import math
from pathlib import Path

import pytest
import yaml

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene import robots
from blueprint.pipeline.scene.robots import load_robot, robot_names


@pytest.mark.parametrize("name", robot_names())
def test_every_shipped_robot_is_whole(name: str) -> None:
    robot = load_robot(name)
    arm = robot.arm
    columns = (arm.lower_rad, arm.upper_rad, arm.home_rad, arm.velocity_rad_s, arm.acceleration_rad_s2, arm.effort_nm)
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


def test_a_wrong_field_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = yaml.safe_load(resource_path("config", "robots/franka_panda.yaml").read_text())
    data["gripper"]["open_metres"] = data["gripper"].pop("open_m")
    (tmp_path / "robots").mkdir()
    (tmp_path / "robots" / "bent.yaml").write_text(yaml.safe_dump(data))
    monkeypatch.setattr(robots, "resource_path", lambda _, name=".": tmp_path / name)
    with pytest.raises(RecipeError) as caught:
        load_robot("bent")
    assert "gripper.open_m: Field required" in str(caught.value)
    assert "gripper.open_metres: Extra inputs are not permitted" in str(caught.value)
