"""An episode goes on otherwise with something changed, and only then."""

from pathlib import Path

import numpy as np
import pytest
from tests.app.recorded import FRAMES

from blueprint.pipeline.app.opened_episode import open_episode
from blueprint.pipeline.app.recorded_states import NoSuchFrame
from blueprint.pipeline.app.replay.comparison import write_comparison_page
from blueprint.pipeline.app.replay.exact import replay_exactly
from blueprint.pipeline.app.replay.hypothesis import Hypothesis, try_hypothesis
from blueprint.pipeline.app.replay.proof import ReplayOfReplay
from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.errors import FolderUnusable, UnknownName
from blueprint.pipeline.sims.newton_mujoco.hypotheses import ImplausibleChange

LIGHT = ("gravity_m_s2=0.02",)


def test_without_a_change_nothing_is_different(fall: Episode, tmp_path: Path) -> None:
    for frame in (0, 17):
        found = try_hypothesis(open_episode(str(fall.folder)), Hypothesis((), frame), tmp_path / str(frame))
        before, after = found.before.states, found.after.states
        assert before is not None
        assert after is not None
        for name in set(before.channel_names):
            np.testing.assert_array_equal(after.channel(name), before.channel(name), err_msg=name)
        for name in ("qpos", "qvel", "ctrl", "qacc_warmstart", "actuator_force", "time_s"):
            assert after.physics(name).tobytes() == before.physics(name).tobytes(), name
        assert found.after.summary.outcome.failure == found.before.summary.outcome.failure
        assert all(parting.frame is None for parting in found.partings)


def test_with_less_gravity_the_box_is_still_falling(fall: Episode, tmp_path: Path) -> None:
    found = try_hypothesis(open_episode(str(fall.folder)), Hypothesis(LIGHT, 3), tmp_path / "light")
    assert found.before.summary.outcome.success
    assert found.after.summary.outcome.failure is FailureCode.NOT_AT_REST
    box = next(parting for parting in found.partings if parting.name == "box")
    assert box.frame is not None
    assert box.frame >= 3
    assert box.end_m > 0.1
    tool = next(parting for parting in found.partings if parting.name == "tool")
    assert tool.frame is None
    said = list(found.sentences())
    assert said[0] == "changed: gravity_m_s2 is 0.02, from frame 3 on"
    assert said[2].startswith("after:   Failed, not at rest")
    assert found.data()["after"]["failure"] == "not_at_rest"


def test_the_new_episode_can_be_shown_and_drawn_but_not_proven(fall: Episode, tmp_path: Path) -> None:
    try_hypothesis(open_episode(str(fall.folder)), Hypothesis(LIGHT), tmp_path / "light")
    again = open_episode(str(tmp_path / "light"))
    assert again.scene is not None
    assert again.variant is not None
    said = "light is itself a replay of episode_0000, with gravity_m_s2 is 0.02; only what a run has recorded"
    with pytest.raises(ReplayOfReplay, match=said):
        try_hypothesis(again, Hypothesis(LIGHT), tmp_path / "more")
    with pytest.raises(ReplayOfReplay, match="`blueprint replay episode_0000`"):
        replay_exactly(again)
    assert not (tmp_path / "more").exists()


def test_a_page_shows_both(fall: Episode, tmp_path: Path) -> None:
    found = try_hypothesis(open_episode(str(fall.folder)), Hypothesis(LIGHT), tmp_path / "light")
    write_comparison_page(found, tmp_path / "page.html", render=False)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "What if gravity_m_s2 is 0.02?" in page
    assert "before: succeeded" in page
    assert "after: not at rest" in page
    assert "Distance between before and after" in page


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("nobody.friction=0.2", UnknownName),
        ("cabinet.joint_damping=2x", UnknownName),
        ("mass_kg=0", ImplausibleChange),
        ("friction=-0.5", ImplausibleChange),
    ],
)
def test_what_cannot_be_changed(fall: Episode, tmp_path: Path, setting: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        try_hypothesis(open_episode(str(fall.folder)), Hypothesis((setting,)), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_frame_beyond_the_end(fall: Episode, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFrame):
        try_hypothesis(open_episode(str(fall.folder)), Hypothesis(LIGHT, FRAMES), tmp_path / "new")


def test_a_folder_of_someone_else_is_left_alone(fall: Episode, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(FolderUnusable, match="no replay has written"):
        try_hypothesis(open_episode(str(fall.folder)), Hypothesis(LIGHT), tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_an_episode_of_no_run_needs_a_folder(fall: Episode) -> None:
    with pytest.raises(FolderUnusable, match="--out"):
        try_hypothesis(open_episode(str(fall.folder)), Hypothesis(LIGHT))


def test_a_replay_takes_the_place_of_an_earlier_one(fall: Episode, tmp_path: Path) -> None:
    opened = open_episode(str(fall.folder))
    try_hypothesis(opened, Hypothesis(LIGHT), tmp_path / "new")
    found = try_hypothesis(opened, Hypothesis(("mass_kg=2x",)), tmp_path / "new")
    assert found.after.header["changed"] == ["mass_kg of box times 2"]
