"""`blueprint replay` and `blueprint show EPISODE` from the command line: sentences, pages and exit codes."""

import json
from pathlib import Path

import pytest
from tests.app.recorded import FRAMES, record_fall

from blueprint.pipeline.app.recorded_states import RawStates
from blueprint.pipeline.cli import main
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.scene.records import Assembled


@pytest.fixture(scope="session")
def fall(assembled: Assembled) -> Episode:
    """A box that falls onto a table, recorded."""
    return record_fall(assembled)


def test_an_exact_replay_ends_with_0(fall: Episode, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(fall.folder), "--from", "10"]) == 0
    assert capsys.readouterr().out == "episode_0000 from frame 10: identical, 272 steps bit for bit\n"


def test_json(fall: Episode, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(fall.folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["passed"], said["bitwise"], said["difference"]) == (True, True, None)


def test_a_difference_ends_with_1(
    fall: Episode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load = RawStates.load.__func__

    def altered(cls: type[RawStates], states: States) -> RawStates:
        raw = load(cls, states)
        raw.channels["qpos"][50, 0] += 1e-12
        return raw

    monkeypatch.setattr(RawStates, "load", classmethod(altered))
    assert main(["replay", str(fall.folder)]) == 1
    assert "differs, first in step 50" in capsys.readouterr().out


def test_a_refusal_ends_with_2(fall: Episode, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "outcome.json").write_bytes((fall.folder / "outcome.json").read_bytes())
    assert main(["replay", str(tmp_path)]) == 2
    assert "cannot be replayed" in capsys.readouterr().err


def test_a_hypothesis_writes_an_episode_and_a_page(
    fall: Episode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, page = tmp_path / "new", tmp_path / "page.html"
    command = ["replay", str(fall.folder), "--set", "gravity_m_s2=0.02", "--out", str(new), "--html", str(page)]
    assert main([*command, "--no-render"]) == 0
    said = capsys.readouterr().out
    assert "changed: gravity_m_s2 is 0.02" in said
    assert "after:   Failed, not at rest" in said
    assert page.stat().st_size > 10_000
    assert main(["show", str(new)]) == 0
    assert "Failed, not at rest" in capsys.readouterr().out


def test_an_episode_is_shown_in_words_and_as_a_page(
    fall: Episode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["show", str(fall.folder), "--html", str(page), "--no-render"]) == 0
    said = capsys.readouterr()
    assert "Succeeded" in said.out
    assert "kitchen" not in said.out
    assert f"{FRAMES} frames at 30 Hz" in said.out
    assert "page: " in said.err
    assert page.is_file()


def test_a_page_of_what_is_no_episode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", f"{tmp_path}:episode_0001"]) == 2
    assert "neither a run nor a dataset" in capsys.readouterr().err
