"""What can be done next depends on how far a run has come."""

from pathlib import Path

import pytest
from tests.app.small_run import SmallRun

from blueprint.pipeline.app.next_steps import next_steps, outcome_lines
from blueprint.pipeline.app.runs import RunFolder


def stopped_at(run: SmallRun, monkeypatch: pytest.MonkeyPatch, *stages: str) -> RunFolder:
    """The run as if it had come only so far, without a dataset."""
    data = run.folder.load()
    left = {name: data["stages"].get(name, {}) for name in stages}
    monkeypatch.setattr(RunFolder, "load", lambda _: {**data, "stages": left})
    monkeypatch.setattr(RunFolder, "dataset", Path("none"))
    return run.folder


def test_a_run_with_episodes_leads_to_its_failures(small_run: SmallRun) -> None:
    steps = "\n".join(next_steps(small_run.folder))
    assert f"blueprint show {small_run.folder.root}:episode_" in steps
    assert "--until" not in steps
    head, *each = outcome_lines(small_run.folder)
    assert head.startswith("episodes: ")
    assert each


def test_a_scene_leads_to_a_preview_and_to_the_rest(small_run: SmallRun, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stopped_at(small_run, monkeypatch, "ingest", "assemble")
    steps = next_steps(folder)
    assert [step.partition("   # ")[0] for step in steps] == [
        f"blueprint preview {folder.root}",
        "the same `blueprint run` without --until",
    ]
    assert outcome_lines(folder) == ()


def test_offers_lead_to_the_tasks(small_run: SmallRun, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stopped_at(small_run, monkeypatch, "assemble", "offer")
    assert next_steps(folder)[0].startswith(f"blueprint tasks {folder.root} ")
