"""Check the images: every frame decodes, none is black or frozen, depth is finite and ids are known."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.binding import Changes, binding_fault, colour_changes, id_changes
from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.certify.statistics import compare_images, episode_claims, image_tolerance
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.lerobot import STATS_PATH, read_statistics, video_file
from blueprint.pipeline.formats.lerobot_statistics import LEVELS, image_histogram
from blueprint.pipeline.formats.video import read_frames

LEAST_CONTRAST = 2.5
"""Standard deviation of a frame's 8-bit values below which it counts as black or blank."""
MOST_SATURATED = 0.85
"""Share of pixels with a channel at `SATURATED_LEVEL` or more, above which a frame counts as overexposed."""
SATURATED_LEVEL = 250
LEAST_DEPTH_RANGE_M = 0.05
FILLED_FROM_M = 0.5
"""A plane nearer than this may fill a whole frame."""
DESCRIPTION = "ground_truth/description.json"


@dataclass(frozen=True)
class Clip:
    """What decoding one episode's frames of one camera gave."""

    rows: int
    decoded: int
    lowest_contrast: float
    histogram: NDArray[np.int64]
    findings: tuple[Finding, ...]


def check_videos(dataset: DatasetFiles) -> Verdict:
    """Decode every video of every episode, look at every frame and measure all of them again."""
    findings: list[Finding] = []
    clips: list[Clip] = []
    tolerance = image_tolerance(dataset)
    totals = {video: np.zeros((3, LEVELS), dtype=np.int64) for video in dataset.videos}
    for episode in dataset.episodes:
        for video in dataset.videos:
            clip = _check_clip(dataset, episode, video, tolerance)
            findings += clip.findings
            totals[video] += clip.histogram
            clips.append(clip)
    claims = read_statistics(dataset.root)
    for video, total in totals.items():
        findings += compare_images(total, claims.get(video, {}), tolerance, video=video, file=STATS_PATH)
    if not clips:
        return Verdict("video", "nothing", (Finding("video", "videos", "there is none"),), {})
    frames = sum(clip.decoded for clip in clips)
    measures = {
        "decoded_frames": float(frames),
        "lost_frames": float(sum(abs(clip.rows - clip.decoded) for clip in clips)),
        "live_sensor_share": float(np.mean([not clip.findings for clip in clips])),
        "lowest_contrast": min(clip.lowest_contrast for clip in clips),
    }
    return Verdict("video", f"{frames} frames decoded", tuple(findings), measures)


def _check_clip(dataset: DatasetFiles, episode: Mapping[str, Any], video: str, tolerance: float) -> Clip:
    number, length = int(episode["episode_index"]), int(episode["length"])
    path, start_s = video_file(dataset.root, episode, video)
    file = dataset.relative(path)
    seen = _Seen(file, number)
    try:
        for frame in read_frames(path, start=round(start_s * dataset.fps), count=length):
            seen.look_at(frame)
    except ScanError as error:
        seen.find(error.problem)
    if seen.count != length:
        seen.find(f"{seen.count} frames decoded, {length} rows recorded", seen.count)
    elif seen.count > 1 and not seen.moving:
        seen.find("all frames are the same")
    else:
        seen.findings += _bind(dataset, file, video.rpartition(".")[2], number, seen.changes)
        claimed = episode_claims(episode, video)
        seen.findings += compare_images(seen.histogram, claimed, tolerance, video=video, file=file, episode=number)
    lowest = float(seen.lowest) if np.isfinite(seen.lowest) else 0.0
    return Clip(length, seen.count, lowest, seen.histogram, tuple(seen.findings))


class _Seen:
    """What has been seen of one clip so far."""

    def __init__(self, file: str, episode: int) -> None:
        self.file, self.episode, self.count, self.lowest, self.moving = file, episode, 0, np.inf, False
        self.findings: list[Finding] = []
        self.changes: list[Changes] = []
        self.histogram = np.zeros((3, LEVELS), dtype=np.int64)
        self._last: NDArray[np.uint8] | None = None

    def find(self, message: str, frame: int | None = None) -> None:
        """Note a finding."""
        self.findings.append(Finding("video", self.file, message, self.episode, frame))

    def look_at(self, frame: NDArray[np.uint8]) -> None:
        """Take in the next frame."""
        counts = image_histogram([frame])
        contrast = _contrast(counts)
        self.lowest, self.histogram = min(self.lowest, contrast), self.histogram + counts
        if fault := _image_fault(frame, contrast):
            self.find(fault, self.count)
        if self._last is not None:
            self.moving = self.moving or bool((frame != self._last).any())
            self.changes.append(colour_changes(self._last, frame))
        self._last, self.count = frame, self.count + 1


