"""What can be done to a dataset: by accident, or by a forger who makes digests and statistics fit again."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from tests.datasets import CAMERAS, FRAMES, write_video

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.digests import CERTIFICATE_FILE, MANIFEST_FILE, manifest_lines
from blueprint.pipeline.certify.verify import figures_of, measure_dataset
from blueprint.pipeline.engine.digests import canonical_json, digest_files
from blueprint.pipeline.formats.lerobot_statistics import (
    column_statistics,
    image_histogram,
    image_statistics,
)
from blueprint.pipeline.formats.video import read_frames

DATA = "data/chunk-000/file-000.parquet"
EPISODES = "meta/episodes/chunk-000/file-000.parquet"


def video(camera: str) -> str:
    """Return the file of a camera."""
    return f"videos/observation.images.{camera}/chunk-000/file-000.mp4"


def states(episode: int) -> str:
    """Return the file of an episode's recorded states."""
    return f"sources/episodes/episode_{episode:06d}/states.h5"


def truth(channel: str, camera: str, episode: int) -> str:
    """Return a file of depth or ids."""
    return f"ground_truth/chunk-000/{channel}.{camera}/episode_{episode:06d}.npz"


def replace_bytes(path: Path, content: bytes) -> None:
    """Give a file other bytes without touching those that are linked elsewhere."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def flip_bit(path: Path, share: float = 0.5) -> None:
    """Flip one bit."""
    content = bytearray(path.read_bytes())
    content[int(share * len(content))] ^= 0x10
    replace_bytes(path, bytes(content))


def zero_block(path: Path, size: int = 4096) -> None:
    """Zero a block in the middle of a file."""
    content = bytearray(path.read_bytes())
    start = (len(content) - size) // 2
    content[start : start + size] = bytes(size)
    replace_bytes(path, bytes(content))


def edit_table(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the columns of a parquet file, as lists; sound checksums are written."""
    table = pq.read_table(path)
    columns = table.to_pydict()
    change(columns)
    made = pa.table({name: pa.array(columns[name], table.schema.field(name).type) for name in columns})
    with pq.ParquetWriter(path, made.schema, compression="snappy", write_page_checksum=True) as writer:
        writer.write_table(made)


def edit_column(root: Path, name: str, change: Callable[[NDArray[Any]], None]) -> None:
    """Change one column of the data as an array."""

    def apply(columns: dict[str, Any]) -> None:
        values = np.array(columns[name])
        change(values)
        columns[name] = values.tolist()

    edit_table(root / DATA, apply)


def edit_states(
    root: Path, episode: int, name: str, change: Callable[[NDArray[Any]], None], *, group: str = "blueprint/frames"
) -> None:
    """Change one recorded channel."""
    with h5py.File(root / states(episode), "r+") as file:
        values = file[f"{group}/{name}"][()]
        change(values)
        file[f"{group}/{name}"][...] = values


def take_rows_from_states(root: Path, episode: int, column: str, channel: str) -> None:
    """Make the rows of one episode what its recorded states say."""
    with h5py.File(root / states(episode)) as file:
        recorded = file[f"blueprint/frames/{channel}"][()].astype(np.float32)

    def take(columns: dict[str, Any]) -> None:
        columns[column][episode * FRAMES : (episode + 1) * FRAMES] = recorded.tolist()

    edit_table(root / DATA, take)


def edit_json(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file."""
    content = json.loads(path.read_bytes())
    change(content)
    replace_bytes(path, canonical_json(content))


def edit_arrays(path: Path, **changed: NDArray[Any]) -> None:
    """Change arrays of an .npz file."""
    with np.load(path) as stored:
        arrays: Mapping[str, Any] = {**dict(stored), **changed}
    np.savez_compressed(path, **arrays)


def frames_of(root: Path, camera: str) -> NDArray[np.uint8]:
    """Decode a whole video file."""
    return np.stack(list(read_frames(root / video(camera))))


def film(root: Path, camera: str, frames: NDArray[np.uint8]) -> None:
    """Encode a whole video file again."""
    (root / video(camera)).unlink()
    write_video(root / video(camera), frames)


def swap_cameras(root: Path) -> None:
    """Exchange the two cameras' videos."""
    first, second = (root / video(camera) for camera in CAMERAS)
    aside = first.with_suffix(".aside")
    os.replace(first, aside)
    os.replace(second, first)
    os.replace(aside, second)


def shift_video(root: Path, camera: str, frames: int = 5) -> None:
    """Let every picture of every episode come some frames late; the first one stands still until then."""
    pictures = frames_of(root, camera).reshape(-1, FRAMES, *frames_of(root, camera).shape[1:])
    late = np.concatenate([np.repeat(pictures[:, :1], frames, axis=1), pictures[:, :-frames]], axis=1)
    film(root, camera, late.reshape(-1, *late.shape[2:]))


def forge_statistics(root: Path) -> None:
    """Measure all statistics again, of whatever is there now."""
    dataset = DatasetFiles(root)
    rows = [dataset.columns(episode) for episode in dataset.episodes]
    measures = [{name: column_statistics(row[name]) for name in dataset.features} for row in rows]
    total = {name: column_statistics(np.concatenate([row[name] for row in rows])) for name in dataset.features}
    for camera in CAMERAS:
        pictures = frames_of(root, camera).reshape(len(rows), FRAMES, 64, 64, 3)
        for number, clip in enumerate(pictures):
            measures[number][f"observation.images.{camera}"] = image_statistics(image_histogram(clip), FRAMES)
        histogram = image_histogram(pictures.reshape(-1, 64, 64, 3))
        total[f"observation.images.{camera}"] = image_statistics(histogram, len(rows) * FRAMES)

    def claim(columns: dict[str, Any]) -> None:
        for number, entry in enumerate(measures):
            for name, values in entry.items():
                for measure, value in values.items():
                    columns[f"stats/{name}/{measure}"][number] = value.tolist()

    edit_table(root / EPISODES, claim)
    plain = {name: {key: value.tolist() for key, value in values.items()} for name, values in total.items()}
    replace_bytes(root / "meta/stats.json", canonical_json(plain))


def forge_certificate(root: Path) -> None:
    """Make digests, manifest and claimed figures fit what is there now."""
    (root / MANIFEST_FILE).unlink(missing_ok=True)
    certificate = json.loads((root / CERTIFICATE_FILE).read_bytes())
    (root / CERTIFICATE_FILE).unlink()
    certificate["files"] = digest_files(root)
    certificate["figures"] = figures_of(measure_dataset(DatasetFiles(root)))
    (root / CERTIFICATE_FILE).write_bytes(canonical_json(certificate))
    (root / MANIFEST_FILE).write_text(manifest_lines(certificate["files"]))
