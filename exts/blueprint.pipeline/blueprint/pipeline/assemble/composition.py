"""The scene's manifest and folder from parts and a place for the robot."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import WORLD, Camera, PlacedRobot, SceneManifest
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.props import LeftOut
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.relations import Relation
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.scans import Scan
from blueprint.pipeline.scene.shapes import Array, box_corners
from blueprint.pipeline.usd.names import ROBOT
from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.robot_asset import RobotAsset, read_robot_asset
from blueprint.pipeline.usd.scene_layers import ROOT_LAYER, write_assets, write_scene

from .cameras import CameraSettings, Sight, clearest_side_camera, wrist_camera
from .lights import LightSettings, key_light
from .parts import Parts
from .robot_placement import Footprint
from .room import room_boxes, see_through


@dataclass(frozen=True, eq=False)
class Studio:
    """What every version of the scene shares: the scan, the robot, cameras and light as the recipe wants them."""

    scan: Scan
    scan_folder: Path
    robot: Robot
    cameras: CameraSettings
    light: LightSettings

    @property
    def asset(self) -> RobotAsset:
        """What the robot's USD measures."""
        return read_robot_asset(self.robot)

    @property
    def footprint(self) -> Footprint:
        """What the robot needs to stand."""
        (low_x, low_y, _), (high_x, high_y, _) = self.asset.base_low_m, self.asset.base_high_m
        floor_only = self.robot.stands_on == "floor"
        return Footprint((low_x, low_y), (high_x, high_y), self.robot.comfort_m, floor_only, self.robot.riser_m)


@dataclass(frozen=True, slots=True)
class RobotStand:
    """Where the robot stands, on what, and what it reaches from there."""

    T_world_base: Pose
    pedestal: RoomBox | None = None
    reaches: tuple[str, ...] = ()


def compose(
    studio: Studio,
    parts: Parts,
    stand: RobotStand,
    left_out: Sequence[LeftOut],
    relations: Sequence[Relation] = (),
) -> SceneManifest:
    """Return the manifest of a scene; `relations` is the support graph of the props where they are."""
    corners = np.concatenate([part.shape.corners_m(part.T_world_prop) for part in parts.values()])
    cameras = scene_cameras(studio, parts, stand, photo_heading_rad(studio.scan, corners))
    light = key_light(heading_rad(corners, cameras[-1].T_mount_camera), studio.light)
    targets = np.array([part.shape.corners_m(part.T_world_prop).mean(axis=0) for part in parts.values()])
    eyes = [camera.T_mount_camera.position_m for camera in cameras if camera.mount == WORLD]
    room = see_through(room_boxes(studio.scan.room, corners), eyes, light.direction, targets)
    return SceneManifest(
        id=studio.scan.id,
        props=tuple(part.entry for part in parts.values()),
        left_out=tuple(left_out),
        scale=studio.scan.scale,
        gravity=studio.scan.gravity,
        robot=PlacedRobot(studio.robot.name, stand.T_world_base, ROBOT, stand.reaches),
        cameras=cameras,
        lights=(light,),
        room=(*room, *(box for box in (stand.pedestal,) if box is not None)),
        sample=studio.scan.sample,
        relations=tuple(relations),
    )


def scene_cameras(studio: Studio, parts: Parts, stand: RobotStand, photo_rad: float) -> tuple[Camera, ...]:
    """Return the wrist camera, and a side camera that sees every movable prop and the arm."""
    asset = studio.asset
    movable = [part.shape.corners_m(part.T_world_prop) for part in parts.values() if part.entry.movable]
    low, high = np.asarray(asset.low_m), np.asarray(asset.high_m)
    half = vec3((high - low) / 2)
    T_world_box = stand.T_world_base @ Pose(vec3((low + high) / 2))
    points = np.concatenate([*movable, T_world_box.apply(box_corners(half))])
    targets = np.array([corners.mean(axis=0) for corners in movable])
    wrist = wrist_camera(studio.robot, asset.camera_link, asset.T_link_camera, studio.cameras)
    return (wrist, clearest_side_camera(Sight(points, targets, T_world_box, half), photo_rad, studio.cameras))


def photo_heading_rad(scan: Scan, corners_m: Array) -> float:
    """Return the heading from the scene's middle to where the photo was taken; -Y, whence the world is seen, else."""
    if scan.camera is None:
        return -np.pi / 2
    return heading_rad(corners_m, scan.camera.T_world_camera)


def heading_rad(corners_m: Array, T_world_camera: Pose) -> float:
    """Return the heading from the middle of points of shape (N, 3) to a camera."""
    middle = (corners_m[:, :2].min(axis=0) + corners_m[:, :2].max(axis=0)) / 2
    x, y = np.asarray(T_world_camera.position_m)[:2] - middle
    return float(np.arctan2(y, x))


def write_folder(
    folder: Path, studio: Studio, manifest: SceneManifest, parts: Parts, moves: Sequence[MoveProp]
) -> None:
    """Write a scene's folder anew: assets, layers with the props where `moves` put them, manifest."""
    shutil.rmtree(folder, ignore_errors=True)
    decisions = {name: part.decisions for name, part in parts.items()}
    payloads = {name: part.payloads for name, part in parts.items()}
    write_assets(folder, decisions, payloads, studio.robot)
    write_scene(folder, manifest, studio.robot, moves, Payloads((studio.scan_folder,)))
    save(folder / Path(Assembled.MANIFEST).name, manifest)


def root_layer(folder: Path) -> Path:
    """Return the root layer of a scene's folder."""
    return folder / ROOT_LAYER
