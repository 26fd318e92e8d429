"""What a foreign USD stage says: its objects one by one, each in the frame of its own prim."""

from dataclasses import dataclass

from blueprint.pipeline.scene.poses import Vec3

from .raw_scan import Points, RawMesh


@dataclass(frozen=True, eq=False)
class StageObject:
    """One prim that is an object, and its mesh; `T_stage_object` (4, 4) maps prim to stage, and may scale.

    `fault` is why there is no mesh.
    """

    path: str
    label: str
    T_stage_object: Points
    mesh: RawMesh | None
    fault: str = ""


@dataclass(frozen=True, eq=False)
class RawStage:
    """A stage as its layers say; `notes` are what is missing or was left unread in it."""

    file: str
    up: Vec3
    metres_per_unit: float
    objects: tuple[StageObject, ...]
    notes: tuple[str, ...] = ()
