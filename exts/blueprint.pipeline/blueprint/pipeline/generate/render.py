"""Images of a recorded episode: every frame's state is restored and seen by the cameras, after the states are known."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.image_liveness import Dead
from blueprint.pipeline.rollout.recording import Recording
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.protocols import Sim

from .album import Album, Things
from .boxes import LinkBoxes
from .video import Film, FilmWriter

Corners = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False, slots=True)
class Rendered:
    """Digests of the rendered RGB images per camera (N, 32), and what their files show to be dead."""

    digests: Mapping[str, NDArray[np.uint8]]
    dead: tuple[Dead, ...]


def render_episode(
    sim: Sim,
    recording: Recording,
    manifest: SceneManifest,
    cameras: Sequence[str],
    folder: Path,
    channels: Collection[str] = ("depth", "instance"),
    corners_m: Corners | None = None,
) -> Iterator[int | Rendered]:
    """Write `CAM.mp4`, the camera itself and the chosen channels of each camera; yields frame counts, last the rest.

    `corners_m` are points around every link, in its frame, for three-dimensional boxes.
    """
    things = Things.of_scene(manifest, sim.instance_names)
    albums = {
        name: Album(sim.camera(name), recording.frame_count, frozenset(channels), things, folder) for name in cameras
    }
    films = [Film(folder / f"{name}.mp4", *album.size_px) for name, album in albums.items()]
    digests = {name: np.empty((recording.frame_count, 32), np.uint8) for name in cameras}
    with FilmWriter(films, recording.fps) as writer:
        for index, state in enumerate(recording.states):
            sim.restore_state(state)
            frames = sim.render(cameras, covered="boxes" in channels)
            writer.add([frames[name].rgb for name in cameras])
            for name in cameras:
                albums[name].add(index, frames[name], sim.camera_pose(name))
                digests[name][index] = np.frombuffer(hashlib.sha256(frames[name].rgb.data).digest(), np.uint8)
            yield index + 1
    links = LinkBoxes.around(corners_m or {}, recording.layout.body_names)
    for album in albums.values():
        album.write(links, recording)
    yield Rendered(digests, tuple(dead for album in albums.values() for dead in album.check()))
