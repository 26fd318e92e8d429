"""A recorded episode is stepped again bit for bit, from any frame; what differs is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.app.recorded import FRAMES, SUBSTEPS, record_fall

from blueprint.pipeline.app.opened_episode import OpenedEpisode, open_episode
from blueprint.pipeline.app.recorded_states import NoRawStates, NoSuchFrame, RawStates
from blueprint.pipeline.app.replay import exact
from blueprint.pipeline.app.replay.elsewhere import Elsewhere
from blueprint.pipeline.app.replay.exact import replay_exactly
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.records import Assembled


@pytest.mark.parametrize("frame", [0, 1, 23, FRAMES - 2])
def test_every_later_step_is_the_recorded_one(fall: Episode, frame: int) -> None:
    found = replay_exactly(open_episode(str(fall.folder)), frame)
    assert found.passed
    assert found.bitwise
    assert found.steps == (FRAMES - 1 - frame) * SUBSTEPS
    assert "identical" in found.sentence()


def test_the_first_step_that_differs_is_named(fall: Episode, monkeypatch: pytest.MonkeyPatch) -> None:
    load = RawStates.load.__func__

    def altered(cls: type[RawStates], states: States) -> RawStates:
        raw = load(cls, states)
        raw.channels["qvel"][100, 3] += 1e-15
        return raw

    monkeypatch.setattr(RawStates, "load", classmethod(altered))
    found = replay_exactly(open_episode(str(fall.folder)))
    assert not found.passed
    assert found.difference is not None
    assert (found.difference.step, found.difference.quantity, found.difference.entry) == (100, "qvel", 3)
    assert "step 100 (frame 12, 0.4167 s): qvel[3]" in found.sentence()


def test_a_command_that_was_not_sent_shows_in_the_next_state(fall: Episode, monkeypatch: pytest.MonkeyPatch) -> None:
    load = RawStates.load.__func__

    def altered(cls: type[RawStates], states: States) -> RawStates:
        raw = load(cls, states)
        raw.channels["ctrl"][200, 0] += 1e-9
        return raw

    monkeypatch.setattr(RawStates, "load", classmethod(altered))
    found = replay_exactly(open_episode(str(fall.folder)))
    assert found.difference is not None
    assert found.difference.step == 201


def test_the_last_instant_is_compared_too(fall: Episode, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = States.channel

    def altered(states: States, name: str) -> object:
        values = channel(states, name)
        if name == "body_position_m":
            values[-1, 2, 0] += 1e-12
        return values

    monkeypatch.setattr(States, "channel", altered)
    found = replay_exactly(open_episode(str(fall.folder)))
    assert found.difference is not None
    assert found.difference.quantity == "body_position_m"
    assert found.difference.frame == FRAMES - 1


@pytest.mark.parametrize("frame", [-1, FRAMES - 1, 1000])
def test_a_frame_that_there_is_not(fall: Episode, frame: int) -> None:
    with pytest.raises(NoSuchFrame, match="it has 0 to 43"):
        replay_exactly(open_episode(str(fall.folder)), frame)


@pytest.fixture
def another_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "same_machine", lambda _: False)
    monkeypatch.setattr(exact, "cpu_class", lambda: "Linux riscv64")


@pytest.mark.parametrize("frame", [0, 20])
def test_another_processor_is_compared_by_distance_and_judged_anew(
    fall: Episode, another_processor: None, frame: int
) -> None:
    found = replay_exactly(open_episode(str(fall.folder)), frame)
    assert found.passed
    assert found.elsewhere == Elsewhere(0.0, FailureCode.NONE, FailureCode.NONE)
    assert "the same to 1e-06 m" in found.sentence()
    assert "judged anew it is a success, as recorded" in found.sentence()
    assert "Linux riscv64, so bits may differ and are not compared" in found.sentence()
    assert not replace(found, elsewhere=Elsewhere(2e-6, FailureCode.NONE, FailureCode.NONE)).passed


def test_on_another_processor_the_outcome_is_found_not_read(
    fall: Episode, another_processor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = RawStates.load.__func__

    def thrown(cls: type[RawStates], states: States) -> RawStates:
        raw = load(cls, states)
        # What falls is thrown upwards instead, and is still on its way when the recording ends.
        free = np.flatnonzero(np.ptp(raw.channels["qvel"], axis=0) > 0)
        raw.channels["qvel"][0, free] += 5.0
        return raw

    monkeypatch.setattr(RawStates, "load", classmethod(thrown))
    found = replay_exactly(open_episode(str(fall.folder)))
    assert not found.passed
    assert found.elsewhere is not None
    assert found.elsewhere.recorded is FailureCode.NONE
    assert found.elsewhere.found is not FailureCode.NONE
    assert "recorded was a success" in found.sentence()


def test_an_engine_without_states_of_its_own(assembled: Assembled, tmp_path: Path) -> None:
    opened = open_episode(str(record_fall(assembled).folder))
    null = replace(opened.summary, engine="null")
    with pytest.raises(NoRawStates, match="need one of mujoco"):
        exact.open_recorded(_with_summary(opened.episode.folder, tmp_path, null))


def _with_summary(folder: Path, target: Path, summary: EpisodeSummary) -> OpenedEpisode:
    for name in (Episode.STATES_FILE, Episode.TASK_FILE):
        shutil.copy(folder / name, target / name)
    save(target / Episode.OUTCOME_FILE, summary)
    opened = open_episode(str(folder))
    return OpenedEpisode(Episode(target), opened.header, opened.variant, opened.scene, {})


def test_a_state_that_was_recorded_after_the_last_step_is_compared(
    fall: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = RawStates.load.__func__

    def longer(cls: type[RawStates], states: States) -> RawStates:
        raw = load(cls, states)
        channels = {name: np.concatenate([values, values[-1:]]) for name, values in raw.channels.items()}
        return replace(raw, time_s=np.append(raw.time_s, raw.time_s[-1]), channels=channels)

    monkeypatch.setattr(RawStates, "load", classmethod(longer))
    found = replay_exactly(open_episode(str(fall.folder)))
    assert found.difference is not None
    assert found.difference.step == (FRAMES - 1) * SUBSTEPS
