"""What ingest makes of a scan: props in a metric, upright world, and the evidence for scale and gravity."""

from dataclasses import dataclass

from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import LeftOut, Prop
from blueprint.pipeline.scene.relations import Relation
from blueprint.pipeline.scene.rooms import RoomPlane


@dataclass(frozen=True, slots=True)
class ScaleSample:
    """One piece of scale evidence: what the scan measures, what it should be, and the factor that follows."""

    source: str
    subject: str
    measured_units: float
    expected_m: float
    metres_per_unit: float
    weight: float
    outlier_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class ScaleEstimate:
    """The one factor from scan units to metres; `spread` is the relative median absolute deviation of the samples.

    `confidence` is the chance that it is right within 10 %, None where a person or the scan gave it. `conflicts` are
    sentences about evidence that contradicts it.
    """

    metres_per_unit: float
    method: str
    spread: float | None
    samples: tuple[ScaleSample, ...]
    why: str
    confidence: float | None = None
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GravityEstimate:
    """The upward direction in the scan's frame and where it comes from."""

    up_scan: Vec3
    method: str
    why: str


@dataclass(frozen=True, slots=True)
class PhotoCamera:
    """The camera that took the photo; looks along -Z of its frame with +Y up, principal point at the centre."""

    T_world_camera: Pose
    focal_px: float
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan in world coordinates: Z up, metres, floor at z = 0, origin below the camera, +Y its horizontal view.

    `sample` marks a generated sample, whose data never certify as more than test data.
    """

    id: str
    format: str
    props: tuple[Prop, ...]
    left_out: tuple[LeftOut, ...]
    scale: ScaleEstimate
    gravity: GravityEstimate
    camera: PhotoCamera | None
    sample: bool = False
    relations: tuple[Relation, ...] = ()
    room: tuple[RoomPlane, ...] = ()

    def prop(self, prop_id: str) -> Prop:
        """Return a prop by id."""
        return next(prop for prop in self.props if prop.id == prop_id)
