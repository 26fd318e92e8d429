"""The room around the props: fixed boxes such as the floor slab and a robot's pedestal."""

from dataclasses import dataclass

from blueprint.pipeline.scene.poses import Pose, Vec3


@dataclass(frozen=True, slots=True)
class RoomBox:
    """A fixed box of the room, visible and solid; colour is sRGB 0 to 1, `why` says what put it there."""

    name: str
    T_world_box: Pose
    half_extents_m: Vec3
    color_rgb: Vec3
    static_friction: float
    dynamic_friction: float
    why: str