def _bind(dataset: DatasetFiles, file: str, camera: str, episode: int, changes: list[Changes]) -> list[Finding]:
    """Compare what moves in the pictures with what moves in the ids; unreadable ids are found where ids are checked."""
    arrays, fault = _arrays(dataset.root / _clip_file("instance", camera, episode))
    if fault or not changes:
        return []
    problem = binding_fault(np.stack(changes), id_changes(arrays["instance"]))
    return [Finding("binding", file, problem, episode)] if problem else []


def _contrast(counts: NDArray[np.int64]) -> float:
    """Return the standard deviation of all values of an image, given its histogram (3, 256)."""
    values, total = counts.sum(axis=0), counts.sum()
    levels = np.arange(LEVELS)
    mean = float(values @ levels) / total
    return float(np.sqrt((values @ (levels - mean) ** 2) / total))


def _image_fault(frame: NDArray[np.uint8], contrast: float) -> str:
    """Say what is wrong with one image, or nothing."""
    if contrast < LEAST_CONTRAST:
        return f"contrast {contrast:.2f}: black or blank"
    red, green, blue = (frame[..., channel] >= SATURATED_LEVEL for channel in range(3))
    if float((red | green | blue).mean()) > MOST_SATURATED:
        return "overexposed"
    return ""


def check_depth_and_ids(dataset: DatasetFiles) -> Verdict:
    """Look at every lossless depth and instance image."""
    path = dataset.root / DESCRIPTION
    if not path.is_file():
        return Verdict("depth and ids", "nothing", (Finding("depth", DESCRIPTION, "is missing"),), {})
    description = json.loads(path.read_bytes())
    findings: list[Finding] = []
    shares: list[float] = []
    for episode in dataset.episodes:
        for camera in description["cameras"]:
            number = int(episode["episode_index"])
            findings += _check_ids(dataset, camera, number, episode["length"])
            found, share = _check_depth(dataset, camera, number, episode["length"])
            findings += found
            shares.append(share)
    measures = {"lowest_share_of_depth_hits": min(shares)} if shares else {}
    return Verdict("depth and ids", f"{len(shares)} clips", tuple(findings), measures)


def _check_depth(dataset: DatasetFiles, camera: str, episode: int, length: int) -> tuple[list[Finding], float]:
    file = _clip_file("depth", camera, episode)
    arrays, fault = _arrays(dataset.root / file)
    if fault:
        return [Finding("depth", file, fault, episode)], 0.0
    depth = arrays["depth"].astype(np.float64)
    step_m = float(arrays["step_m"])
    findings: list[Finding] = []
    if len(depth) != length:
        findings.append(Finding("depth", file, f"{len(depth)} frames, {length} rows", episode))
    if not np.isfinite(depth).all():
        findings.append(Finding("depth", file, "is not finite", episode))
    hits = depth > 0
    for frame in range(len(depth)):
        seen = depth[frame][hits[frame]] * step_m
        # A camera in the hand right before a door sees nothing else.
        filled = seen.size == depth[frame].size and float(seen.max()) < FILLED_FROM_M
        if seen.size == 0 or (float(np.ptp(seen)) < LEAST_DEPTH_RANGE_M and not filled):
            findings.append(Finding("depth", file, "shows nothing or one plane", episode, frame))
            break
    return findings, float(hits.mean())


def _check_ids(dataset: DatasetFiles, camera: str, episode: int, length: int) -> list[Finding]:
    file = _clip_file("instance", camera, episode)
    arrays, fault = _arrays(dataset.root / file)
    if fault:
        return [Finding("instance ids", file, fault, episode)]
    ids = arrays["instance"]
    findings: list[Finding] = []
    if len(ids) != length:
        findings.append(Finding("instance ids", file, f"{len(ids)} frames, {length} rows", episode))
    if ids.size and int(ids.max()) >= len(arrays["names"]):
        findings.append(Finding("instance ids", file, f"id {int(ids.max())} has no name", episode))
    if len(np.unique(ids)) < 2:
        findings.append(Finding("instance ids", file, "holds a single id", episode))
    return findings


def _clip_file(channel: str, camera: str, episode: int) -> str:
    return f"ground_truth/chunk-{episode // 1000:03d}/{channel}.{camera}/episode_{episode:06d}.npz"


def _arrays(path: Path) -> tuple[dict[str, Any], str]:
    """Return the arrays of a file, or what is wrong with it."""
    if not path.is_file():
        return {}, "is missing"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays), ""
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        return {}, f"cannot be read: {error}"
