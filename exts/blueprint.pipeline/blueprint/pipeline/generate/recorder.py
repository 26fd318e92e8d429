"""Write `states.h5`: Isaac Sim's episode-recorder layout (schema 2) for poses and cameras, and our own group beside it.

Isaac Sim replays the file as it is; the group `blueprint/` lies outside the manifest, so its reader does not see it.
The bytes depend on the recorded states alone: the dates that the schema asks for count from 1970.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.phases import PHASE_NAMES
from blueprint.pipeline.episode.states import CORNERS, LINKS
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.rollout.recording import Recording
from blueprint.pipeline.scene.manifests import Camera, SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.model import ROBOT, CompiledModel

FORMAT, VERSION = "blueprint.states", 2
SCHEMA_VERSION = 2
_APERTURE_MM = 20.955
_CLIPPING_M = (0.01, 100.0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SQUEEZED = {"compression": "gzip", "compression_opts": 2, "shuffle": True}


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


def write_states(path: Path, recording: Recording, track: Track, sources: Sources) -> None:
    """Write one episode."""
    with h5py.File(path, "w", libver=("v110", "v110"), track_order=False) as file:
        _write_isaac(file, recording, track, sources)
        group = file.create_group("blueprint")
        _describe_group(group, recording, track)
        _write_geometry(group.create_group("geometry"), sources.geometry)
        _write_frames(group.create_group("frames"), recording, track, sources)
        if recording.raw:
            _write_physics(group.create_group("physics"), recording)


# --- Isaac Sim's part


def _write_isaac(file: h5py.File, recording: Recording, track: Track, sources: Sources) -> None:
    tracks = _tracks(recording, sources)
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


Channel = tuple[NDArray[Any], Mapping[str, str]]
_POSITION = {"units": "m", "space": "world"}
_ORIENTATION = {"space": "world", "quaternion_order": "wxyz"}


def _tracks(recording: Recording, sources: Sources) -> list[tuple[dict[str, Any], Mapping[str, Channel]]]:
    tracks: list[tuple[dict[str, Any], Mapping[str, Channel]]] = [_time_track(recording)]
    rows = {name: row for row, name in enumerate(recording.layout.body_names)}
    position = np.stack([observation.body_position_m for observation in recording.observations]).astype(np.float32)
    quat = np.stack([observation.body_quat_wxyz for observation in recording.observations]).astype(np.float32)
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
    tracks += [_camera_track(sources.manifest.camera(name), recording) for name in recording.layout.camera_names]
    return tracks


def _time_track(recording: Recording) -> tuple[dict[str, Any], Mapping[str, Channel]]:
    time_s = np.array([observation.time_s for observation in recording.observations])
    step = np.round(time_s / recording.dt_s).astype(np.int64)
    # Nothing ran against a wall clock that a reader could use; the schema asks for a column.
    channels = {
        "sim_time": (time_s, {"units": "s"}),
        "physics_step": (step, {}),
        "wall_time": (time_s - time_s[0], {"units": "s"}),
    }
    return {"type": "sim_time", "group": "sim_time"}, channels


def _camera_track(camera: Camera, recording: Recording) -> tuple[dict[str, Any], Mapping[str, Channel]]:
    position, quat = _camera_poses(recording, camera.name)
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


def _camera_poses(recording: Recording, camera: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    poses: Sequence[Pose] = [frame[camera] for frame in recording.cameras]
    return np.array([pose.position_m for pose in poses]), np.array([pose.quat_wxyz for pose in poses])


# --- our part


def _describe_group(group: h5py.Group, recording: Recording, track: Track) -> None:
    layout = recording.layout
    command = [*layout.robot.arm.joints, *layout.robot.gripper.joints]
    group.attrs["format"], group.attrs["version"] = FORMAT, VERSION
    group.attrs["fps"], group.attrs["substeps"] = recording.fps, recording.substeps
    group.attrs["physics_hz"] = round(1 / recording.dt_s)
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


def _write_frames(group: h5py.Group, recording: Recording, track: Track, sources: Sources) -> None:
    seen, layout = recording.observations, recording.layout
    contacts = [observation.contacts for observation in seen]
    joints = {"names": json.dumps(list(layout.joint_names))}
    command = {"names": json.dumps([*layout.robot.arm.joints, *layout.robot.gripper.joints])}
    props = {"space": "world", "names": json.dumps(list(layout.prop_names))}
    bodies = {"names": json.dumps(list(track.body_names))}
    world, turned = {"unit": "m", "space": "world"}, {"space": "world", "quaternion_order": "wxyz"}
    channels: dict[str, Channel] = {
        "time_s": (track.time_s - track.time_s[0], {"unit": "s"}),
        "phase": (track.phase.astype(np.int16), {"names": json.dumps(list(PHASE_NAMES))}),
        "joint_position": (track.joint_position, {"unit": "rad or m", **joints}),
        "joint_velocity": (np.stack([o.joint_velocity for o in seen]), {"unit": "rad/s or m/s", **joints}),
        "joint_effort": (np.stack([o.joint_effort for o in seen]), {"unit": "N m or N", **joints}),
        "command": (track.command, {"unit": "rad or m", **command}),
        "tcp_position_m": (track.tcp_position_m, world),
        "tcp_quat_wxyz": (track.tcp_quat_wxyz, turned),
        "gripper_width_m": (track.gripper_width_m, {"unit": "m"}),
        "prop_position_m": (track.prop_position_m, {"unit": "m", **props}),
        "prop_quat_wxyz": (track.prop_quat_wxyz, {"quaternion_order": "wxyz", **props}),
        "body_position_m": (track.body_position_m, {**world, **bodies}),
        "body_quat_wxyz": (track.body_quat_wxyz, {**turned, **bodies}),
        "contact_offset": (track.contact_offset, {}),
        "contact_first": (track.contact_first, bodies),
        "contact_second": (track.contact_second, bodies),
        "contact_position_m": (_stacked([c.position_m for c in contacts]), world),
        "contact_normal": (_stacked([c.normal for c in contacts]), {"space": "world"}),
        "contact_force_n": (track.contact_force_n, {"unit": "N", "space": "world"}),
        "contact_depth_m": (track.contact_depth_m, {"unit": "m"}),
    }
    for camera in layout.camera_names:
        position, quat = _camera_poses(recording, camera)
        channels[f"camera/{camera}/position_m"] = (position, world)
        channels[f"camera/{camera}/quat_wxyz"] = (quat, turned)
    for camera, digests in sources.image_sha256.items():
        channels[f"source_sha256/{camera}"] = (digests, {"of": "RGB image before encoding, rows top to bottom"})
    for name, (values, notes) in channels.items():
        _put(group, name, values, notes)


def _write_geometry(group: h5py.Group, geometry: Geometry) -> None:
    names, parts = list(geometry.corners_m), list(geometry.corners_m.values())
    notes = {"unit": "m", "space": "link", "names": json.dumps(names), "of": "the hulls of the links' colliders"}
    _put(group, CORNERS, np.concatenate(parts), notes)
    _put(group, LINKS, np.repeat(np.arange(len(parts), dtype=np.int16), [len(part) for part in parts]), {})


def _write_physics(group: h5py.Group, recording: Recording) -> None:
    for name, unit in (
        ("qpos", "rad, m or quaternion wxyz"),
        ("qvel", "rad/s or m/s"),
        ("ctrl", "rad or m"),
        ("qacc_warmstart", "rad/s2 or m/s2"),
        ("actuator_force", "N m or N"),
    ):
        values = np.stack([getattr(state, name) for state in recording.raw])
        _put(group, name, values, {"unit": unit, "instant": "before the step"})
    time_s = np.array([state.time_s for state in recording.raw])
    _put(group, "time_s", time_s, {"unit": "s", "instant": "before the step"})


def _stacked(rows: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([row.reshape(-1, 3) for row in rows])


def _put(group: h5py.Group, name: str, values: NDArray[Any], notes: Mapping[str, str]) -> None:
    squeezed = _SQUEEZED if values.nbytes > 4096 else {}
    dataset = group.create_dataset(name, data=values, track_times=False, **squeezed)
    for key, text in sorted(notes.items()):
        dataset.attrs[key] = text
