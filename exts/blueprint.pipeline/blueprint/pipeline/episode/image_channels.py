"""What is written of a camera beside its video: a file per channel, described once for all who write or read them."""

from dataclasses import dataclass
from pathlib import Path

from .records import Episode


@dataclass(frozen=True, slots=True)
class ImageChannel:
    """A file `CAM_<name>.npz` of N frames: what its main array means, its shape, and what stands beside it."""

    name: str
    array: str
    shape: str
    meaning: str
    beside: str = ""


CHANNELS = (
    ImageChannel(
        "depth",
        "depth",
        "frame, row, column",
        "planar depth in steps of `step_m` metres; 0 where nothing was hit, the largest number is that far and beyond",
        "step_m",
    ),
    ImageChannel(
        "instance",
        "instance",
        "frame, row, column",
        "index into `names`: the background, the robot, every prop, the room",
        "names; category (its index into `categories`)",
    ),
    ImageChannel("semantic", "semantic", "frame, row, column", "index into `names`, which are categories", "names"),
    ImageChannel(
        "normal",
        "normal",
        "frame, row, column, axis",
        "surface normal in the world's axes in steps of `step`, each part within half a step; 0 where nothing was hit",
        "step",
    ),
    ImageChannel(
        "boxes",
        "box_px",
        "frame, thing, (left, top, right, bottom)",
        "tight box around the visible pixels of a thing, right and bottom exclusive; -1 where it is not seen",
        "names; visible_px and covered_px (frame, thing): pixels seen, and those that would be if nothing hid it, -1 "
        "where that is not known; links, size_m, T_world_box and T_camera_box: box around each link's colliders",
    ),
    ImageChannel(
        "camera",
        "K",
        "frame, row, column",
        "pinhole intrinsics in pixels, the centre of the upper left pixel at (0.5, 0.5)",
        "T_world_camera (frame, 4, 4), looking along -Z with +Y up; size_px (width, height)",
    ),
)


def channel_file(camera: str, channel: str) -> str:
    """Return the file of a camera's channel in an episode's folder."""
    return f"{camera}_{channel}.npz"


def written_channels(episode: Episode, camera: str) -> dict[str, Path]:
    """Return the channels that an episode has of a camera, and their files."""
    files = {channel.name: episode.folder / channel_file(camera, channel.name) for channel in CHANNELS}
    return {name: file for name, file in files.items() if file.is_file()}
