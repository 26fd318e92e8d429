"""Check the images: every frame decodes, none is black or frozen, depth is finite and ids are known."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.lerobot import video_file
from blueprint.pipeline.formats.video import read_frames

LEAST_CONTRAST = 5.0
"""Standard deviation of a frame's 8-bit values below which it counts as black or blank."""
MOST_SATURATED = 0.85
"""Share of pixels with a channel at `SATURATED_LEVEL` or more, above which a frame counts as overexposed."""
SATURATED_LEVEL = 250
LEAST_DEPTH_RANGE_M = 0.05
DESCRIPTION = "ground_truth/description.json"


@dataclass(frozen=True)
class Clip:
    """What decoding one episode's frames of one camera gave."""

    rows: int
    decoded: int
    lowest_contrast: float
    findings: tuple[Finding, ...]


def check_videos(dataset: DatasetFiles) -> Verdict:
    """Decode every video of every episode and look at every frame."""
    findings: list[Finding] = []
    clips: list[Clip] = []
    for episode in dataset.episodes:
        for video in dataset.videos:
            clip = _check_clip(dataset, episode, video)
            findings += clip.findings
            clips.append(clip)
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


def _check_clip(dataset: DatasetFiles, episode: Mapping[str, Any], video: str) -> Clip:
    number, length = int(episode["episode_index"]), int(episode["length"])
    path, start_s = video_file(dataset.root, episode, video)
    file = dataset.relative(path)
    findings: list[Finding] = []
    count, lowest, previous, moving = 0, np.inf, None, False
    try:
        for frame in read_frames(path, start=round(start_s * dataset.fps), count=length):
            lowest = min(lowest, float(frame.std()))
            if fault := _image_fault(frame):
                findings.append(Finding("video", file, fault, number, count))
            moving = moving or (previous is not None and bool((frame != previous).any()))
            previous, count = frame, count + 1
    except ScanError as error:
        findings.append(Finding("video", file, error.problem, number))
    if count != length:
        findings.append(Finding("video", file, f"{count} frames decoded, {length} rows recorded", number, count))
    if count > 1 and not moving:
        findings.append(Finding("video", file, "all frames are the same", number))
    return Clip(length, count, float(lowest) if np.isfinite(lowest) else 0.0, tuple(findings))


def _image_fault(frame: NDArray[np.uint8]) -> str:
    """Say what is wrong with one image, or nothing."""
    if (contrast := float(frame.std())) < LEAST_CONTRAST:
        return f"contrast {contrast:.2f}: black or blank"
    if float((frame >= SATURATED_LEVEL).any(axis=2).mean()) > MOST_SATURATED:
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
        if seen.size == 0 or float(np.ptp(seen)) < LEAST_DEPTH_RANGE_M:
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
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return {}, f"cannot be read: {error}"
