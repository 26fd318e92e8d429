"""Each check of a dataset finds what it is for, with file, episode and frame, behind digests that were made to fit."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.datasets import FPS, FRAMES
from tests.forging import (
    DATA,
    EPISODES,
    edit_arrays,
    edit_column,
    edit_json,
    edit_states,
    edit_table,
    film,
    forge_certificate,
    frames_of,
    replace_bytes,
    states,
    truth,
    video,
)

from blueprint.pipeline.certify.certificate import grade_of, reasons_for_test_data
from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.gates import Gate, Gates, judge
from blueprint.pipeline.certify.verify import figures_of, measure_dataset, verify_dataset
from blueprint.pipeline.errors import ScanError


def found(root: Path) -> list[str]:
    """Return what is found behind forged digests."""
    forge_certificate(root)
    return [finding.sentence() for finding in verify_dataset(root).findings]


def named(sentences: list[str], start: str) -> bool:
    """Whether a finding begins as it should."""
    return any(sentence.startswith(start) for sentence in sentences)


def test_a_sound_dataset_has_nothing_to_find(copy: Path) -> None:
    assert found(copy) == []


def test_a_black_frame_is_named(copy: Path) -> None:
    frames = frames_of(copy, "side")
    frames[FRAMES + 12] = 0
    film(copy, "side", frames)
    assert named(found(copy), f"video: {video('side')}, episode 1, frame 12: contrast 0.00: black or blank")


def test_an_overexposed_frame_is_named(copy: Path) -> None:
    frames = frames_of(copy, "side")
    frames[3, :, :, 0] = 255
    film(copy, "side", frames)
    assert named(found(copy), f"video: {video('side')}, episode 0, frame 3: overexposed")


def test_a_frozen_video_is_named(copy: Path) -> None:
    frames = frames_of(copy, "wrist")
    frames[:] = frames[0]
    film(copy, "wrist", frames)
    sentences = found(copy)
    for episode in range(4):
        assert named(sentences, f"video: {video('wrist')}, episode {episode}: all frames are the same") or named(
            sentences, f"binding: {video('wrist')}, episode {episode}: pictures do not move with the instance ids"
        )


def test_lost_frames_are_named_and_counted(copy: Path) -> None:
    film(copy, "side", frames_of(copy, "side")[:-4])
    sentences = found(copy)
    assert named(
        sentences,
        f"video: {video('side')}, episode 3, frame {FRAMES - 4}: {FRAMES - 4} frames decoded, {FRAMES} rows recorded",
    )
    assert figures_of(measure_dataset(DatasetFiles(copy)))["lost_frames"] == 4


def test_a_video_that_is_no_video_is_named_and_hides_nothing_else(copy: Path) -> None:
    replace_bytes(copy / video("side"), b"not a video")
    (copy / truth("depth", "wrist", 2)).unlink()
    sentences = found(copy)
    assert named(sentences, f"video: {video('side')}, episode 0: cannot be opened as a video")
    assert named(sentences, f"depth: {truth('depth', 'wrist', 2)}, episode 2: is missing")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_none_is_named(copy: Path, value: float) -> None:
    def spoil(values: np.ndarray) -> None:
        values[FRAMES + 5, 3] = value

    edit_column(copy, "observation.velocity", spoil)
    sentences = found(copy)
    assert named(sentences, f"finite: {DATA}, episode 1, frame 5: observation.velocity is not finite")
    assert named(sentences, f"rows: {DATA}, episode 1, frame 5: observation.velocity differs")


def test_a_channel_that_never_changes_was_not_measured(copy: Path) -> None:
    def still(values: np.ndarray) -> None:
        values[:] = 0.5

    edit_column(copy, "observation.effort", still)
    assert named(found(copy), f"alive: {DATA}, episode 2: observation.effort never changes")


@pytest.mark.parametrize(
    ("column", "change", "said"),
    [
        ("index", 1, "indices: {}, episode 0, frame 4: index is 5, expected 4"),
        ("frame_index", 2, "indices: {}, episode 0, frame 4: frame_index is 6, expected 4"),
        ("timestamp", 0.5 / FPS, "time stamps: {}, episode 0, frame 4: time stamp is off by 0.05"),
    ],
)
def test_indices_and_time_stamps_that_do_not_run_on_are_named(
    copy: Path, column: str, change: float, said: str
) -> None:
    def spoil(values: np.ndarray) -> None:
        values[4] += values.dtype.type(change)

    edit_column(copy, column, spoil)
    assert named(found(copy), said.format(DATA))


def test_totals_that_are_not_counted_are_named(copy: Path) -> None:
    edit_json(copy / "meta/info.json", lambda info: info.update(total_frames=1, total_tasks=9))
    sentences = found(copy)
    assert f"counts: meta/info.json: total_frames is 1, counted {4 * FRAMES}" in sentences
    assert "counts: meta/info.json: total_tasks is 9, counted 1" in sentences


def test_an_end_effector_that_is_not_where_the_joints_say_is_named(copy: Path) -> None:
    def move(values: np.ndarray) -> None:
        values[2 * FRAMES + 9, 0] += 0.001

    edit_column(copy, "observation.ee_pose", move)
    assert named(found(copy), f"kinematics: {DATA}, episode 2, frame 9: end effector is 0.001000 m")


def test_a_success_that_the_states_contradict_is_named(copy: Path) -> None:
    def leave(values: np.ndarray) -> None:
        values[:] = values[0]

    edit_states(copy, 1, "body_position_m", leave)
    sentences = found(copy)
    contradiction = "claims success, the states say: mug was lifted 0.000 m"
    assert named(sentences, f"success: {states(1)}, episode 1, frame 11: {contradiction}")


def test_a_success_that_the_other_poses_contradict_is_named(copy: Path) -> None:
    """The double-precision channels still say success; the poses that Isaac Sim replays do not."""

    def shift(values: np.ndarray) -> None:
        values[..., 1] += 0.2

    edit_states(copy, 1, "rigid_mug_body/position", shift, group="episodes/episode_00000")
    sentences = found(copy)
    assert named(sentences, f"recheck: {states(1)}, episode 1: a second measurement does not confirm in_region of mug")
    assert not named(sentences, f"success: {states(1)}")
    figures = figures_of(measure_dataset(DatasetFiles(copy)))
    assert figures["rejudged_success_share"] == 1.0
    assert figures["rechecked_success_share"] == 0.75


def test_rewards_that_the_terms_do_not_give_are_named(copy: Path) -> None:
    def praise(values: np.ndarray) -> None:
        values[5] = 1.0

    edit_states(copy, 2, "reward", praise)
    sentences = found(copy)
    assert named(sentences, f"rewards: {states(2)}, episode 2, frame 5: reward is 1.0, the task's terms give 0.0")
    assert named(sentences, f"rows: {DATA}, episode 2, frame 4: next.reward differs from the recorded states")


def test_an_object_that_jumps_is_named(copy: Path) -> None:
    def jump(values: np.ndarray) -> None:
        values[:3, 0, 0] += 0.5

    edit_states(copy, 0, "prop_position_m", jump)
    assert named(found(copy), f"teleport: {states(0)}, episode 0, frame 3: mug jumps")


def test_statistics_that_are_not_those_of_the_rows_are_named(copy: Path) -> None:
    edit_json(copy / "meta/stats.json", lambda stats: stats["action"]["std"].__setitem__(0, 0.0038))

    def spoil(columns: dict[str, list[list[float]]]) -> None:
        columns["stats/observation.state/mean"][2][0] += 0.1

    edit_table(copy / EPISODES, spoil)
    sentences = found(copy)
    assert named(sentences, "statistics: meta/stats.json: std of action is [0.0038")
    assert named(sentences, "statistics: meta/episodes, episode 2: mean of observation.state is [")


def test_depth_and_ids_are_looked_at(copy: Path) -> None:
    (copy / truth("depth", "side", 0)).unlink()
    edit_arrays(copy / truth("depth", "side", 1), depth=np.full((FRAMES, 64, 64), 9000, np.uint16))
    edit_arrays(copy / truth("instance", "side", 2), instance=np.full((FRAMES, 64, 64), 9, np.uint8))
    replace_bytes(copy / truth("instance", "wrist", 3), b"PK")
    sentences = found(copy)
    assert named(sentences, f"depth: {truth('depth', 'side', 0)}, episode 0: is missing")
    assert named(sentences, f"depth: {truth('depth', 'side', 1)}, episode 1, frame 0: shows nothing or one plane")
    assert named(sentences, f"instance ids: {truth('instance', 'side', 2)}, episode 2: id 9 has no name")
    assert named(sentences, f"instance ids: {truth('instance', 'wrist', 3)}, episode 3: cannot be read")


def test_pickled_ground_truth_is_never_loaded(copy: Path, tmp_path: Path) -> None:
    mark = tmp_path / "executed"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path, str]]:
            return (Path.write_text, (mark, "executed"))

    np.savez(copy / truth("depth", "side", 0), depth=np.array([Trap()], dtype=object), step_m=1e-4)
    assert named(found(copy), f"depth: {truth('depth', 'side', 0)}, episode 0: cannot be read")
    assert not mark.exists()


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"[]"])
def test_damaged_states_are_named_and_hide_no_other_episode(copy: Path, content: bytes) -> None:
    replace_bytes(copy / states(0), content)
    edit_states(copy, 1, "prop_position_m", lambda values: values.__setitem__(slice(None), values[0]))
    sentences = found(copy)
    assert named(sentences, "episodes: sources/episodes/episode_000000, episode 0: cannot be checked")
    assert named(sentences, f"success: {states(1)}, episode 1")


def test_figures_that_nobody_measures_are_named(copy: Path) -> None:
    forge_certificate(copy)
    edit_json(
        copy / "certificate/certificate.json",
        lambda certificate: certificate["figures"].update(task_success_share=1.0, beauty=0.9),
    )
    sentences = [finding.sentence() for finding in verify_dataset(copy).findings]
    assert "claims: certificate/certificate.json: task_success_share is 1, measured 0.8" in sentences
    assert "claims: certificate/certificate.json: beauty is 0.9, measured None" in sentences


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1}'])
def test_a_dataset_without_a_readable_certificate_says_so(copy: Path, content: bytes) -> None:
    replace_bytes(copy / "certificate/certificate.json", content)
    result = verify_dataset(copy)
    assert not result.passed
    assert result.grade == "no certificate"
    assert "is missing or unreadable" in result.findings[0].sentence()


def test_a_newer_certificate_is_refused_with_the_way_to_read_it(copy: Path) -> None:
    edit_json(copy / "certificate/certificate.json", lambda certificate: certificate.update(version=2))
    with pytest.raises(ScanError, match=r"version 2 is newer than 1.*pip install --upgrade"):
        verify_dataset(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_a_damaged_description_refuses_the_dataset(copy: Path, content: bytes) -> None:
    replace_bytes(copy / "meta/info.json", content)
    with pytest.raises(ScanError, match=r"meta/info\.json"):
        verify_dataset(copy)


def test_a_gate_without_its_measurement_does_not_pass() -> None:
    gates = Gates(
        format="blueprint.gates", version=1, gates=(Gate(figure="speed", at_most=1.0, meaning="how fast it is"),)
    )
    (result,) = judge(gates, {})
    assert not result.passed
    assert result.sentence() == "speed: not measured (<= 1) FAILED"
    (nothing,) = judge(gates, {"speed": float("nan")})
    assert not nothing.passed
    assert grade_of((result,), (), []) == "not certified"


def test_what_a_sample_has_made_is_test_data(copy: Path) -> None:
    edit_json(copy / "sources/scene/scene.json", lambda scene: scene.update(sample=True))
    reasons = reasons_for_test_data(DatasetFiles(copy))
    assert reasons == ["the scan is a generated sample"]
    assert grade_of((), (), reasons) == "test data"
    assert json.loads((copy / "certificate/certificate.json").read_bytes())["grade"] == "certified"
