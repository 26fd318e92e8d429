"""Images of a recorded episode: every frame's state is restored and seen by the cameras, after the states are known."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.rollout.recording import Recording
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.protocols import Frame, Sim

from .video import VideoWriter

DEPTH_STEP_M = 1e-4
"""Depth is stored in tenths of a millimetre; 0 is no hit, 65535 is 6.5535 m and beyond."""


def render_episode(
    sim: Sim, recording: Recording, manifest: SceneManifest, cameras: Sequence[str], folder: Path
) -> Iterator[int | dict[str, NDArray[np.uint8]]]:
    """Write `CAM.mp4`, `CAM_depth.npz` and `CAM_instance.npz`; yields frame counts, last the RGB digests (N, 32)."""
    count = recording.frame_count
    shapes = {name: (count, manifest.camera(name).height_px, manifest.camera(name).width_px) for name in cameras}
    depth = {name: np.empty(shape, np.uint16) for name, shape in shapes.items()}
    instance = {name: np.empty(shape, np.uint16) for name, shape in shapes.items()}
    digests = {name: np.empty((count, 32), np.uint8) for name in cameras}
    with ExitStack() as stack:
        videos = {
            name: stack.enter_context(VideoWriter(folder / f"{name}.mp4", width, height, recording.fps))
            for name, (_, height, width) in shapes.items()
        }
        for index, state in enumerate(recording.states):
            sim.restore_state(state)
            for name, frame in sim.render(cameras).items():
                videos[name].add(frame.rgb)
                depth[name][index] = quantised_depth(frame)
                instance[name][index] = frame.instance
                digests[name][index] = np.frombuffer(hashlib.sha256(frame.rgb.tobytes()).digest(), np.uint8)
            yield index + 1
    names = np.array(["background", *sim.instance_names])
    for name in cameras:
        write_arrays(folder / f"{name}_depth.npz", {"depth": depth[name], "step_m": np.float64(DEPTH_STEP_M)})
        narrow = instance[name].astype(np.uint8) if len(names) <= 256 else instance[name]
        write_arrays(folder / f"{name}_instance.npz", {"instance": narrow, "names": names})
    yield digests


def quantised_depth(frame: Frame) -> NDArray[np.uint16]:
    """Return planar depth in steps of `DEPTH_STEP_M`."""
    steps = np.round(frame.depth_m.astype(np.float64) / DEPTH_STEP_M)
    return np.clip(steps, 0, 65535).astype(np.uint16)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[np.generic] | np.generic]) -> None:
    """Write an .npz whose bytes depend on the arrays alone; numpy's own takes five times as long to compress."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(values), allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getbuffer(), zipfile.ZIP_DEFLATED, 1
            )
