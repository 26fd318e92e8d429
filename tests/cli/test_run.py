"""Flags of `blueprint run`."""

from pathlib import Path

import pytest

from blueprint.pipeline.cli import main
from blueprint.pipeline.cli.run import written_out


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
