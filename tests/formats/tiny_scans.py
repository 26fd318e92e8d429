"""Scans of a few hundred bytes with asymmetric things, written as foreign programs write them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

from blueprint.pipeline.formats.mesh_reader import MeshFile
from blueprint.pipeline.formats.mesh_worker import hand_over

Points = NDArray[np.float64]

UNITS_PER_METRE = 1.7
PITCH_RAD = np.radians(25.0)
CAMERA_HEIGHT_M = 1.5


def bracket(size_m: Sequence[float]) -> trimesh.Trimesh:
    """Return an L with a nose that no turn or mirror maps onto itself, filling a box (width, height, depth), Y up."""
    foot = trimesh.creation.box(bounds=[[0, 0, 0], [1, 0.3, 1]])
    back = trimesh.creation.box(bounds=[[0, 0.3, 0], [0.35, 1, 1]])
    nose = trimesh.creation.box(bounds=[[0.35, 0.5, 0], [0.8, 0.7, 0.25]])
    mesh = trimesh.util.concatenate([foot, back, nose])
    vertices = (np.asarray(mesh.vertices) - 0.5) * np.asarray(size_m)
    return trimesh.Trimesh(vertices, mesh.faces, process=False)


@dataclass
class Thing:
    """An object: its true size (width, height, depth), where its base stands in the world, and its heading."""

    label: str
    size_m: tuple[float, float, float]
    at_m: tuple[float, float, float]
    yaw_rad: float = 0.0
    centre_px: tuple[int, int] = (100, 100)
    canonical_scale: float = 3.0
    mesh: trimesh.Trimesh = field(init=False)

    def __post_init__(self) -> None:
        self.mesh = bracket(self.size_m)

    @property
    def key(self) -> str:
        """Name of the object in a run."""
        return f"{self.label.replace(' ', '_')}__({self.centre_px[0]}, {self.centre_px[1]})"

    def T_world_object(self) -> Points:
        """Return where the Y-up mesh stands in the Z-up world."""
        c, s = np.cos(self.yaw_rad), np.sin(self.yaw_rad)
        T = np.eye(4)
        T[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
        T[:3, 3] = np.add(self.at_m, (0, 0, self.size_m[1] / 2))
        return T

    def world_vertices(self) -> Points:
        """Return the vertices in the world."""
        T = self.T_world_object()
        return np.asarray(self.mesh.vertices) @ T[:3, :3].T + T[:3, 3]


TABLE = Thing("table", (1.2, 0.74, 0.8), (0.1, 1.6, 0.0), yaw_rad=0.2, centre_px=(500, 600))
MUG = Thing("mug", (0.12, 0.095, 0.08), (0.2, 1.5, 0.74), yaw_rad=-0.7, centre_px=(520, 300), canonical_scale=11.0)
CAN = Thing("soup can", (0.07, 0.11, 0.075), (-0.1, 1.7, 0.74), yaw_rad=1.1, centre_px=(480, 310), canonical_scale=9.0)


def to_camera(world: Points) -> Points:
    """Return world points in the frame of the photo's camera, in scan units."""
    c, s = np.cos(PITCH_RAD), np.sin(PITCH_RAD)
    # Rows: the camera's right, up and backward axes in the world.
    R = np.array([[1.0, 0.0, 0.0], [0.0, s, c], [0.0, -c, s]])
    return UNITS_PER_METRE * (world - [0.0, 0.0, CAMERA_HEIGHT_M]) @ R.T


