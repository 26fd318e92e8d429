"""Plots of an episode's states: right numbers, and "not measured" for what was not recorded."""

import re
from pathlib import Path

import h5py
import pytest
from tests.app.small_run import MUG, SmallRun

from blueprint.pipeline.app.report import episode_plots
from blueprint.pipeline.app.report.episode_plots import plot_states
from blueprint.pipeline.app.report.plots import Series
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States


@pytest.fixture
def episode(other_run: SmallRun) -> Episode:
    record = Episode(other_run.folder.store.records / "episode_0000")
    record.states_path.chmod(0o644)
    return record


def test_forces_on_the_object_add_up_in_their_frame(episode: Episode) -> None:
    (force,) = episode_plots._contact_force(States(episode.states_path), MUG)
    assert isinstance(force, Series)
    assert force.values.tolist() == [0.0] * 6 + [7.0] + [0.0] * 5


def test_only_the_arms_joints_are_drawn(episode: Episode) -> None:
    text = plot_states(episode, ("panda_joint2",))
    assert text.count('class="line"') == 2 + 1 + 1 + 1


def test_phases_are_named_stretches(episode: Episode) -> None:
    spans = episode_plots._phases(States(episode.states_path))
    assert [(span.first, span.last) for span in spans] == [(0, 6), (6, 11)]


def test_a_channel_that_is_missing_reads_not_measured(episode: Episode) -> None:
    with h5py.File(episode.states_path, "a") as file:
        for name in ("gripper_width_m", "contact_force_n", "phase"):
            del file[f"blueprint/frames/{name}"]
    text = plot_states(episode, ("panda_joint1",))
    absent = re.findall(r'<p class="absent">([^<]*)</p>', text)
    assert absent == [
        "Gripper width: not measured",
        "Contact force on the object: not measured",
        "Phases: not measured",
    ]


def test_an_episode_without_states_says_so(episode: Episode, tmp_path: Path) -> None:
    episode.states_path.unlink()
    assert "no states were recorded" in plot_states(episode, ("panda_joint1",))
