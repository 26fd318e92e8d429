"""`blueprint doctor`: what it prints, and its exit code."""

import json

import pytest

from blueprint.pipeline.app.doctor import Finding
from blueprint.pipeline.cli import doctor, main

GOOD = Finding("needed", "numpy", "works", "2.5.5", True)
ABSENT = Finding("optional", "isaac", "not installed", "Isaac Sim", False, "pip install 'blueprint-pipeline[isaac]'")
LACKING = Finding("needed", "coacd", "not installed", "", True, "pip install 'blueprint-pipeline[scene]'")


def examined(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: list(findings))


def test_a_machine_on_which_the_demo_works(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examined(monkeypatch, GOOD, ABSENT)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "numpy  works          2.5.5" in said
    assert "-> pip install 'blueprint-pipeline[isaac]'" in said
    assert "The demo works here." in said


def test_a_machine_on_which_it_does_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examined(monkeypatch, GOOD, LACKING)
    assert main(["doctor"]) == 1
    assert "-> pip install 'blueprint-pipeline[scene]'" in capsys.readouterr().out


def test_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    examined(monkeypatch, GOOD, LACKING)
    assert main(["doctor", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["works"] is False
    assert data["findings"][1]["remedy"] == LACKING.remedy