def write_glb(path: Path, mesh: trimesh.Trimesh, texture: Image.Image | None = None) -> None:
    """Write a mesh; with a texture, its coordinates are (x, y) of the vertices."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    if texture is not None:
        material = trimesh.visual.material.PBRMaterial(baseColorTexture=texture, metallicFactor=0.0)
        made.visual = trimesh.visual.TextureVisuals(uv=np.asarray(mesh.vertices)[:, :2], material=material)
    path.write_bytes(made.export(file_type="glb"))


def write_run(folder: Path, things: Sequence[Thing] = (TABLE, MUG, CAN), *, plane: bool = True) -> Path:
    """Write a 3D-RE-GEN run and return its folder."""
    output = folder / "output"
    for thing in things:
        canonical = trimesh.Trimesh(
            np.asarray(thing.mesh.vertices) * thing.canonical_scale, thing.mesh.faces, process=False
        )
        posed = trimesh.Trimesh(to_camera(thing.world_vertices()), thing.mesh.faces, process=False)
        write_glb(output / "3D" / thing.key / f"{thing.key}.glb", canonical)
        write_glb(output / "glb" / f"{thing.key}.glb", posed)
    if plane:
        ticks = np.linspace(-2, 2, 12)
        grid = np.stack([*(axis.ravel() for axis in np.meshgrid(ticks, ticks + 2)), np.zeros(144)], axis=1)
        (output / "pointclouds").mkdir(parents=True)
        (output / "pointclouds/PLANE_SAMPLED.ply").write_bytes(
            trimesh.PointCloud(to_camera(grid)).export(file_type="ply")
        )
    (output / "pre_3D").mkdir(parents=True)
    np.savez(output / "pre_3D/camera.npz", focal=np.float32(700), image_size=np.array([1000, 750], dtype=np.int32))
    (folder / "tmp").mkdir()
    Image.new("RGB", (8, 6), (10, 200, 30)).save(folder / "tmp/converted_from_webp.png")
    return folder


def write_simple(folder: Path, things: Sequence[Thing] = (TABLE, MUG, CAN), *, metres_per_unit: float = 1.0) -> Path:
    """Write the simple layout, Y up, and return its folder; the last thing comes as a unit cube's content."""
    y_up = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    folder.mkdir(parents=True, exist_ok=True)
    info = {"scene_id": "tiny", "coordinate_frame": "y_up", "meters_per_unit": metres_per_unit}
    (folder / "scene_info.json").write_text(json.dumps(info))
    for number, thing in enumerate(things):
        place = folder / "objects" / f"{thing.label.replace(' ', '_')}_{number}"
        T = y_up @ thing.T_world_object()
        posed = np.asarray(thing.mesh.vertices) @ T[:3, :3].T + T[:3, 3]
        stored = thing.mesh
        if number == len(things) - 1:
            T[:3, :3] = np.eye(3)
            posed = np.asarray(thing.mesh.vertices) + T[:3, 3]
            stored = trimesh.Trimesh(np.asarray(stored.vertices) / thing.size_m, stored.faces, process=False)
        write_glb(place / "mesh.glb", stored)
        low, high = posed.min(axis=0).tolist(), posed.max(axis=0).tolist()
        (place / "pose.json").write_text(json.dumps({"transform_matrix": T.tolist(), "is_floor_contact": number == 0}))
        (place / "bounds.json").write_text(json.dumps({"min": low, "max": high}))
        (place / "material.json").write_text(
            json.dumps({"base_color": [0.1, 0.2, 0.3], "roughness": 0.4, "metallic": 0.5})
        )
    return folder


def write_prediction(folder: Path, mesh: trimesh.Trimesh, parts: NDArray[np.int32], fields: dict[str, NDArray]) -> None:
    """Write pred.npz and pred.obj; fields that are not given describe two parts without joints."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in np.asarray(mesh.vertices).tolist()]
    lines += [f"f {a + 1}/{a + 1} {b + 1}/{b + 1} {c + 1}/{c + 1}" for a, b, c in np.asarray(mesh.faces).tolist()]
    (folder / "pred.obj").write_text("\n".join(lines) + "\n")
    still = {
        "face_part_ids": parts,
        "motion_hierarchy": np.array([[0, 1]]),
        "is_part_revolute": np.zeros(2, dtype=bool),
        "is_part_prismatic": np.zeros(2, dtype=bool),
        "revolute_plucker": np.zeros((2, 6)),
        "revolute_range": np.zeros((2, 2)),
        "prismatic_axis": np.zeros((2, 3)),
        "prismatic_range": np.zeros((2, 2)),
    }
    np.savez(folder / "pred.npz", **{**still, **fields})


def read_in_this_process(files: Sequence[MeshFile], folder: Path) -> str:
    """Stand in for the reading child process, whose start costs a second; its ends are tested with the real one."""
    for number, file in enumerate(files):
        hand_over(file.path, file.name, file.kind, file.root or file.path.parent, folder / str(number))
    return ""
