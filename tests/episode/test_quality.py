"""The score and what it is made of: formulas against closed forms, and the shipped rules."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.episode.stories import COUNT, FINGER, GEOMETRY, TABLE, moved, story

from blueprint.pipeline.episode.boxes import LinkBoxes, View, pairs_by_gap, share_in_view
from blueprint.pipeline.episode.geometry import Geometry, Shapes
from blueprint.pipeline.episode.movement import (
    energy_j,
    least_manipulability,
    mean_jerk_m_s3,
    path_efficiency,
    speed_evenness,
)
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.quality import Range, load_quality_rules, quality_of, shares_of
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.resources import resource_path

MEASURES = {
    "path_efficiency": 0.9,
    "mean_jerk_m_s3": 1.0,
    "clearance_m": 0.1,
    "force_peak_n": 10.0,
    "target_in_view_share": 1.0,
    "duration_s": 3.0,
}


def tooled(path_m: np.ndarray, phase: np.ndarray) -> Track:
    """Return the story with another way of the tool."""
    count = len(path_m)
    track = story()
    return replace(track, tcp_position_m=path_m, phase=phase, time_s=np.arange(count) / 30)


def test_a_way_is_as_efficient_as_it_is_straight() -> None:
    """There and back is straight in two phases and worthless in one; a half circle is 2 / pi."""
    out = np.linspace(0, 0.3, 31)
    there = np.zeros((61, 3))
    there[:, 0] = np.concatenate([out, out[-2::-1]])
    two = np.where(np.arange(61) < 30, Phase.REACH, Phase.RETREAT)
    assert path_efficiency(tooled(there, two)) == pytest.approx(1.0)
    assert path_efficiency(tooled(there, np.full(61, Phase.REACH))) is None
    angle = np.linspace(0, np.pi, 400)
    round_m = 0.2 * np.stack([np.cos(angle), np.sin(angle), np.zeros(400)], axis=1)
    assert path_efficiency(tooled(round_m, np.full(400, Phase.CARRY))) == pytest.approx(2 / np.pi, rel=1e-4)


def test_jerk_is_the_third_derivative() -> None:
    """Of t cubed it is six everywhere; too few frames have none."""
    time_s = np.arange(40) / 30
    path = np.stack([time_s**3, np.zeros(40), np.zeros(40)], axis=1)
    assert mean_jerk_m_s3(tooled(path, np.zeros(40, dtype=np.int64))) == pytest.approx(6.0, rel=1e-6)
    assert mean_jerk_m_s3(tooled(path[:3], np.zeros(3, dtype=np.int64))) is None


def test_even_motion_is_even() -> None:
    """A constant speed has evenness 1, standing still has none."""
    path = np.outer(np.arange(30), [0.01, 0, 0])
    assert speed_evenness(tooled(path, np.zeros(30, dtype=np.int64))) == pytest.approx(1.0)
    assert speed_evenness(tooled(path * 0, np.zeros(30, dtype=np.int64))) is None


def test_energy_is_power_over_time() -> None:
    """Two newton metres at three rad/s for a second are six joules, whatever their sign."""
    track = replace(story(), joint_effort=np.full((30, 2), -2.0), joint_velocity=np.full((30, 2), 3.0))
    assert energy_j(track, slice(0, 1)) == pytest.approx(6.0)


def test_manipulability_is_that_of_the_worst_posture() -> None:
    """Of a planar arm with two links: l1 l2 |sin q2|."""
    joints = np.linspace(0.2, 1.2, COUNT)
    track = replace(story(), joint_position=np.stack([joints, joints], axis=1))

    def jacobian(posture: np.ndarray) -> np.ndarray:
        first, both = posture[0], posture.sum()
        return np.array([[-np.sin(first) - np.sin(both), -np.sin(both)], [np.cos(first) + np.cos(both), np.cos(both)]])

    assert least_manipulability(track, slice(0, 2), jacobian) == pytest.approx(np.sin(0.2))


def test_boxes_come_in_the_order_of_their_distance() -> None:
    """A finger's box of 2 cm goes along 7 cm above the tray, which is 2 cm high; the drawer is too far off."""
    track = story()
    position = track.body_position_m.copy()
    position[:, track.body_names.index(FINGER)] = np.stack(
        [np.full(COUNT, 0.5), np.linspace(0.2, 0.8, COUNT), np.full(COUNT, 0.5)], axis=1
    )
    half = np.array([[x, y, z] for x in (-0.01, 0.01) for y in (-0.01, 0.01) for z in (-0.01, 0.01)])
    shapes = Shapes(replace(track, body_position_m=position), Geometry({**GEOMETRY.corners_m, FINGER: half}))
    ours, theirs = (
        LinkBoxes.around(shapes, links, slice(None)) for links in ([FINGER], ["tray/body", "cabinet/drawer"])
    )
    found = list(pairs_by_gap(ours, theirs, 0.2))
    gaps = [gap for gap, *_ in found]
    assert gaps == sorted(gaps)
    assert gaps[0] == pytest.approx(0.5 - 0.01 - 0.42, abs=1e-9)
    assert {(first, second) for _, _, first, second in found} == {(0, 0)}
    over = [frame for gap, frame, *_ in found if gap == pytest.approx(gaps[0])]
    assert position[over, track.body_names.index(FINGER), 1] == pytest.approx(0.5, abs=0.2)


