"""The room's surfaces in the world, with the looks that the scan gives them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.scene.contacts import Solid
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.rooms import RoomPlane
from blueprint.pipeline.scene.scans import PhotoCamera

from .room import RoomEvidence, RoomSurface
from .room_texture import look_at_room, painted
from .world import WorldFrame

_MATT = 0.9


def room_planes(
    surfaces: Sequence[RoomSurface], evidence: RoomEvidence | None, world: WorldFrame, raw: RawScan
) -> tuple[RoomPlane, ...]:
    """Return the surfaces in metres, in the one colour of the background where it has one."""
    slid = "" if evidence is None or evidence.shift == 0.0 else _slid(evidence.shift * world.metres_per_unit)
    walls = 0
    planes: list[RoomPlane] = []
    for surface in surfaces:
        walls += surface.kind == "wall"
        name = f"wall_{walls}" if surface.kind == "wall" else surface.kind
        planes.append(_plane(name, surface, world, _plain(raw), slid))
    return tuple(planes)


def with_photo(
    record: Path,
    planes: Sequence[RoomPlane],
    raw: RawScan,
    camera: PhotoCamera | None,
    solids: Sequence[Solid],
) -> tuple[RoomPlane, ...]:
    """Return the planes with textures from the photo, where the scan has a photo and knows its camera."""
    if not planes or camera is None or raw.photo is None:
        return tuple(planes)
    view = look_at_room(camera, raw.photo, raw.cutouts, solids)
    if view is None:
        return tuple(planes)
    return tuple(painted(record, plane, planes, view) for plane in planes)


def _plane(name: str, surface: RoomSurface, world: WorldFrame, look: Appearance, slid: str) -> RoomPlane:
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = surface.axes, world.level_to_world(surface.center)
    metres = world.metres_per_unit
    x, y = (metres * surface.half_size).tolist()
    against = "upright" if surface.kind == "wall" else "level"
    why = (
        f"fitted {against} to {surface.count} points of {surface.source}, which lie within "
        f"{1000 * metres * surface.rms:.0f} mm (root mean square); a free fit is {np.degrees(surface.tilt_rad):.1f} "
        f"degrees off{slid}"
    )
    return RoomPlane(name, surface.kind, Pose.from_matrix(T), (x, y), look, metres * surface.rms, surface.count, why)


def _plain(raw: RawScan) -> Appearance:
    """Return the background's colour; the middle of its vertices' colours where it has no other."""
    looks = [] if raw.background is None else [surface.look for surface in raw.background.surfaces]
    colors = [look.base_color_rgb for look in looks if look.texture_png is None]
    return Appearance(colors[0], None, _MATT) if colors else Appearance(roughness=_MATT)


def _slid(shift_m: float) -> str:
    return f"; the background was moved by {shift_m:.3f} m to its floor along the camera's upward axis"
