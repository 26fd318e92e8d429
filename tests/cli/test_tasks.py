"""`blueprint tasks` lists tasks, and says what is wrong with a file."""

from pathlib import Path

import pytest

from blueprint.pipeline.cli import main
from blueprint.pipeline.tasks.library import shipped_tasks


def test_every_task_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name} " in listed for name in shipped_tasks())


def test_a_sound_file_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "--check", str(shipped_tasks()["pour"])]) == 0
    assert "object (prop), target (prop)" in capsys.readouterr().out


def test_a_faulty_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shipped_tasks()["pour"].read_text(encoding="utf-8").replace("target: target", "target: tarrget")
    (tmp_path / "pour.yaml").write_text(text, encoding="utf-8")
    assert main(["tasks", "--check", str(tmp_path / "pour.yaml")]) == 2
    assert "did you mean 'target'" in capsys.readouterr().err


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", str(tmp_path)]) == 2
    assert "run.json" in capsys.readouterr().err


def test_a_recipe_that_has_not_run_says_how_to_run_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text("format: blueprint.recipe\nversion: 1\n", encoding="utf-8")
    assert main(["tasks", str(recipe), "--run", str(tmp_path / "run")]) == 2
    assert "--until offer" in capsys.readouterr().err
    assert main(["preview", str(recipe), "--run", str(tmp_path / "run")]) == 1
    assert "--until assemble" in capsys.readouterr().err
