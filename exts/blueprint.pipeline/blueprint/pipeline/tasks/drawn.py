"""The noun that drawing a place yields."""

from dataclasses import dataclass, field

from blueprint.pipeline.episode.goals import Region
from blueprint.pipeline.scene.poses import Pose, Vec3


@dataclass(frozen=True, eq=False, slots=True)
class Room:
    """A box that a link carries."""

    body: str
    T_body_room: Pose
    half_size_m: Vec3


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """One draw of a place: where each prop goes (T_world_prop), and the region or room that this means.

    `values` are numbers that the step takes along, such as a depth.
    """

    poses: dict[str, Pose]
    region: Region | None = None
    room: Room | None = None
    values: dict[str, float] = field(default_factory=dict[str, float])
