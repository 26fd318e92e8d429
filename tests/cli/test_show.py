"""`blueprint show`: words, JSON, and a clear refusal."""

import json
from pathlib import Path

import pytest
from tests.app.small_run import SmallRun

from blueprint.pipeline.cli import main


def test_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = SmallRun(tmp_path, until="ingest")
    assert main(["show", str(run.folder.root)]) == 0
    assert "none attempted" in capsys.readouterr().out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = SmallRun(tmp_path, until="ingest")
    assert main(["show", str(run.folder.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "run"


def test_an_unknown_folder_is_refused_without_trace_or_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "Looked for" in said
    assert "Traceback" not in said
    assert str(tmp_path) not in said
