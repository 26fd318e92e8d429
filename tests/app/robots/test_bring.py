"""One's own robot: from a URDF to a robot that loads, with what was measured on it."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from tests.data.robot_scene import simulate, tool_poses
from tests.two_armed_urdf import write_two_armed

from blueprint.pipeline.app.robots.bring import RobotNotBuilt, RobotRefused, bring_robot, read_fitting
from blueprint.pipeline.app.robots.reduced import FittingUnusable
from blueprint.pipeline.errors import FolderUnusable
from blueprint.pipeline.scene.robots import load_robot, own_robot_names
from blueprint.pipeline.usd.robot_check import check_robot_asset


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_two_armed_body_loads_with_both_hands_measured(here: Path) -> None:
    brought = bring_robot(write_two_armed(here), license_name="CC0-1.0")
    robot = brought.robot
    assert own_robot_names() == ("two_armed",)
    assert [arm.name for arm in robot.arms] == ["left", "right"]
    assert robot.base_link == "torso"
    for arm in robot.arms:
        assert arm.joints == tuple(f"{arm.name}_{joint}" for joint in ("shoulder", "elbow", "wrist"))
        assert (arm.lower_rad, arm.velocity_rad_s) == ((-2, -2, -3), (2, 2, 3))
        assert [axis.effort for axis in arm.axes] == [60, 40, 20]
        assert arm.gripper.max_width_m == pytest.approx(0.07, abs=1e-6)
        assert arm.gripper.min_width_m == pytest.approx(0.0, abs=1e-6)
        assert arm.gripper.followers == (f"{arm.name}_slide_b",)
        assert arm.tool.position_m == pytest.approx((0.09, 0.0, 0.0), abs=1e-6)
        approach = arm.tool.T_link_tcp.rotation()[:, 2]
        np.testing.assert_allclose(approach, [1.0, 0.0, 0.0], atol=1e-9)
    check_robot_asset(robot)
    assert any("held still" in remark and "neck" in remark for remark in brought.remarks)
    fitting = read_fitting(brought.folder / "fitting.yaml")
    assert fitting.arms[0].gripper.joints == ("left_slide_a",)


def test_both_arms_are_driven_and_either_can_act(here: Path) -> None:
    robot = bring_robot(write_two_armed(here), license_name="CC0-1.0").robot
    for name in ("left", "right"):
        acting = robot.acting(name)
        simulation = simulate(acting)
        simulation.model.body_gravcomp[:] = 1.0
        assert simulation.model.nu == 8
        home = np.array([acting.arm.home_rad])
        tool = tool_poses(acting, home)[0]
        assert tool[2, 3] > 0
        assert np.sign(tool_poses(acting, 0 * home)[0][1, 3]) == (1 if name == "left" else -1)


def test_a_corrected_fitting_is_used(here: Path) -> None:
    urdf = write_two_armed(here)
    brought = bring_robot(urdf, license_name="CC0-1.0")
    data = yaml.safe_load((brought.folder / "fitting.yaml").read_text())
    data["arms"][0]["gripper"]["open"] = [0.02]
    corrected = here / "corrected.yaml"
    corrected.write_text(yaml.safe_dump(data))
    with pytest.raises(FolderUnusable, match="is there already"):
        bring_robot(urdf, fitting=corrected)
    assert bring_robot(urdf, fitting=corrected, replace=True).robot.gripper.max_width_m == pytest.approx(0.04)
    assert load_robot("two_armed").gripper.max_width_m == pytest.approx(0.04)


def test_the_same_description_gives_the_same_bytes(here: Path) -> None:
    urdf = write_two_armed(here)
    first = (bring_robot(urdf).folder / "two_armed.usd").read_bytes()
    assert (bring_robot(urdf, replace=True).folder / "two_armed.usd").read_bytes() == first


def test_everything_wrong_with_a_fitting_is_named(here: Path) -> None:
    urdf = write_two_armed(here)
    data = yaml.safe_load((bring_robot(urdf).folder / "fitting.yaml").read_text())
    data["base_link"] = "trunk"
    data["arms"][0]["home"]["left_sholder"] = 0.0
    data["arms"][1]["gripper"]["joints"] = ["right_slide"]
    bent = here / "bent.yaml"
    bent.write_text(yaml.safe_dump(data))
    with pytest.raises(RobotRefused) as caught:
        bring_robot(urdf, fitting=bent, replace=True)
    for words in (
        "unknown link 'trunk'",
        "unknown joint 'left_sholder'; did you mean 'left_shoulder'",
        "'right_slide'",
    ):
        assert words in str(caught.value)
    assert "unused" not in own_robot_names()


def test_a_fitting_of_another_form_is_refused_with_every_field(tmp_path: Path) -> None:
    path = tmp_path / "fitting.yaml"
    path.write_text("name: x\nreach: 1\n")
    with pytest.raises(FittingUnusable) as caught:
        read_fitting(path)
    assert "reach_m: Field required" in str(caught.value)
    assert "reach: Extra inputs are not permitted" in str(caught.value)


def test_a_mesh_that_is_none_is_named(here: Path) -> None:
    text = write_two_armed(here).read_text()
    (here / "bad.stl").write_bytes(b"solid nothing")
    swapped = text.replace('<box size="0.2 0.3 0.5"/>', '<mesh filename="bad.stl"/>')
    (here / "bad.urdf").write_text(swapped)
    with pytest.raises(RobotRefused, match=r"bad\.stl"):
        bring_robot(here / "bad.urdf")
    assert own_robot_names() == ()


def test_a_reader_that_dies_is_a_typed_error(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blueprint.pipeline.app.robots import bring

    monkeypatch.setattr(bring.sys, "executable", "/bin/false")
    with pytest.raises(RobotNotBuilt, match="ended the process with status 1"):
        bring_robot(write_two_armed(here))


def test_a_shipped_name_is_not_taken(here: Path) -> None:
    with pytest.raises(FolderUnusable, match="shipped robot"):
        bring_robot(write_two_armed(here), name="fetch")
