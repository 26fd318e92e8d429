"""Ground truth beside the dataset: what was written of each camera in each episode, described."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.store import link_file
from blueprint.pipeline.episode.image_channels import CHANNELS, ImageChannel, written_channels
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.scene.manifests import Camera

EPISODES_PER_CHUNK = 1000


def ground_truth_path(channel: str, camera: str, episode: int) -> str:
    """Return where a channel of one episode lies, relative to the dataset's root."""
    chunk = episode // EPISODES_PER_CHUNK
    return f"ground_truth/chunk-{chunk:03d}/{channel}.{camera}/episode_{episode:06d}.npz"


def write_ground_truth(root: Path, episodes: Sequence[Episode], cameras: Sequence[Camera]) -> None:
    """Link the lossless channels of every episode and say what they hold."""
    found: set[str] = set()
    for index, episode in enumerate(episodes):
        for camera in cameras:
            for channel, source in written_channels(episode, camera.name).items():
                link_file(source, root / ground_truth_path(channel, camera.name, index))
                found.add(channel)
    description = {
        "format": "blueprint.ground_truth",
        "version": 1,
        "cameras": [camera.name for camera in cameras],
        **{channel.name: _described(channel) for channel in CHANNELS if channel.name in found},
    }
    (root / "ground_truth").mkdir(exist_ok=True)
    (root / "ground_truth" / "description.json").write_bytes(canonical_json(description))


def _described(channel: ImageChannel) -> dict[str, str]:
    described = {"array": channel.array, "shape": channel.shape, "meaning": channel.meaning}
    return {**described, "beside": channel.beside} if channel.beside else described
