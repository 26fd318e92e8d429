"""Write `states.h5`: Isaac Sim's episode-recorder layout (schema 2) for poses and cameras, and our own group beside it.

Isaac Sim replays the file as it is; the group `blueprint/` lies outside the manifest, so its reader does not see it.
The bytes depend on the recorded states alone: the dates that the schema asks for count from 1970. Nothing is
compressed: three quarters of a file are the engine's float64 states, whose last digits are noise, and saving a quarter
of their bytes took a third of the time that the physics itself takes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.hand_senses import robot_touch
from blueprint.pipeline.episode.phases import PHASE_NAMES
from blueprint.pipeline.episode.states import (
    CORNERS,
    CTRL_BEFORE,
    FORMAT,
    LINKS,
    NOTES,
    PIECE_LINKS,
    PIECE_NUMBERS,
    PIECES,
    VERSION,
)
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.rollout.recording import Recording, camera_poses
from blueprint.pipeline.scene.manifests import Camera, SceneManifest
from blueprint.pipeline.sims.model import ROBOT, CompiledModel

from .witness import Witnessed

SCHEMA_VERSION = 2
_APERTURE_MM = 20.955
_CLIPPING_M = (0.01, 100.0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False, slots=True)
class Sources:
    """What a recording is written with.

    The scene, the verdict, digests of rendered images per camera (N, 32), and the shapes from which the outcome can be
    judged again.
    """

    manifest: SceneManifest
    compiled: CompiledModel
    success: bool
    metadata: Mapping[str, Any]
    image_sha256: Mapping[str, NDArray[np.uint8]]
    geometry: Geometry


def write_states(path: Path, recording: Recording, seen: Witnessed, sources: Sources) -> None:
    """Write one episode."""
    track = seen.track
    with h5py.File(path, "w", libver=("v110", "v110"), track_order=False) as file:
        _write_isaac(file, recording, track, sources)
        group = file.create_group("blueprint")
        _describe_group(group, recording, track, sources.compiled)
        _write_geometry(group.create_group("geometry"), sources.geometry)
        _write_channels(group.create_group("frames"), {**_frame_channels(recording, track, sources), **_felt(seen)})
        if recording.raw:
            _write_channels(group.create_group("physics"), _physics_channels(recording))


# --- Isaac Sim's part


def _write_isaac(file: h5py.File, recording: Recording, track: Track, sources: Sources) -> None:
    tracks = _tracks(recording, track, sources)
    end = _EPOCH + timedelta(seconds=float(track.time_s[-1] - track.time_s[0]))
    file.attrs["schema_version"] = SCHEMA_VERSION
    file.attrs["created_at"] = _EPOCH.isoformat()
    file.attrs["num_episodes"] = 1
    file.attrs["tool_version"] = "blueprint.pipeline"
    manifest = {
        "tracks": [declared for declared, _ in tracks],
        "session": {"scene": sources.manifest.id, "stage": "scene.usda"},
        "sampling": {"mode": "physics_post_step", "decimation": recording.substeps},
        "coord_conventions": {"quaternion_order": "wxyz", "position_units": "meters", "angle_units": "radians"},
    }
    for name, value in manifest.items():
        file.create_dataset(f"manifest/{name}", data=json.dumps(value, sort_keys=True))
    episode = file.create_group("episodes/episode_00000")
    attributes = {
        "episode_index": 0,
        "started_at": _EPOCH.isoformat(),
        "ended_at": end.isoformat(),
        "num_frames": track.frame_count,
        "success": sources.success,
        "user_metadata": json.dumps(dict(sources.metadata), sort_keys=True),
    }
    for name, value in attributes.items():
        episode.attrs[name] = value
    for declared, channels in tracks:
        for name, (values, notes) in channels.items():
            _put(episode, f"{declared['group']}/{name}", values, notes)


Channel = tuple[NDArray[Any], Mapping[str, Any]]
_POSITION = {"units": "m", "space": "world"}
_ORIENTATION = {"space": "world", "quaternion_order": "wxyz"}


def _tracks(recording: Recording, track: Track, sources: Sources) -> list[tuple[dict[str, Any], Mapping[str, Channel]]]:
    tracks: list[tuple[dict[str, Any], Mapping[str, Channel]]] = [_time_track(recording, track)]
    rows = {name: row for row, name in enumerate(recording.layout.body_names)}
    position, quat = track.body_position_m.astype(np.float32), track.body_quat_wxyz.astype(np.float32)
    robot = [body for body in sources.compiled.bodies if body.name.startswith(f"{ROBOT}/")]
    joined = {ROBOT: (sources.manifest.robot.prim_path, robot)}
    for entry in sources.manifest.props:
        links = [body for body in sources.compiled.bodies if body.name.split("/", 1)[0] == entry.prop.id]
        if entry.prop.joints:
            joined[entry.prop.id] = (entry.prim_path, links)
            continue
        for body in (link for link in links if not link.fixed):
            declared = {
                "type": "rigid_body",
                "group": f"rigid_{body.name.replace('/', '_')}",
                "prim_path": body.prim_path,
            }
            row = rows[body.name]
            tracks.append(
                (declared, {"position": (position[:, row], _POSITION), "orientation": (quat[:, row], _ORIENTATION)})
            )
    for name, (prim_path, links) in joined.items():
        declared = {
            "type": "articulation",
            "group": f"articulation_{name}",
            "prim_path": prim_path,
            "include_root": True,
            "link_paths": [link.prim_path for link in links],
        }
        chosen = [rows[link.name] for link in links]
        channels = {"positions": (position[:, chosen], _POSITION), "orientations": (quat[:, chosen], _ORIENTATION)}
        tracks.append((declared, channels))
    cameras = recording.layout.camera_names
    tracks += [_camera_track(sources.manifest.camera(name), recording, track) for name in cameras]
    return tracks


def _time_track(recording: Recording, track: Track) -> tuple[dict[str, Any], Mapping[str, Channel]]:
    time_s = track.time_s
    step = np.round(time_s / recording.dt_s).astype(np.int64)
    # Nothing ran against a wall clock that a reader could use; the schema asks for a column.
    channels = {
        "sim_time": (time_s, {"units": "s"}),
        "physics_step": (step, {}),
        "wall_time": (time_s - time_s[0], {"units": "s"}),
    }
    return {"type": "sim_time", "group": "sim_time"}, channels


def _camera_track(camera: Camera, recording: Recording, track: Track) -> tuple[dict[str, Any], Mapping[str, Channel]]:
    position, quat = camera_poses(recording, track, camera.name)
    count = len(position)
    lens = {
        "focal_length": _APERTURE_MM * camera.focal_px / camera.width_px,
        "horizontal_aperture": _APERTURE_MM,
        "vertical_aperture": _APERTURE_MM * camera.height_px / camera.width_px,
    }
    channels: dict[str, Channel] = {
        "position": (position.astype(np.float32), _POSITION),
        "orientation": (quat.astype(np.float32), _ORIENTATION),
        **{name: (np.full(count, value, np.float32), {"units": "mm"}) for name, value in lens.items()},
        "clipping_range": (np.tile(np.array(_CLIPPING_M, np.float32), (count, 1)), {"units": "m"}),
    }
    declared = {
        "type": "camera",
        "group": f"camera_{camera.name}",
        "prim_path": camera.prim_path,
        "resolution": [camera.width_px, camera.height_px],
    }
    return declared, channels


# --- our part


def _describe_group(group: h5py.Group, recording: Recording, track: Track, compiled: CompiledModel) -> None:
    layout = recording.layout
    command = [*layout.robot.arm.joints, *layout.robot.gripper.joints]
    group.attrs["format"], group.attrs["version"] = FORMAT, VERSION
    group.attrs["fps"], group.attrs["substeps"] = recording.fps, recording.substeps
    group.attrs["physics_hz"] = round(1 / recording.dt_s)
    # Where each joint stands in the engine's own coordinates.
    group.attrs["joint_qpos_rows"] = json.dumps([compiled.joint(name).qpos_address for name in layout.joint_names])
    lists = {
        "joint_names": layout.joint_names,
        "command_names": command,
        "body_names": track.body_names,
        "prop_names": layout.prop_names,
        "camera_names": layout.camera_names,
        "phase_names": PHASE_NAMES,
    }
    for name, values in lists.items():
        group.attrs[name] = json.dumps(list(values))


def _frame_channels(recording: Recording, track: Track, sources: Sources) -> dict[str, Channel]:
    layout, joints = recording.layout, {"names": list(recording.layout.joint_names)}
    command = {"names": [*layout.robot.arm.joints, *layout.robot.gripper.joints]}
    props = {"space": "world", "names": list(layout.prop_names)}
    bodies = {"names": list(track.body_names)}
    world, turned = {"unit": "m", "space": "world"}, {"space": "world", "quaternion_order": "wxyz"}
    single, row = np.float32, np.int16
    channels: dict[str, Channel] = {
        "time_s": (track.time_s - track.time_s[0], {"unit": "s"}),
        "phase": (track.phase.astype(row), {"names": list(PHASE_NAMES)}),
        "joint_position": (track.joint_position, {"unit": "rad or m", **joints}),
        "joint_velocity": (track.joint_velocity, {"unit": "rad/s or m/s", **joints}),
        "joint_effort": (track.joint_effort, {"unit": "N m or N", **joints}),
        "command": (track.command, {"unit": "rad or m", **command}),
        "tcp_position_m": (track.tcp_position_m, world),
        "tcp_quat_wxyz": (track.tcp_quat_wxyz, turned),
        "gripper_width_m": (track.gripper_width_m, {"unit": "m"}),
        "prop_position_m": (track.prop_position_m, {"unit": "m", **props}),
        "prop_quat_wxyz": (track.prop_quat_wxyz, {"quaternion_order": "wxyz", **props}),
        "body_position_m": (track.body_position_m, {**world, **bodies}),
        "body_quat_wxyz": (track.body_quat_wxyz, {**turned, **bodies}),
        "contact_offset": (track.contact_offset.astype(np.int32), {"of": "the first contact of each frame"}),
        "contact_first": (track.contact_first.astype(row), bodies),
        "contact_second": (track.contact_second.astype(row), bodies),
        "contact_position_m": (track.contact_position_m.astype(single), world),
        "contact_normal": (track.contact_normal.astype(single), {"space": "world", "of": "from first to second"}),
        "contact_force_n": (track.contact_force_n.astype(single), {"unit": "N", "space": "world", "on": "second"}),
        "contact_depth_m": (track.contact_depth_m.astype(single), {"unit": "m"}),
        "peak_offset": (track.peak_offset.astype(np.int32), {"of": "the first peak of each frame"}),
        "peak_first": (track.peak_first.astype(row), bodies),
        "peak_second": (track.peak_second.astype(row), bodies),
        "peak_force_n": (track.peak_force_n.astype(single), {"unit": "N", "of": "steps from a frame to the next"}),
    }
    for camera in layout.camera_names:
        position, quat = camera_poses(recording, track, camera)
        channels[f"camera/{camera}/position_m"] = (position, world)
        channels[f"camera/{camera}/quat_wxyz"] = (quat, turned)
    for camera, digests in sources.image_sha256.items():
        channels[f"source_sha256/{camera}"] = (digests, {"of": "RGB image before encoding, rows top to bottom"})
    return channels


def _felt(seen: Witnessed) -> dict[str, Channel]:
    """Return what the hand felt and what the task's terms say, per frame."""
    senses, fingers = seen.senses, {"names": list(seen.hand.fingers)}
    pad = {"space": "pad", "axes": "x, z of the tool frame, from the pad's middle", **fingers}
    return {
        "ee_wrench": (senses.wrench, {"unit": "N, N m", "space": "tool", "links": list(seen.hand.links)}),
        "finger_force_n": (senses.finger_force_n, {"unit": "N", "space": "tool", **fingers}),
        "pad_force_n": (senses.pad_force_n, {"unit": "N", "of": "normal forces", **fingers}),
        "pad_center_m": (senses.pad_center_m, {"unit": "m", **pad}),
        "pad_extent_m": (senses.pad_extent_m, {"unit": "m", **pad}),
        "pad_count": (senses.pad_count.astype(np.int16), {"of": "contact points", **fingers}),
        "robot_touch": (robot_touch(seen.judged.touches), {"names": ["force_n", "count"], "of": "all of the robot"}),
        "reward": (seen.reward, {"of": "the task's terms in this frame"}),
        "done": (seen.done, {"of": "the task's ends by this frame"}),
    }


