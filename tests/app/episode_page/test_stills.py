"""The start of an episode in which nothing moved, with marks for what was asked."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.app.recorded import TASK, record_fall

from blueprint.pipeline.app.episode_page.page import write_episode_page
from blueprint.pipeline.app.episode_page.stills import WIDTH_PX, Stills, draw_stills, wanted_places
from blueprint.pipeline.app.opened_episode import OpenedEpisode, open_episode
from blueprint.pipeline.episode.goals import InRegion, Region
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled

ORANGE = (240, 120, 20)


@pytest.fixture(scope="session")
def opened(assembled: Assembled) -> OpenedEpisode:
    """The box that falls, whose variant has lifted it by 20 cm."""
    return open_episode(str(record_fall(assembled).folder))


@pytest.fixture(scope="session")
def stills(opened: OpenedEpisode) -> Stills:
    """Its start."""
    return draw_stills(opened)


def test_the_handled_thing_is_outlined_where_the_variant_put_it(stills: Stills) -> None:
    still = next(still for still in stills.pictures if still.camera == "side")
    picture = cv2.imdecode(np.frombuffer(still.content, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert picture.shape == (still.height_px, still.width_px, 3)
    assert still.width_px == WIDTH_PX
    marked = np.argwhere(np.abs(picture.astype(int) - ORANGE).max(axis=2) < 40)
    assert len(marked) > 50
    assert np.ptp(marked, axis=0).max() < WIDTH_PX / 2


def test_the_legend_says_how_far_things_are(stills: Stills) -> None:
    assert "30 cm to 72 cm" in stills.legend[0]
    assert "box stands" in stills.legend[1]


def test_places_of_goals_and_of_steps_are_marked_once() -> None:
    region = Region("spot", "table", (0.5, 0.1, 0.4), (0.06, 0.04), 0.3)
    steps = (Step("place", pose=Pose((0.5, 0.1, 0.45))), Step("tilt", pose=Pose((0.2, 0.3, 0.6))))
    task = Task("e", "t", "f", "box", {}, steps, (InRegion("box", region),), (), "Do.", ("Do.",))
    places = list(wanted_places(task))
    assert [place.name for place in places] == ["the place 'spot'", "the goal of tilt"]
    assert np.allclose(np.linalg.norm(np.diff(places[0].outline_m, axis=0), axis=1), (0.12, 0.08, 0.12, 0.08))
    assert not list(wanted_places(TASK))


def test_the_page_shows_the_start_where_nothing_moved(
    opened: OpenedEpisode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenedEpisode, "states", None)
    write_episode_page(opened, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "side, before the robot moved" in page
    assert "data:image/png;base64," in page
    write_episode_page(opened, tmp_path / "plain.html", render=False)
    assert "data:image/png" not in (tmp_path / "plain.html").read_text(encoding="utf-8")
