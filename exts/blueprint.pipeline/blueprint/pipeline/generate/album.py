"""The files of one camera beside its video: filled frame by frame, written at the end, then looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.image_channels import channel_file
from blueprint.pipeline.episode.image_liveness import (
    INSIDE_M,
    Dead,
    check_depth,
    check_ids,
    check_normals,
    check_rgb,
    filled_from_close,
)
from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.rollout.recording import Recording
from blueprint.pipeline.scene.manifests import Camera, SceneManifest
from blueprint.pipeline.scene.poses import Pose, rotation_from_quat
from blueprint.pipeline.sims.protocols import Frame

from .boxes import LinkBoxes, Seen, boxes_of_ids
from .image_arrays import DEPTH_STEP_M, NORMAL_STEP, quantised_depth, quantised_normal, write_arrays

BACKGROUND = "background"
LOOKED_AT = slice(None, None, 2)
"""Every second row and column is looked at when pictures are checked: what is dead is dead in all."""


@dataclass(frozen=True, slots=True)
class Things:
    """What ids mean: names by instance id, categories, and the category of each instance id."""

    names: tuple[str, ...]
    categories: tuple[str, ...]
    category: tuple[int, ...]

    @classmethod
    def of_scene(cls, manifest: SceneManifest, instance_names: Sequence[str]) -> "Things":
        """Number the things of a scene; robot and room are categories of their own."""
        known = {entry.prop.id: entry.prop.category for entry in manifest.props}
        own = [BACKGROUND, *(known.get(name, name) for name in instance_names)]
        categories = (BACKGROUND, *sorted(set(own) - {BACKGROUND}))
        return cls((BACKGROUND, *instance_names), categories, tuple(categories.index(name) for name in own))


class Album:
    """One camera's frames as they will be stored."""

    def __init__(self, camera: Camera, count: int, channels: frozenset[str], things: Things, folder: Path) -> None:
        self._camera, self._channels, self._things, self._folder = camera, channels, things, folder
        shape = (count, camera.height_px, camera.width_px)
        narrow = np.uint8 if len(things.names) <= 256 else np.uint16
        self._poses = np.empty((count, 4, 4))
        self._depth = np.empty(shape if "depth" in channels else 0, np.uint16)
        # Boxes and semantic ids come from instance ids.
        self._ids = np.empty(shape if channels & {"instance", "semantic", "boxes"} else 0, narrow)
        self._normal = np.empty((*shape, 3) if "normal" in channels else 0, np.int8)
        self._seen: list[Seen] = []

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self._camera.width_px, self._camera.height_px

    def add(self, index: int, frame: Frame, T_world_camera: Pose) -> None:
        """Take what a frame shows."""
        self._poses[index] = T_world_camera.matrix()
        if self._depth.size:
            self._depth[index] = quantised_depth(frame.depth_m)
        if self._ids.size:
            self._ids[index] = frame.instance
        if self._normal.size and frame.normal is not None:
            self._normal[index] = quantised_normal(frame.normal)
        if "boxes" in self._channels:
            self._seen.append(boxes_of_ids(frame.instance, frame.covered, len(self._things.names) - 1))

    def write(self, links: LinkBoxes, recording: Recording) -> None:
        """Write the files."""
        names, categories = np.array(self._things.names), np.array(self._things.categories)
        category = np.array(self._things.category, dtype=np.uint16)
        self._put("camera", self._intrinsics())
        if "depth" in self._channels:
            self._put("depth", {"depth": self._depth, "step_m": np.float64(DEPTH_STEP_M)})
        if "instance" in self._channels:
            ids = {"instance": self._ids, "names": names, "category": category, "categories": categories}
            self._put("instance", ids)
        if "semantic" in self._channels:
            narrow = category.astype(np.uint8) if len(categories) <= 256 else category
            self._put("semantic", {"semantic": narrow[self._ids], "names": categories})
        if "normal" in self._channels:
            self._put("normal", {"normal": self._normal, "step": np.float64(NORMAL_STEP)})
        if "boxes" in self._channels:
            self._put("boxes", {"names": names[1:], **self._boxes(links, recording)})

    def check(self) -> list[Dead]:
        """Read the video back and look at all that was stored, every second row and column of it."""
        name, every = self._camera.name, (slice(None), LOOKED_AT, LOOKED_AT)
        video = np.stack([frame[LOOKED_AT, LOOKED_AT] for frame in read_frames(self._folder / f"{name}.mp4")])
        depth_m = self._depth[every].astype(np.float32) * np.float32(DEPTH_STEP_M) if self._depth.size else None
        dead = check_rgb(name, video)
        if len(video) != len(self._poses):
            dead.append(Dead(name, "rgb", len(video), f"{len(video)} of {len(self._poses)} frames can be decoded"))
        if depth_m is not None:
            dead += check_depth(name, depth_m)
        if self._ids.size:
            filled = filled_from_close(depth_m, INSIDE_M) if depth_m is not None else None
            dead += check_ids(name, self._ids[every], len(self._things.names), filled=filled)
        if self._normal.size:
            filled = filled_from_close(depth_m) if depth_m is not None else None
            dead += check_normals(name, self._normal[every].astype(np.float32) * np.float32(NORMAL_STEP), filled)
        return dead

    def _put(self, channel: str, arrays: dict[str, Any]) -> None:
        write_arrays(self._folder / channel_file(self._camera.name, channel), arrays)

    def _intrinsics(self) -> dict[str, NDArray[Any]]:
        width, height = self.size_px
        focal = self._camera.focal_px
        K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
        sizes = np.array([width, height], dtype=np.int32)
        return {"K": np.tile(K, (len(self._poses), 1, 1)), "T_world_camera": self._poses, "size_px": sizes}

    def _boxes(self, links: LinkBoxes, recording: Recording) -> dict[str, NDArray[Any]]:
        rows = [recording.layout.body_names.index(link) for link in links.links]
        position = np.stack([observation.body_position_m[rows] for observation in recording.observations])
        quats = np.stack([observation.body_quat_wxyz[rows] for observation in recording.observations])
        rotation = np.array([[rotation_from_quat(quat) for quat in frame] for frame in quats])
        T_world_box = links.placed(position, rotation.reshape(*quats.shape[:2], 3, 3))
        return {
            "box_px": np.stack([seen.box_px for seen in self._seen]),
            "visible_px": np.stack([seen.visible_px for seen in self._seen]),
            "covered_px": np.stack([seen.covered_px for seen in self._seen]),
            "links": np.array(links.links),
            "size_m": links.size_m,
            "T_world_box": T_world_box,
            "T_camera_box": np.linalg.inv(self._poses)[:, None] @ T_world_box,
        }
