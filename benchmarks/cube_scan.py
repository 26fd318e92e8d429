"""A bare table with one cube, as a scan of the simple layout: the scene that others' generators are measured on."""

import json
from pathlib import Path

import numpy as np
import trimesh

TABLE_M, TABLE_TOP_M = (1.2, 0.9, 0.04), 0.75
CUBE_M = 0.04
_FROM_UPRIGHT = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
"""Turns Z up into the layout's Y up."""


def write_cube_scan(folder: Path) -> Path:
    """Write the scan, metric, and return its folder."""
    top = trimesh.creation.box(TABLE_M)
    top.apply_translation((0.0, 0.0, TABLE_TOP_M - TABLE_M[2] / 2))
    legs = [trimesh.creation.box((0.05, 0.05, TABLE_TOP_M - TABLE_M[2])) for _ in range(4)]
    for leg, (x, y) in zip(legs, ((1, 1), (1, -1), (-1, 1), (-1, -1)), strict=True):
        leg.apply_translation((x * 0.55, y * 0.4, (TABLE_TOP_M - TABLE_M[2]) / 2))
    cube = trimesh.creation.box((CUBE_M,) * 3)
    cube.apply_translation((0.0, 0.1, TABLE_TOP_M + CUBE_M / 2))
    _write_object(folder, "table_0", "table", trimesh.util.concatenate([top, *legs]), (0.55, 0.42, 0.3))
    _write_object(folder, "cube_0", "box", cube, (0.8, 0.15, 0.1))
    info = {"coordinate_frame": "y_up", "meters_per_unit": 1.0, "scene_id": "bare_table"}
    (folder / "scene_info.json").write_text(json.dumps(info))
    return folder


def _write_object(
    folder: Path, name: str, label: str, mesh: trimesh.Trimesh, color: tuple[float, float, float]
) -> None:
    """Write one object, its origin in the middle of its box."""
    middle = mesh.bounds.mean(axis=0)
    mesh.apply_translation(-middle)
    mesh.apply_transform(_FROM_UPRIGHT)
    home = folder / "objects" / name
    home.mkdir(parents=True)
    mesh.export(home / "mesh.glb")
    T = np.eye(4)
    T[:3, 3] = _FROM_UPRIGHT[:3, :3] @ middle
    low, high = mesh.bounds + T[:3, 3]
    pose = {"transform_matrix": T.tolist(), "is_floor_contact": label == "table"}
    (home / "pose.json").write_text(json.dumps(pose))
    (home / "bounds.json").write_text(json.dumps({"min": low.tolist(), "max": high.tolist()}))
    (home / "material.json").write_text(json.dumps({"base_color": list(color), "roughness": 0.6, "metallic": 0.0}))
    (home / "label.json").write_text(json.dumps({"label": label}))
