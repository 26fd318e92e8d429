"""Ground truth beside the dataset: depth and instance images per episode and camera, each described."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.store import link_file
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.scene.manifests import Camera

CHANNELS = ("depth", "instance")
EPISODES_PER_CHUNK = 1000


def ground_truth_path(channel: str, camera: str, episode: int) -> str:
    """Return where a channel of one episode lies, relative to the dataset's root."""
    chunk = episode // EPISODES_PER_CHUNK
    return f"ground_truth/chunk-{chunk:03d}/{channel}.{camera}/episode_{episode:06d}.npz"


def write_ground_truth(root: Path, episodes: Sequence[Episode], cameras: Sequence[Camera]) -> None:
    """Link the lossless channels of every episode and say what they hold."""
    for index, episode in enumerate(episodes):
        for camera in cameras:
            for channel in CHANNELS:
                source = episode.folder / f"{camera.name}_{channel}.npz"
                link_file(source, root / ground_truth_path(channel, camera.name, index))
    description = {
        "format": "blueprint.ground_truth",
        "version": 1,
        "cameras": [camera.name for camera in cameras],
        "depth": {
            "array": "depth",
            "shape": "frame, row, column",
            "meaning": "planar depth in steps of `step_m` metres; 0 where nothing was hit",
        },
        "instance": {"array": "instance", "shape": "frame, row, column", "meaning": "index into `names`"},
    }
    (root / "ground_truth").mkdir(exist_ok=True)
    (root / "ground_truth" / "description.json").write_bytes(canonical_json(description))
