"""S13: whatever happens to a file is found and named; by its digest, and as far as its content says, without one.

The six corruptions that existing checkers of robot datasets miss (five of six and more) are found both ways.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.datasets import FRAMES, make_dataset, writable_copy
from tests.engine.toy import TOY, TOY_STAGES, AddSettings, MeasureSettings, SplitSettings
from tests.forging import (
    DATA,
    edit_column,
    edit_states,
    flip_bit,
    forge_certificate,
    forge_statistics,
    shift_video,
    swap_cameras,
    take_rows_from_states,
    truth,
    video,
    zero_block,
)

from blueprint.pipeline.certify.verify import verify_dataset
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import RecordDamaged

Harm = Callable[[Path], None]


def _scale_actions(root: Path) -> None:
    def scale(values: np.ndarray) -> None:
        values *= np.float32(1.02)

    edit_column(root, "action", scale)


CORRUPTIONS: dict[str, tuple[Harm, str]] = {
    # Half of this file is headers of pages, which no checksum covers and no reader needs.
    "a flipped bit in the data": (lambda root: flip_bit(root / DATA, 0.05), DATA),
    "a flipped bit in a video": (lambda root: flip_bit(root / video("side")), video("side")),
    "4 KiB of a video zeroed": (lambda root: zero_block(root / video("side")), video("side")),
    "actions times 1.02": (_scale_actions, DATA),
    "cameras swapped": (swap_cameras, video("wrist")),
    "a video five frames late": (lambda root: shift_video(root, "side"), video("side")),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, _ = make_dataset(tmp_path_factory.mktemp("sound"))
    return root


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return writable_copy(sound, tmp_path / "dataset")


def test_a_sound_dataset_keeps_every_promise(sound: Path) -> None:
    result = verify_dataset(sound)
    assert [finding.sentence() for finding in result.findings] == []
    assert result.grade == "certified"


@pytest.mark.parametrize("harm", CORRUPTIONS)
def test_digests_find_each_corruption(copy: Path, harm: str) -> None:
    do, file = CORRUPTIONS[harm]
    do(copy)
    result = verify_dataset(copy, digests_only=True)
    assert file in {finding.file for finding in result.findings}
    assert not result.passed


@pytest.mark.parametrize("harm", CORRUPTIONS)
def test_contents_find_each_corruption_behind_forged_digests(copy: Path, harm: str) -> None:
    do, file = CORRUPTIONS[harm]
    do(copy)
    forge_certificate(copy)
    result = verify_dataset(copy)
    assert verify_dataset(copy, digests_only=True).passed, "the forger has done well"
    assert file in {finding.file for finding in result.findings}


@pytest.mark.parametrize("harm", ["actions times 1.02", "cameras swapped", "a video five frames late"])
def test_contents_find_it_behind_forged_digests_and_statistics(copy: Path, harm: str) -> None:
    do, file = CORRUPTIONS[harm]
    do(copy)
    forge_statistics(copy)
    forge_certificate(copy)
    findings = verify_dataset(copy).findings
    assert {finding.file for finding in findings} >= {file}
    assert not [finding for finding in findings if finding.check in ("digests", "statistics", "claims")]


def test_the_message_says_how_late_a_video_is_and_in_which_episode(copy: Path) -> None:
    shift_video(copy, "side", 3)
    forge_statistics(copy)
    forge_certificate(copy)
    sentences = [finding.sentence() for finding in verify_dataset(copy).findings]
    assert f"binding: {video('side')}, episode 0: pictures are 3 frames behind the instance ids" in sentences


def test_altered_rows_are_named_with_episode_and_frame(copy: Path) -> None:
    def nudge(values: np.ndarray) -> None:
        values[FRAMES + 7, 2] += 0.01

    edit_column(copy, "action", nudge)
    forge_certificate(copy)
    sentences = [finding.sentence() for finding in verify_dataset(copy).findings]
    assert f"rows: {DATA}, episode 1, frame 7: action differs from the recorded states" in sentences


def test_what_contents_alone_cannot_find_is_found_by_digests_alone(copy: Path) -> None:
    """Actions changed in the rows and in the recorded states, with everything else forged: only a replay would tell."""

    def scale(values: np.ndarray) -> None:
        values *= 1.02

    _scale_actions(copy)
    for episode in range(4):
        edit_states(copy, episode, "command", scale)
        take_rows_from_states(copy, episode, "action", "command")
    assert not verify_dataset(copy, digests_only=True).passed
    forge_statistics(copy)
    forge_certificate(copy)
    assert verify_dataset(copy).passed


def test_files_that_went_or_came_are_named(copy: Path) -> None:
    (copy / truth("depth", "side", 1)).unlink()
    (copy / "data/chunk-000/file-001.parquet").write_bytes(b"PAR1")
    (copy / "certificate/manifest-sha256.txt").unlink()
    found = {finding.sentence() for finding in verify_dataset(copy).findings}
    assert f"digests: {truth('depth', 'side', 1)}: is missing" in found
    assert f"depth: {truth('depth', 'side', 1)}, episode 1: is missing" in found
    assert "digests: data/chunk-000/file-001.parquet: is not in the certificate" in found
    assert any("manifest-sha256.txt" in sentence for sentence in found)


def test_a_link_in_place_of_a_file_is_named(copy: Path) -> None:
    (copy / DATA).rename(copy.parent / "elsewhere.parquet")
    (copy / DATA).symlink_to(copy.parent / "elsewhere.parquet")
    sentences = [finding.sentence() for finding in verify_dataset(copy, digests_only=True).findings]
    assert sentences == [f"digests: {DATA}: is a link, not the certified file"]


def test_a_flipped_bit_in_a_record_stops_the_stage_that_would_read_it(tmp_path: Path) -> None:
    def run(*, limit: int) -> None:
        sections = {
            "split": SplitSettings(source=source),
            "measure": MeasureSettings(),
            "add": AddSettings(limit=limit),
        }
        run_pipeline(TOY, sections, store, InlineExecutor(TOY_STAGES), Tape(), state)

    source, store, state = tmp_path / "text.txt", Store(tmp_path / "store"), RunState()
    source.write_text("one three five")
    run(limit=1000)
    damaged = next(store.records.glob("*/length.txt"))
    damaged.chmod(0o644)
    flip_bit(damaged)
    with pytest.raises(
        RecordDamaged, match=r"store/records/\w{40}/length\.txt \(measure\).*remove the record's folder"
    ):
        run(limit=999)


def test_a_flipped_bit_anywhere_keeps_a_certificate_from_being_made(tmp_path: Path) -> None:
    root, _ = make_dataset(tmp_path)
    store = tmp_path / "store" / "records"
    shutil.rmtree(next(store.glob("*/certificate")).parent)
    damaged = next(path for path in sorted(store.glob("*/side.mp4")))
    damaged.chmod(0o644)
    content = bytearray(damaged.read_bytes())
    content[900] ^= 1
    damaged.write_bytes(content)
    shutil.rmtree(root)
    with pytest.raises(RecordDamaged, match=r"side\.mp4 \(stage_episodes\)"):
        make_dataset(tmp_path)
