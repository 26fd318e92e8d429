"""Metric scale, gravity and poses of the scan ycb_table against its truth."""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.processes import blueprint
from benchmarks.scenes import TABLETOP_RECIPE, scan
from benchmarks.truth import Array, Truth, align_yaw_and_xy, load_truth, surface_centre

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.scene.records import Ingested

SCAN = "ycb_table"
ALONE = Goal("ycb_table, scale error without a measurement", "%", "<=", 10)
MEASURED = Goal("ycb_table, scale error with one measurement", "%", "<=", 1)
GRAVITY = Goal("ycb_table, gravity error", "degrees", "<=", 1)
POSITION = Goal("ycb_table, worst position error of an object", "mm", "<=", 5)
SURFACE = Goal("ycb_table, worst surface error of an object", "mm", "<=", 5)
FOUND = Goal("ycb_table, objects of the scan that are used", "%", ">=", 100)
GOALS = (ALONE, MEASURED, GRAVITY, POSITION, SURFACE, FOUND)
DEADLINE_S = 600
TABLE = "table__(523, 538)"
SURFACE_POINTS = 400


@dataclass(frozen=True)
class PlacedSurface:
    """An object as ingest placed it, scaled to the true metre: vertices (V, 3) in the world, faces."""

    key: str
    vertices_m: Array
    faces: Any


def measure(workplace: Path) -> list[Figure]:
    """Ingest the scan as it is and with the table's height given, and compare with the truth."""
    source = scan(SCAN)
    truth = load_truth(source)
    plain = _ingest(workplace, "plain", source)
    height_m = round(truth.objects[TABLE]["size_m"][1], 3)
    table = next(prop.id for prop in plain.scan.props if TABLE in prop.provenance.file)
    told = _ingest(workplace, "measured", source, "--ingest.measurements", f"{table}.height={height_m}")
    up = np.asarray(plain.scan.gravity.up_scan)
    # By the sine: the cosine of a small angle is one, whatever the angle.
    tilt_deg = math.degrees(math.atan2(float(np.linalg.norm(np.cross(up, truth.up_scan))), float(up @ truth.up_scan)))
    surfaces = placed_surfaces(plain, truth)
    position_mm, surface_mm = _pose_errors_mm(surfaces, truth)
    left_out = ", ".join(entry.id for entry in plain.scan.left_out)
    return [
        Figure(ALONE, scale_error_percent(plain, truth), plain.scan.scale.method),
        Figure(MEASURED, scale_error_percent(told, truth), f"{told.scan.scale.method}: table height {height_m} m"),
        Figure(GRAVITY, tilt_deg, plain.scan.gravity.method),
        Figure(POSITION, max(position_mm.values()), _worst(position_mm)),
        Figure(SURFACE, max(surface_mm.values()), f"{_worst(surface_mm)}; 95th percentile of distances"),
        Figure(FOUND, 100.0 * len(surfaces) / len(truth.objects), left_out and f"left out: {left_out}"),
    ]


def scale_error_percent(ingested: Ingested, truth: Truth) -> float:
    """Return how far the recovered scale is from the true one."""
    return 100.0 * abs(ingested.scan.scale.metres_per_unit / truth.metres_per_unit - 1.0)


def placed_surfaces(ingested: Ingested, truth: Truth) -> list[PlacedSurface]:
    """Return every object's surface where ingest put it, with the scale's own error taken out."""
    from blueprint.pipeline.scene.meshes import load_mesh

    ratio = truth.metres_per_unit / ingested.scan.scale.metres_per_unit
    found: list[PlacedSurface] = []
    for prop in ingested.scan.props:
        key = next((key for key in truth.objects if key in prop.provenance.file), None)
        if key is None:
            continue
        meshes = [load_mesh([ingested.folder], visual.mesh) for body in prop.bodies for visual in body.visuals]
        offsets = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
        faces = np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=False)])
        vertices_m = prop.T_world_prop.apply(np.concatenate([mesh.vertices_m for mesh in meshes]))
        found.append(PlacedSurface(key, vertices_m * ratio, faces))
    return found


def _pose_errors_mm(surfaces: list[PlacedSurface], truth: Truth) -> tuple[dict[str, float], dict[str, float]]:
    """Return by object: how far its centre is off, and its surface; after one turn and level shift of the scene."""
    from trimesh import Trimesh
    from trimesh.proximity import closest_point

    if len(surfaces) < 3:
        raise NotMeasured(f"{len(surfaces)} objects can be told apart, an alignment needs 3")
    true = {surface.key: truth.surface(surface.key) for surface in surfaces}
    ours = np.stack([surface_centre(surface.vertices_m, surface.faces) for surface in surfaces])
    theirs = np.stack([surface_centre(*true[surface.key]) for surface in surfaces])
    T = align_yaw_and_xy(ours, theirs)
    centres = ours @ T[:3, :3].T + T[:3, 3]
    position = np.linalg.norm(centres - theirs, axis=1) * 1000
    rng = np.random.default_rng(0)
    surface_mm: dict[str, float] = {}
    for surface in surfaces:
        points = _sample(surface.vertices_m @ T[:3, :3].T + T[:3, 3], surface.faces, rng)
        true_surface = Trimesh(*true[surface.key], process=False)
        surface_mm[surface.key] = float(np.quantile(closest_point(true_surface, points)[1], 0.95)) * 1000
    keys = [surface.key for surface in surfaces]
    return dict(zip(keys, position.tolist(), strict=True)), surface_mm


def _sample(vertices: Array, faces: Any, rng: np.random.Generator) -> Array:
    """Draw points evenly over a surface."""
    corners = vertices[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chosen = corners[rng.choice(len(faces), SURFACE_POINTS, p=area / area.sum())]
    u, v = np.sqrt(rng.random(SURFACE_POINTS)), rng.random(SURFACE_POINTS)
    weights = np.stack([1 - u, u * (1 - v), u * v], axis=1)
    return np.einsum("nk,nkd->nd", weights, chosen)


def _worst(errors: dict[str, float]) -> str:
    return max(errors, key=lambda key: errors[key])


def _ingest(workplace: Path, name: str, source: Path, *flags: str) -> Ingested:
    out = workplace / f"reconstruction_{name}"
    shutil.rmtree(out, ignore_errors=True)
    blueprint(
        *("run", TABLETOP_RECIPE, "--ingest.source", source, *flags, "--until", "ingest", "--out", out),
        log=workplace / f"reconstruction_{name}.log",
        deadline_s=DEADLINE_S,
    ).must_succeed(f"ingest ({name})")
    folder = RunFolder(out).record("ingest")
    if folder is None:
        raise NotMeasured("ingest has left no record")
    return Ingested(folder)
