"""The page of an episode is one file that needs no network, and shows what was recorded."""

import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.app.recorded import CAMERAS, FRAMES, TASK, record_fall
from tests.app.small_run import ATTACK, SmallRun

from blueprint.pipeline.app.episode_page.account import MEANINGS, verdict_text
from blueprint.pipeline.app.episode_page.films import MOST_BYTES, gather_films
from blueprint.pipeline.app.episode_page.page import write_episode_page
from blueprint.pipeline.app.opened_episode import open_episode
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.records import Assembled


@pytest.fixture(scope="session")
def fall(assembled: Assembled) -> Episode:
    """A box that falls onto a table, recorded and not rendered."""
    return record_fall(assembled)


@pytest.fixture(scope="session")
def page(fall: Episode, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page without pictures."""
    target = tmp_path_factory.mktemp("page") / "page.html"
    write_episode_page(open_episode(str(fall.folder)), target, render=False)
    return target.read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, Any]:
    """Return what the page's script is given."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_nothing_is_asked_of_the_network(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "http:" not in page
    assert "https:" not in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]+"', page)


def test_verdict_goals_and_numbers_are_said(page: str) -> None:
    assert "Succeeded" in page
    assert "box is at rest, slower than 10 mm/s" in page
    assert "box leans no more than" in page
    assert "throughout the last 0.5 s" in page
    assert "drawn: lifted by 20 cm" in page
    assert "2, drawn with seed 9, 1 numbers changed" in page
    assert all(line in page for line in TASK.phrasings)
    assert "--no-render asks for no pictures" in page


def test_the_script_is_given_what_was_recorded(page: str, fall: Episode) -> None:
    data = data_of(page)
    states = open_episode(str(fall.folder)).states
    assert states is not None
    assert data["frames"] == FRAMES
    assert data["failing"] is None
    spans = [(span["first"], span["last"], span["name"]) for span in data["phases"]]
    assert spans == [(0, 19, "reach"), (20, 29, "close"), (30, FRAMES - 1, "hold")]
    charts = {chart["title"]: chart for chapter in data["chapters"] for chart in chapter["charts"]}
    height = next(curve for curve in charts["Height of tool and object"]["curves"] if curve["name"] == "box")
    recorded = states.channel("prop_position_m")[:, states.names("prop_names").index("box"), 2]
    assert height["values"] == pytest.approx(recorded.tolist(), rel=1e-4)
    arm = charts["Positions, commanded in dashes"]["curves"]
    assert [curve["dashed"] for curve in arm] == [False] * 7 + [True] * 7
    width = charts["Width between the fingers"]["curves"]
    assert [curve["name"] for curve in width] == ["measured", "commanded"]
    assert width[1]["values"][0] == pytest.approx(80, abs=1)
    assert {"Contact forces", "Margins", "Speed of the tool", "box: lean from how it stood"} <= charts.keys()
    for chart in charts.values():
        assert all(len(curve["values"]) == FRAMES for curve in chart["curves"])
    assert [event["title"] for event in data["events"] if event["kind"] == "verdict"] == ["succeeded"]


def test_pictures_that_were_not_rendered_are_drawn(fall: Episode, tmp_path: Path) -> None:
    opened = open_episode(str(fall.folder))
    films = gather_films(opened, render=True)
    assert films.drawn
    assert tuple(film.camera for film in films.films) == CAMERAS
    path = tmp_path / "film.mp4"
    path.write_bytes(films.films[0].content)
    video = cv2.VideoCapture(str(path))
    pictures = []
    while (read := video.read())[0]:
        pictures.append(read[1].astype(float))
    assert len(pictures) == FRAMES
    assert np.abs(pictures[0] - pictures[-1]).max() > 50
    assert len(films.films[0].content) < MOST_BYTES


def test_what_did_not_move_has_a_page_without_plots(small_run: SmallRun, tmp_path: Path) -> None:
    opened = open_episode(f"{small_run.folder.root}:episode_0001")
    states = opened.episode.states_path
    assert states.is_file()
    folder = tmp_path / "still"
    folder.mkdir()
    (folder / "outcome.json").write_bytes((opened.episode.folder / "outcome.json").read_bytes())
    write_episode_page(open_episode(str(folder)), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert data_of(page) is None
    assert "nothing moved" in page


def test_states_that_lack_a_channel_are_refused(small_run: SmallRun, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="has no channel"):
        write_episode_page(open_episode(f"{small_run.folder.root}:episode_0001"), tmp_path / "page.html")


def test_texts_cannot_break_out(fall: Episode, tmp_path: Path) -> None:
    folder = tmp_path / "evil"
    folder.mkdir()
    for name in ("states.h5", "task.json"):
        (folder / name).write_bytes((fall.folder / name).read_bytes())
    said = json.loads((fall.folder / "outcome.json").read_bytes())
    said["instruction"] = said["outcome"]["message"] = ATTACK
    (folder / "outcome.json").write_text(json.dumps(said))
    write_episode_page(open_episode(str(folder)), tmp_path / "page.html", render=False)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert ATTACK not in page
    assert data_of(page)["frames"] == FRAMES


def test_every_failure_has_a_meaning() -> None:
    assert MEANINGS.keys() == set(FailureCode)


def test_a_failure_is_said_with_frame_bodies_and_force() -> None:
    outcome = Outcome(False, FailureCode.COLLIDED, 60, "hits the wall", {}, ("robot/hand", "room/wall"), 12.5)
    summary = EpisodeSummary("e", "t", "can", "Pick.", 0, 0, "mujoco", 90, 30, outcome)
    assert verdict_text(summary, "carry") == (
        "Failed, collided (frame 60, 2.00 s, while it was to carry): the robot hit something that it was not to touch: "
        "hits the wall. Between robot/hand and room/wall, pressing with 12.5 N."
    )
