"""Joints of the scan kitchen_cabinet against its truth, with its prediction and by shape alone."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.measures.reconstruction import PlacedSurface, placed_surfaces
from benchmarks.processes import blueprint
from benchmarks.scenes import TABLETOP_RECIPE, scan
from benchmarks.truth import Array, Truth, align_yaw_and_xy, load_truth, surface_centre

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.scene.edits import AddJoint
from blueprint.pipeline.scene.records import Articulated, Ingested

SCAN, CABINET = "kitchen_cabinet", "cabinet__(480, 585)"
PREDICTED_AXIS = Goal("cabinet, joint axis with the prediction", "degrees", "<=", 2)
PREDICTED_LINE = Goal("cabinet, distance of axis lines with the prediction", "mm", "<=", 10)
FOUND = Goal("cabinet, joints found by shape alone", "of 2", ">=", 2)
SHAPE_AXIS = Goal("cabinet, joint axis by shape alone", "degrees", "<=", 5)
SHAPE_LINE = Goal("cabinet, distance of axis lines by shape alone", "mm")
EXTRA = Goal("things that open by shape and do not in truth", "joints", "<=", 0)
GOALS = (PREDICTED_AXIS, PREDICTED_LINE, FOUND, SHAPE_AXIS, SHAPE_LINE, EXTRA)
DEADLINE_S = 600


def measure(workplace: Path) -> list[Figure]:
    """Find the joints of the scan as it is and of a copy without its prediction."""
    source = scan(SCAN)
    truth = load_truth(source)
    bare = workplace / "joints_scan" / SCAN
    shutil.rmtree(bare.parent, ignore_errors=True)
    shutil.copytree(source, bare, ignore=shutil.ignore_patterns("particulate", "truth.json"))
    told = _errors(*_articulate(workplace, "told", source), truth)
    seen = _errors(*_articulate(workplace, "seen", bare), truth)
    others = _joints_beside_the_cabinet(workplace, bare)
    return [
        Figure(PREDICTED_AXIS, max(told.axis_deg.values()), told.note("axis_deg")),
        Figure(PREDICTED_LINE, max(told.line_mm.values()), told.note("line_mm")),
        Figure(FOUND, float(len(seen.axis_deg)), ", ".join(sorted(seen.axis_deg))),
        Figure(SHAPE_AXIS, max(seen.axis_deg.values(), default=None), seen.note("axis_deg")),
        Figure(SHAPE_LINE, max(seen.line_mm.values(), default=None), seen.note("line_mm")),
        Figure(EXTRA, float(len(others)), ", ".join(others) or "kitchen_cabinet and ycb_table"),
    ]


class _Errors:
    """Errors by the truth's joint: the angle between axes, and for hinges the distance between their lines."""

    def __init__(self) -> None:
        self.axis_deg: dict[str, float] = {}
        self.line_mm: dict[str, float] = {}

    def note(self, kind: str) -> str:
        """Say each joint's error."""
        return ", ".join(f"{name} {value:.2f}" for name, value in getattr(self, kind).items())


def _errors(ingested: Ingested, articulated: Articulated, truth: Truth) -> _Errors:
    """Compare in the truth's world at true scale, after one turn and level shift of the whole scene."""
    T = _onto_truth(placed_surfaces(ingested, truth), truth)
    ratio = truth.metres_per_unit / ingested.scan.scale.metres_per_unit
    prop = next(prop for prop in ingested.scan.props if CABINET in prop.provenance.file)
    edits = articulated.props()[prop.id].edits
    joints = {edit.joint.kind: edit.joint for edit in edits if isinstance(edit, AddJoint)}
    errors = _Errors()
    for entry in truth.objects[CABINET]["joints"]:
        joint = joints.get(entry["type"])
        if joint is None:
            continue
        axis = T[:3, :3] @ prop.T_world_prop.rotation() @ np.asarray(joint.axis)
        origin = T[:3, :3] @ (prop.T_world_prop.apply(np.asarray(joint.origin_m)) * ratio) + T[:3, 3]
        # A hinge with its axis turned round and its range negated is the same hinge.
        sign = -1.0 if entry["type"] == "revolute" and abs(joint.lower) > abs(joint.upper) else 1.0
        errors.axis_deg[entry["name"]] = _angle_deg(sign * axis, np.asarray(entry["axis"]["world"]))
        if entry["type"] == "revolute":
            errors.line_mm[entry["name"]] = 1000 * _line_distance(origin, axis, entry)
    return errors


def _line_distance(origin: Array, axis: Array, entry: dict[str, Any]) -> float:
    """Return how far the line passes from the true line, halfway up the true joint."""
    true_axis, point = np.asarray(entry["axis"]["world"]), np.asarray(entry["point"]["world"])
    # Where our line crosses the plane through the true point, across the true axis.
    along = float((point - origin) @ true_axis) / float(axis @ true_axis)
    return float(np.linalg.norm(origin + along * axis - point))


def _angle_deg(first: Array, second: Array) -> float:
    return math.degrees(math.atan2(float(np.linalg.norm(np.cross(first, second))), float(first @ second)))


def _onto_truth(surfaces: list[PlacedSurface], truth: Truth) -> Array:
    ours = np.stack([surface_centre(surface.vertices_m, surface.faces) for surface in surfaces])
    theirs = np.stack([surface_centre(*truth.surface(surface.key)) for surface in surfaces])
    return align_yaw_and_xy(ours, theirs)


def _joints_beside_the_cabinet(workplace: Path, bare: Path) -> list[str]:
    """List the objects of both shared scans that got joints and have none in truth."""
    table = workplace / "joints_scan" / "ycb_table"
    shutil.copytree(scan("ycb_table"), table, ignore=shutil.ignore_patterns("truth.json"))
    found: list[str] = []
    for name, source in (("seen", bare), ("table", table)):
        ingested, articulated = _articulate(workplace, name, source)
        jointed = [prop for prop, record in articulated.props().items() if record.edits]
        files = {prop.id: prop.provenance.file for prop in ingested.scan.props}
        found += [prop for prop in jointed if CABINET not in files[prop]]
    return found


def _articulate(workplace: Path, name: str, source: Path) -> tuple[Ingested, Articulated]:
    out = workplace / f"joints_{name}"
    blueprint(
        *("run", TABLETOP_RECIPE, "--ingest.source", source, "--until", "articulate", "--out", out),
        log=workplace / f"joints_{name}.log",
        deadline_s=DEADLINE_S,
    ).must_succeed(f"articulate ({name})")
    run = RunFolder(out)
    ingested, articulated = run.record("ingest"), run.record("articulate")
    if ingested is None or articulated is None:
        raise NotMeasured("articulate has left no record")
    return Ingested(ingested), Articulated(articulated)
