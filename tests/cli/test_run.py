"""Flags of `blueprint run`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.workbench import RunResult
from blueprint.pipeline.cli import main
from blueprint.pipeline.cli.run import failure_lines, written_out
from blueprint.pipeline.resources import resource_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--executor", "ray", "--out", "runs/mine"], ["--run.executor", "ray", "--out", "runs/mine"]),
        (["--executor=ray", "--workers=2"], ["--run.executor=ray", "--run.workers=2"]),
        (["--run.workers", "2"], ["--run.workers", "2"]),
        (["--ingest.source", "scan=a"], ["--ingest.source", "scan=a"]),
        ([], []),
    ],
)
def test_short_flags_stand_for_fields_of_the_recipe(typed: list[str], meant: list[str]) -> None:
    assert written_out(typed) == meant


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--generate.tasks", "stakc"], "own.yaml: generate.tasks: unknown task 'stakc'; did you mean 'stack'?"),
        (["--generate.tasks", "none_such.yaml"], "own.yaml: generate.tasks names none_such.yaml, which is no file"),
        (["--randomize.policy", "wild"], "own.yaml: randomize.policy: unknown randomization level 'wild'"),
    ],
)
def test_what_a_flag_breaks_is_said_as_a_fault_of_the_recipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, flags: list[str], said: str
) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text("format: blueprint.recipe\nversion: 1\n")
    assert main([command, str(recipe), "--out", str(tmp_path / "run"), *flags]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "ValidationError" not in error
    assert "Recipe(" not in error
    assert not (tmp_path / "run").exists()


PANDA = resource_path("config", "robots/franka_panda.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("panda_joint3,", "panda_joint33,", "unknown joint 'panda_joint33'; did you mean 'panda_joint3'?"),
        ("lower: -1.7628", "lower: -1.2", "panda_joint2: lower is -1.2 here and -1.7628 in the asset"),
        ("franka_panda.usd ", "gone.usd ", "usd_path: robots/franka_panda/gone.usd is not there"),
        ("reach_m: 0.855", "reach_m: -1", "reach_m: must be above 0"),
    ],
)
def test_a_wrong_robot_is_found_before_anything_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    right: str,
    wrong: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert right in PANDA
    robot = Path("robots/own/own.yaml")
    robot.parent.mkdir(parents=True)
    robot.write_text(PANDA.replace("name: franka_panda", "name: own").replace(right, wrong), encoding="utf-8")
    recipe = Path("own.yaml")
    recipe.write_text("format: blueprint.recipe\nversion: 1\nassemble: {robot: {name: own}}\n", encoding="utf-8")
    assert main([command, str(recipe), "--out", "run"]) == 2
    assert said in capsys.readouterr().err
    assert not Path("run").exists()


@pytest.mark.parametrize("face", ["plain", "bars"])
def test_a_failure_is_told_once_with_where_it_is_written_and_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], face: str
) -> None:
    recipe, out = tmp_path / "own.yaml", tmp_path / "run"
    recipe.write_text("format: blueprint.recipe\nversion: 1\n")
    (tmp_path / "empty").mkdir()
    flags = ["--executor", "inline", "--until", "ingest", "--ingest.source", str(tmp_path / "empty"), "--face", face]
    assert main(["run", str(recipe), "--out", str(out), *flags]) == 2
    error = capsys.readouterr().err
    cause = json.loads((out / "failure.json").read_bytes())["cause"].splitlines()[0]
    assert error.count(cause) == 1
    assert f"failure: {out / 'failure.json'}" in error
    assert "next: put this right" in error


def test_what_no_face_was_told_is_said_at_the_end(tmp_path: Path) -> None:
    result = RunResult(RunFolder(tmp_path), False, 1, "no space left")
    said = list(failure_lines(result))
    assert said[0] == "error: no space left"
    assert said[-1].startswith("next: ")
    assert next(failure_lines(replace(result, told=True))).startswith("next: ")
