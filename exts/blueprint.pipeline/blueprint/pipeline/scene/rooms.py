"""The room around the props: planes that the scan shows, and the fixed boxes that stand for them in the scene."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.poses import Pose, Vec2, Vec3
from blueprint.pipeline.scene.props import Appearance


@dataclass(frozen=True, slots=True)
class RoomPlane:
    """A flat part of the room, fitted to what the scan shows of it; `T_world_plane` has its centre, +Z into the room.

    `rms_m` is the fit's residual and `point_count` the number of points behind it. A textured appearance covers the
    rectangle once, u along x and v along y.
    """

    name: str
    kind: Literal["floor", "wall", "ceiling"]
    T_world_plane: Pose
    half_size_m: Vec2
    appearance: Appearance
    rms_m: float
    point_count: int
    why: str


@dataclass(frozen=True, slots=True)
class RoomBox:
    """A fixed box of the room, always solid; colour is sRGB 0 to 1, `why` says what put it there.

    An `appearance` overrules the colour. Its texture covers the box's +Z face, or only the rectangle about that face's
    middle with the half sizes `texture_half_m`; the rest takes the colour of the texture's rim. A box that is not
    `visible` would hide the scene from a camera or from its light.
    """

    name: str
    T_world_box: Pose
    half_extents_m: Vec3
    color_rgb: Vec3
    static_friction: float
    dynamic_friction: float
    why: str
    appearance: Appearance | None = None
    texture_half_m: Vec2 | None = None
    visible: bool = True
