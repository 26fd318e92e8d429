"""The stage: which episodes and cameras are exported, and what lies beside them."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.datasets import FPS, FRAMES, MUG, make_dataset

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.verify import verify_dataset
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.errors import NothingUsable


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> DatasetFiles:
    root, _ = make_dataset(tmp_path_factory.mktemp("export"))
    return DatasetFiles(root)


def test_successes_are_exported_and_every_attempt_is_told(dataset: DatasetFiles) -> None:
    assert [dataset.summary(number).id for number in range(4)] == [f"episode_{at:04d}" for at in (0, 2, 3, 4)]
    assert [summary.outcome.success for summary in dataset.attempts] == [True, False, True, True, True]
    assert dataset.info["total_episodes"] == 4
    assert dataset.info["total_frames"] == 4 * FRAMES
    assert dataset.info["fps"] == FPS


def test_an_attempt_without_an_outcome_counts_against_success(tmp_path: Path) -> None:
    """Two of ten were lost: each is named with its reason, and the certificate counts them."""
    root, _ = make_dataset(tmp_path, attempts=10, failed=(), lost=(3, 7))
    dataset = DatasetFiles(root)
    assert dataset.lost_attempts.keys() == {"episode_0003", "episode_0007"}
    assert all("flew apart" in reason for reason in dataset.lost_attempts.values())
    assert len(dataset.attempts) == len(dataset.episodes) == 8
    certificate = json.loads((root / "certificate/certificate.json").read_bytes())
    assert certificate["figures"]["task_success_share"] == 0.8
    assert certificate["figures"]["attempted_episodes"] == 10


def test_columns_are_the_recorded_states(dataset: DatasetFiles) -> None:
    columns, states = dataset.columns(dataset.episodes[2]), States(dataset.source(2) / "states.h5")
    assert np.array_equal(columns["observation.state"], states.channel("joint_position").astype(np.float32))
    assert np.array_equal(columns["action"], states.channel("command").astype(np.float32))
    assert np.array_equal(columns["observation.ee_pose"][:, :3], states.channel("tcp_position_m").astype(np.float32))
    assert np.array_equal(columns["observation.ee_wrench"], states.channel("ee_wrench").astype(np.float32))
    assert columns["observation.tactile"].shape == (FRAMES, 6)
    assert np.array_equal(columns["observation.tactile"][:, 0], states.channel("pad_force_n")[:, 0].astype(np.float32))
    assert columns["observation.contact"].max(axis=0).tolist() == [20.0, 1.0]
    assert np.array_equal(columns["next.done"], np.arange(FRAMES) == FRAMES - 1)
    assert columns["next.success"].tolist() == columns["next.done"].tolist()
    # Without terms of its own the task rewards success, which shows once the goals have held for their time.
    reward = states.channel("reward")
    assert np.array_equal(columns["next.reward"], np.append(reward[1:], reward[-1]))
    assert reward[0] == 0.0
    assert reward[-1] == 1.0


def test_names_say_joint_quantity_and_unit(dataset: DatasetFiles) -> None:
    features = dataset.info["features"]
    assert features["observation.state"]["names"][0] == "robot/panda_joint1.position"
    assert features["action"]["names"][-1] == "panda_finger_joint2.target"
    assert features["observation.ee_pose"]["names"] == ["x_m", "y_m", "z_m", "qw", "qx", "qy", "qz"]
    assert features["observation.environment_state"]["names"][0] == f"{MUG}.x_m"


def test_sources_and_ground_truth_lie_beside(dataset: DatasetFiles) -> None:
    sources = dataset.root / "sources"
    assert {path.name for path in sources.iterdir()} >= {"scene", "model", "robot", "episodes", "lineage.json"}
    assert (sources / "scene" / "variants" / "0000.usda").is_file()
    lineage = json.loads((sources / "lineage.json").read_bytes())
    assert {entry["stage"] for entry in lineage["records"]} == {"stage_scene", "stage_variants", "stage_episodes"}
    description = json.loads((dataset.root / "ground_truth" / "description.json").read_bytes())
    assert description["cameras"] == ["wrist", "side"]
    assert len(list((dataset.root / "ground_truth").rglob("*.npz"))) == 4 * 2 * 2


def test_only_cameras_that_were_recorded_are_exported(tmp_path: Path) -> None:
    root, _ = make_dataset(tmp_path, cameras=("side",))
    assert DatasetFiles(root).videos == ["observation.images.side"]
    assert not list((root / "ground_truth").rglob("*wrist*"))
    assert verify_dataset(root).passed


def test_without_a_success_each_attempt_says_why(tmp_path: Path) -> None:
    with pytest.raises(NothingUsable, match=r"(?s)no usable episode is left.*episode_0000: not lifted.*episode_0001:"):
        make_dataset(tmp_path, attempts=2, failed=(0, 1))


def test_the_same_episodes_give_the_same_bytes(dataset: DatasetFiles, tmp_path: Path) -> None:
    again, _ = make_dataset(tmp_path)
    first = json.loads((dataset.root / "certificate" / "certificate.json").read_bytes())
    second = json.loads((again / "certificate" / "certificate.json").read_bytes())
    assert first == second