_PHYSICS_UNITS = {
    "time_s": "s",
    "qpos": "rad, m or quaternion wxyz",
    "qvel": "rad/s or m/s",
    "qacc_warmstart": "rad/s2 or m/s2",
    "ctrl": "rad or m",
    "actuator_force": "N m or N",
}


def _physics_channels(recording: Recording) -> dict[str, Channel]:
    instant = {"instant": "before the step"}
    parts = recording.raw_channels().items()
    channels: dict[str, Channel] = {name: (rows, {"unit": _PHYSICS_UNITS[name], **instant}) for name, rows in parts}
    if recording.opening is not None:
        opening = recording.raw_parts(recording.opening[None])["ctrl"]
        channels[CTRL_BEFORE] = (opening, {"unit": _PHYSICS_UNITS["ctrl"], "instant": "at the first frame"})
    return channels


def _write_channels(group: h5py.Group, channels: Mapping[str, Channel]) -> None:
    """Write channels and, in one attribute of their group, what each of them is."""
    for name, (values, _) in channels.items():
        group.create_dataset(name, data=values, track_times=False)
    notes = {name: dict(noted) for name, (_, noted) in channels.items()}
    group.attrs[NOTES] = json.dumps(notes, sort_keys=True)


def _write_geometry(group: h5py.Group, geometry: Geometry) -> None:
    names, parts = list(geometry.corners_m), list(geometry.corners_m.values())
    links = np.repeat(np.arange(len(parts), dtype=np.int16), [len(part) for part in parts])
    corners = {"unit": "m", "space": "link", "of": "the hulls of the links' colliders"}
    whole: dict[str, Channel] = {CORNERS: (np.concatenate(parts), corners), LINKS: (links, {"names": names})}
    _write_channels(group, whole | _colliders_apart(geometry, names))


def _colliders_apart(geometry: Geometry, names: Sequence[str]) -> dict[str, Channel]:
    owners = [name for name, found in geometry.pieces_m.items() for _ in found]
    pieces = [piece for found in geometry.pieces_m.values() for piece in found]
    if not pieces:
        return {}
    numbers = np.repeat(np.arange(len(pieces), dtype=np.int16), [len(piece) for piece in pieces])
    rows = np.array([names.index(owner) for owner in owners], dtype=np.int16)
    return {
        PIECES: (np.concatenate(pieces), {"unit": "m", "space": "link", "of": "every collider by itself"}),
        PIECE_NUMBERS: (numbers, {"of": "the collider that a point belongs to"}),
        PIECE_LINKS: (rows, {"names": list(names), "of": "the link that a collider belongs to"}),
    }


def _put(group: h5py.Group, name: str, values: NDArray[Any], notes: Mapping[str, Any]) -> None:
    dataset = group.create_dataset(name, data=values, track_times=False)
    for key, text in sorted(notes.items()):
        dataset.attrs[key] = text
