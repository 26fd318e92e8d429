"""`blueprint robot`: what it prints, and how it ends."""

from pathlib import Path

import pytest
from tests.two_armed_urdf import write_two_armed

from blueprint.pipeline.cli import main


def test_list_names_every_robot_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["fetch", "franka_panda", "so101", "ur10_2f85", "xarm7"]
    assert lines[3].split(maxsplit=1)[1].strip() == "shipped   6 joints, reach 1.30 m, hand 85 mm, BSD-3-Clause"


def test_show_says_limits_hand_and_tool(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "show", "fetch"]) == 0
    said = capsys.readouterr().out
    assert "stands on floor, reach 0.94 m" in said
    assert "torso_lift_joint            0.000 to  0.386 m, 0.1 m/s, 450 N" in said
    assert "tool: wrist_roll_link/tool_center_point" in said


def test_an_unknown_robot_ends_with_2_and_says_which_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "show", "fetsch"]) == 2
    assert "did you mean 'fetch'" in capsys.readouterr().err


def test_add_says_what_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    urdf = write_two_armed(tmp_path)
    assert main(["robot", "add", str(urdf), "--name", "my-own"]) == 0
    said = capsys.readouterr().out
    assert "my_own (left, right), whose hand opens to 70.0 mm, is in robots/my_own" in said
    assert "licence: unknown" in said
    assert (tmp_path / "robots/my_own/my_own.usd").is_file()
    assert main(["robot", "add", str(urdf), "--name", "my-own"]) == 2
    assert main(["robot", "add", str(urdf), "--package", "nowhere"]) == 2
    assert "'nowhere' is not NAME=FOLDER" in capsys.readouterr().err