def test_a_target_is_seen_unless_something_is_before_it() -> None:
    """A camera looks straight down on the can; in half of the frames the tray hangs between them."""
    still = moved(story(), "can", lambda p, _: p.__setitem__(slice(None), (0.5, -0.1, 0.4)))
    above = View(np.tile([0.5, -0.1, 1.4], (COUNT, 1)), np.tile([1.0, 0, 0, 0], (COUNT, 1)), 60.0, 64, 64)
    aside = replace(above, position_m=above.position_m + np.array([0.8, 0, 0]))
    shapes = Shapes(still, Geometry({**GEOMETRY.corners_m, FINGER: GEOMETRY.corners_m["can/body"] + 5.0}))
    assert share_in_view(shapes, "can", [above], ()) == 1.0
    assert share_in_view(shapes, "can", [aside], ()) == 0.0
    assert share_in_view(shapes, "can", [aside, above], ()) == 1.0
    assert share_in_view(shapes, "can", [], ()) is None
    hung = moved(still, "tray", lambda p, _: p[40:].__setitem__(slice(None), (0.5, -0.1, 0.9)))
    assert share_in_view(replace(shapes, track=hung), "can", [above], ()) == pytest.approx(40 / COUNT)
    beside = moved(still, "tray", lambda p, _: p[40:].__setitem__(slice(None), (0.5, 0.3, 0.9)))
    assert share_in_view(replace(shapes, track=beside), "can", [above], ()) == 1.0
    assert TABLE in shapes.geometry.corners_m


def test_the_shipped_rules_score_every_family() -> None:
    """The best of everything is 1, the worst 0, and each share counts by its weight."""
    rules = load_quality_rules(resource_path("config", "quality.yaml"))
    best = {**MEASURES, "path_efficiency": 1.0}
    worst = dict(zip(MEASURES, (0.0, 1e3, 0.0, 1e3, 0.0, 1e3), strict=True))
    for family in (*rules.families, "knitting"):
        assert quality_of(best, family, rules) == pytest.approx(1.0)
        assert quality_of(worst, family, rules) == 0.0
    weights = rules.families["placing"].weights
    total = sum(weights.model_dump().values())
    assert quality_of(MEASURES, "placing", rules) == pytest.approx(1 - 0.1 * weights.efficiency / total)
    assert shares_of(MEASURES, "placing", rules)["efficiency"] == pytest.approx(0.9)


def test_what_was_not_measured_has_no_score() -> None:
    """Nothing stands in for a force that no engine has computed."""
    rules = load_quality_rules(resource_path("config", "quality.yaml"))
    without = {name: value for name, value in MEASURES.items() if name != "force_peak_n"}
    assert shares_of(without, "placing", rules)["force"] is None
    assert quality_of(without, "placing", rules) is None


def test_ranges_go_either_way() -> None:
    """More may be better or worse."""
    assert Range(best=10, worst=0).share(4.0) == pytest.approx(0.4)
    assert Range(best=0, worst=10).share(4.0) == pytest.approx(0.6)
    assert Range(best=0, worst=10).share(40.0) == 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("best: 5, worst: 60", "best and worst must differ"),
        ("  other:", "must be among them"),
        ("version: 1", "version"),
    ],
)
def test_faults_in_the_rules_are_named(tmp_path: Path, change: str, words: str) -> None:
    """A range without extent, no rules for other families, another version."""
    text = resource_path("config", "quality.yaml").read_text(encoding="utf-8")
    spoiled = {"best: 5, worst: 60": "best: 5, worst: 5", "  other:": "  another:", "version: 1": "version: 2"}[change]
    path = tmp_path / "quality.yaml"
    path.write_text(text.replace(change, spoiled), encoding="utf-8")
    with pytest.raises(RecipeError, match=words):
        load_quality_rules(path)
