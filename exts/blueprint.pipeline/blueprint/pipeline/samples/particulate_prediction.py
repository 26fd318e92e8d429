"""A part and joint prediction as Particulate leaves it: `eval/pred.obj` and `eval/pred.npz` in their two frames.

The mesh stays in its input frame. Axes and points live in a frame that is nowhere saved: turned to Z up, centred on its
box, divided by its largest extent.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .environment import Joint
from .shape import Floats, Shape


def write_prediction(folder: Path, shape: Shape, joints: Sequence[Joint], *, metres_per_unit: float) -> None:
    """Write the prediction for `shape`, whose input mesh had units of `metres_per_unit`."""
    folder.mkdir(parents=True, exist_ok=True)
    vertices = (shape.vertices_m / metres_per_unit).astype(np.float32)
    _write_obj(folder / "pred.obj", vertices, shape)
    np.savez(folder / "pred.npz", allow_pickle=False, **predicted_fields(shape, joints))


def predicted_fields(shape: Shape, joints: Sequence[Joint]) -> dict[str, np.ndarray]:
    """Return the arrays of `pred.npz`: P parts, F faces, E joints."""
    part_count = 1 + max((joint.child for joint in joints), default=0)
    fields = {
        "face_part_ids": shape.part_of_face.astype(np.int32),
        "motion_hierarchy": np.array([(joint.parent, joint.child) for joint in joints], dtype=np.int64).reshape(-1, 2),
        "is_part_revolute": np.zeros(part_count, dtype=bool),
        "is_part_prismatic": np.zeros(part_count, dtype=bool),
        "revolute_plucker": np.zeros((part_count, 6)),
        "revolute_range": np.zeros((part_count, 2), dtype=np.float32),
        "prismatic_axis": np.tile(np.array([1.0, 0.0, 0.0], dtype=np.float32), (part_count, 1)),
        "prismatic_range": np.zeros((part_count, 2), dtype=np.float32),
    }
    centre, extent_m = shape.bounds_m.mean(axis=0), float(shape.size_m.max())
    for joint in joints:
        axis = _z_up(np.asarray(joint.axis))
        if joint.kind == "prismatic":
            fields["is_part_prismatic"][joint.child] = True
            fields["prismatic_axis"][joint.child] = axis
            fields["prismatic_range"][joint.child] = np.asarray(joint.range) / extent_m
        else:
            point = _z_up(np.asarray(joint.point_m) - centre) / extent_m
            fields["is_part_revolute"][joint.child] = True
            # The moment is direction x point, not the usual point x direction.
            fields["revolute_plucker"][joint.child] = [*axis, *np.cross(axis, point)]
            fields["revolute_range"][joint.child] = joint.range
    return fields


def _z_up(vector: Floats) -> Floats:
    x, y, z = vector
    return np.array([x, -z, y])


def _write_obj(path: Path, vertices: np.ndarray, shape: Shape) -> None:
    lines = [f"v {x:.8f} {y:.8f} {z:.8f}" for x, y, z in vertices]
    # OBJ's texture rows count from below.
    lines += [f"vt {u:.6f} {1.0 - v:.6f}" for u, v in shape.uv]
    lines += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in shape.faces + 1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
