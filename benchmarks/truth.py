"""The true scene behind a shared scan, for measuring only: where every object's surface really is."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """`truth.json` of a scan; metres, Z up, floor at 0, +Y the camera's horizontal view."""

    scan: Path
    data: dict[str, Any]

    @property
    def metres_per_unit(self) -> float:
        """Metres in one unit of the scan."""
        return float(self.data["metres_per_scan_unit"])

    @property
    def up_scan(self) -> Array:
        """The upward direction in the scan's frame."""
        return -np.asarray(self.data["gravity_camera"], dtype=np.float64)

    @property
    def objects(self) -> dict[str, dict[str, Any]]:
        """Object key, such as `mug__(512, 300)`, to what is known of it."""
        return self.data["objects"]

    def narrowest_side_m(self, key: str) -> float:
        """Return the smallest dimension of an object along its own axes."""
        return float(min(self.objects[key]["size_m"]))

    def is_on_furniture(self, key: str) -> bool:
        """Whether an object rests on another object, not on the floor."""
        return self.objects[key]["rests_on"] in self.objects

    def surface(self, key: str) -> tuple[Array, NDArray[np.int64]]:
        """Return an object's true vertices in the world, in metres, and its faces."""
        vertices, faces = canonical_mesh(self.scan / "output" / "3D" / key / f"{key}.glb")
        T = np.asarray(self.objects[key]["T_world_object"], dtype=np.float64)
        scaled = vertices * float(self.objects[key]["metres_per_canonical_unit"])
        return scaled @ T[:3, :3].T + T[:3, 3], faces


def load_truth(scan: Path) -> Truth:
    """Read the truth of a scan."""
    return Truth(scan, json.loads((scan / "truth.json").read_bytes()))


def canonical_mesh(path: Path) -> tuple[Array, NDArray[np.int64]]:
    """Read a GLB as one mesh."""
    import trimesh

    loaded: Any = trimesh.load_mesh(path, process=False)
    joined = loaded.to_mesh() if isinstance(loaded, trimesh.Scene) else loaded
    return np.asarray(joined.vertices, dtype=np.float64), np.asarray(joined.faces, dtype=np.int64)


def surface_centre(vertices: Array, faces: NDArray[np.integer[Any]]) -> Array:
    """Return the centre of a surface, weighted by area: the same whatever the vertices' order or duplicates."""
    corners = vertices[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return (corners.mean(axis=1) * area[:, None]).sum(axis=0) / area.sum()


def align_yaw_and_xy(points: Array, onto: Array) -> Array:
    """Return the (4, 4) turn about Z and level shift that brings points (N, 3) closest to others; least squares."""
    middle, target = points.mean(axis=0), onto.mean(axis=0)
    a, b = (points - middle)[:, :2], (onto - target)[:, :2]
    yaw = np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a * b).sum())
    T = np.eye(4)
    T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    T[:2, 3] = target[:2] - T[:2, :2] @ middle[:2]
    return T
