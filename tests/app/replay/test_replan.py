"""The same task in the same variant, planned anew with another grasp or another way."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.app.opened_episode import OpenedEpisode, open_episode
from blueprint.pipeline.app.replay import replan
from blueprint.pipeline.app.replay.exact import replay_exactly
from blueprint.pipeline.app.replay.hypothesis import CannotGoOn, Hypothesis, try_hypothesis
from blueprint.pipeline.app.replay.replan import CannotPlanAnew
from blueprint.pipeline.engine.keys import cpu_class, describe_item, key_of
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.records import Episode, Grasps, Offered
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.generate.stage import GenerateSettings, generate, list_episodes
from blueprint.pipeline.scene.records import Assembled, Variants

SETTINGS = GenerateSettings(episodes=1, render="none", seed=4)


@pytest.fixture(scope="module")
def picked(assembled: Assembled, grasps: Grasps, offered: Offered, variants: Variants) -> OpenedEpisode:
    """A pick and place, recorded into the store of its scene."""
    inputs = {"assembled": assembled, "grasps": grasps, "offered": offered, "variants": variants}
    item = next(iter(list_episodes(**inputs, settings=SETTINGS)))
    header = describe_item(generate, SETTINGS, item, {})
    store = Store(assembled.folder.parent.parent)
    folder = store.begin(key_of(header))
    for _ in generate.function(work=Work(folder), item=item, **inputs, settings=SETTINGS):
        pass
    extra = {"key": key_of(header), "cpu": cpu_class(), "checks": [], "left_out": "", "input_keys": [assembled.key]}
    return open_episode(str(Episode(store.commit(folder, {**header, **extra})).folder))


@pytest.fixture
def tables(grasps: Grasps, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, GraspTable]:
    """The tried grasps, which lie in a store of their own here."""
    found = grasps.tables()
    monkeypatch.setattr(replan, "grasp_tables", lambda _: found)
    return found


def test_a_pick_and_place_repeats_bit_for_bit(picked: OpenedEpisode) -> None:
    assert picked.summary.outcome.success
    assert replay_exactly(picked).passed
    assert replay_exactly(picked, picked.summary.frame_count // 2).passed


def test_planned_anew_with_nothing_changed_it_is_the_same(
    picked: OpenedEpisode, tables: Mapping[str, GraspTable], tmp_path: Path
) -> None:
    """The motion seed that was drawn is given, so that all is as it was."""
    drawn = _drawn_seed(picked)
    found = try_hypothesis(picked, Hypothesis(motion_seed=drawn), tmp_path / "same")
    before, after = picked.states, found.after.states
    assert before is not None
    assert after is not None
    np.testing.assert_array_equal(after.physics("qpos"), before.physics("qpos"))
    assert found.after.summary.outcome == picked.summary.outcome


def _drawn_seed(opened: OpenedEpisode) -> int:
    from blueprint.pipeline.scene.randomness import stream

    index = opened.header["item"]["values"]["index"]
    return int(stream(SETTINGS.seed, index, "generate/motion").integers(1, 2**30))


def test_another_grasp_is_taken(picked: OpenedEpisode, tables: Mapping[str, GraspTable], tmp_path: Path) -> None:
    measures = picked.summary.outcome.measures
    table = tables[picked.summary.object]
    others = [at for at, grasp in enumerate(table.grasps) if grasp.cost != measures["grasp_cost"] and grasp.held]
    found = try_hypothesis(picked, Hypothesis(grasp=others[0]), tmp_path / "other")
    assert next(found.sentences()) == f"changed: grasp {others[0]} of {picked.summary.object}"
    assert found.after.episode.task == picked.episode.task
    if found.after.summary.frame_count:
        assert found.after.summary.outcome.measures["grasp_cost"] == table.grasps[others[0]].cost
        assert found.partings[0].frame is not None


def test_a_setting_may_stand_beside(picked: OpenedEpisode, tables: Mapping[str, GraspTable], tmp_path: Path) -> None:
    slippery = Hypothesis(("friction=0.01",), motion_seed=_drawn_seed(picked))
    found = try_hypothesis(picked, slippery, tmp_path / "slippery")
    assert not found.after.summary.outcome.success


def test_what_cannot_be_planned(picked: OpenedEpisode, tables: Mapping[str, GraspTable], tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="unknown grasp of box '99'"):
        try_hypothesis(picked, Hypothesis(grasp=99), tmp_path / "new")
    with pytest.raises(CannotGoOn, match="leave --from out"):
        try_hypothesis(picked, Hypothesis(grasp=0, from_frame=3), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_without_the_tried_grasps_nothing_is_planned(picked: OpenedEpisode, tmp_path: Path) -> None:
    with pytest.raises(CannotPlanAnew, match="RUN:episode_0003"):
        try_hypothesis(picked, Hypothesis(grasp=0), tmp_path / "new")
