"""The truth beside a sample scan: what a reader should recover, in metres. For measuring only, never an input."""

from typing import Any

import numpy as np

from .environment import Environment, Item, Joint
from .shape import Floats, enclosed_volume, welded


def described_truth(
    room: Environment, keys: list[str], floor_key: str, metres_per_canonical: list[float], units_per_metre: float
) -> dict[str, Any]:
    """Return the content of `truth.json` for a run whose items got `keys`; items without a pose are left out."""
    view = room.viewpoint
    objects = {}
    for item, key, unit_m in zip(room.items, keys, metres_per_canonical, strict=True):
        if item.fitted:
            below = keys[item.rests_on[0]] if item.rests_on else floor_key
            objects[key] = {**_described(item, unit_m), "rests_on": below}
    return {
        "schema": 1,
        "units": "metres, kilograms, radians",
        "world": "Z up, z = 0 floor, +Y = horizontal viewing direction of the camera",
        "scan_units_per_metre": units_per_metre,
        "metres_per_scan_unit": 1.0 / units_per_metre,
        "gravity_camera": _plain(view.gravity_camera),
        "camera": {
            "T_world_camera": _plain(view.T_world_camera),
            "pitch_down_deg": round(float(np.degrees(view.pitch_down_rad)), 6),
            "roll_deg": 0,
            "focal_px": view.focal_px,
            "image_size": list(view.size_px),
        },
        "objects": objects,
    }


def _described(item: Item, metres_per_canonical: float) -> dict[str, Any]:
    world = item.world_vertices_m
    volume_m3, centre_m = enclosed_volume(*welded(item.shape))
    described: dict[str, Any] = {
        "label": item.label,
        "mass_kg": item.mass_kg,
        "T_world_object": _plain(item.T_world_object),
        "metres_per_canonical_unit": round(metres_per_canonical, 9),
        "size_m": _plain(item.shape.size_m),
        "world_aabb_m": _plain(np.array([world.min(axis=0), world.max(axis=0)])),
        "volume_m3": round(volume_m3, 9),
        "centre_of_volume_object": _plain(centre_m),
    }
    if item.joints:
        described["parts"] = list(item.parts)
        described["joints"] = [_described_joint(joint, item.T_world_object) for joint in item.joints]
    return described


def _described_joint(joint: Joint, T_world_object: Floats) -> dict[str, Any]:
    rotation, origin = T_world_object[:3, :3], T_world_object[:3, 3]
    axis, point = np.asarray(joint.axis), np.asarray(joint.point_m)
    described: dict[str, Any] = {
        "name": joint.name,
        "type": joint.kind,
        "parent": joint.parent,
        "child": joint.child,
        "axis": {"object": _plain(axis), "world": _plain(rotation @ axis)},
    }
    if joint.kind == "prismatic":
        return {**described, "range_m": list(joint.range)}
    place = {"object": _plain(point), "world": _plain(rotation @ point + origin)}
    return {**described, "point": place, "range_rad": list(joint.range)}


def _plain(array: Floats) -> Any:
    # Adding zero turns a negative zero into a plain one.
    return (np.round(array, 9) + 0.0).tolist()
