"""What a foreign scan says, in its own frame and units; nothing is decided here."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Vec3
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.provenance import ScanProvenance

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RawLook:
    """Colour of a surface: an sRGB colour, or a linear factor where there is a texture (PNG).

    `name` is what the file calls the material.
    """

    base_color_rgb: Vec3 = (0.7, 0.7, 0.7)
    texture_png: bytes | None = None
    texture_size: tuple[int, int] = (0, 0)
    roughness: float = 0.7
    metallic: float = 0.0
    name: str = ""


@dataclass(frozen=True, eq=False)
class RawSurface:
    """One material's triangles: vertices (V, 3), faces (F, 3), texture coordinates (V, 2) with v upwards.

    `node` is what the file calls it.
    """

    vertices: Points
    faces: NDArray[np.int32]
    uv: NDArray[np.float32] | None = None
    look: RawLook = RawLook()
    node: str = ""


@dataclass(frozen=True, eq=False)
class RawMesh:
    """A mesh file that was found sound; `file` is relative to the scan.

    `up` and `metres_per_unit` are what its format or the file itself declares, None where it does not. `notes` say what
    is missing from it or had to be repaired while it was read.
    """

    file: str
    surfaces: tuple[RawSurface, ...]
    up: Vec3 | None = None
    metres_per_unit: float | None = None
    notes: tuple[str, ...] = ()

    def vertices(self) -> Points:
        """Return the vertices of all surfaces in file order, shape (V, 3)."""
        return np.concatenate([surface.vertices for surface in self.surfaces])

    def faces(self) -> NDArray[np.int32]:
        """Return the faces of all surfaces, indexing `vertices()`, shape (F, 3)."""
        starts = np.cumsum([0, *(len(surface.vertices) for surface in self.surfaces)])
        return np.concatenate(
            [surface.faces + np.int32(start) for surface, start in zip(self.surfaces, starts, strict=False)]
        )

    def mapped(self, linear: Points, shift: Points) -> "RawMesh":
        """Map it by p -> linear @ p + shift; a map that mirrors turns the faces round, so that they stay outward."""
        mirrors = float(np.linalg.det(linear)) < 0
        surfaces = tuple(
            replace(
                surface,
                vertices=surface.vertices @ linear.T + shift,
                faces=surface.faces[:, ::-1].copy() if mirrors else surface.faces,
            )
            for surface in self.surfaces
        )
        return replace(self, surfaces=surfaces)


@dataclass(frozen=True, eq=False)
class RawObject:
    """One object: its mesh in a frame of its own, and the same mesh where it stands in the scan.

    `canonical` is None where the scan has only the posed mesh. `on_floor` is None where the scan does not say.
    `prediction` is in the frame of the mesh that it was made from: `canonical`, or `posed` without one.
    """

    key: str
    label: str
    posed: RawMesh
    canonical: RawMesh | None = None
    on_floor: bool | None = None
    prediction: PartPrediction | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RawCloud:
    """Points (N, 3) that the scan saw on a part of the room; `label` is the detector's word for it."""

    file: str
    label: str
    points: Points


@dataclass(frozen=True, slots=True)
class RawFailure:
    """An object that the scan names and that cannot be used."""

    key: str
    label: str
    reason: str


@dataclass(frozen=True, eq=False)
class RawCamera:
    """The photo's camera: `T_scan_camera` (4, 4) with the camera looking along -Z and +Y up; focal length in pixels."""

    T_scan_camera: Points
    focal_px: float
    width_px: int
    height_px: int


@dataclass(frozen=True, eq=False)
class RawScan:
    """A scan as its files say. Where the frame has no declared upward axis, it is the camera's (x right, y up).

    `tilts_with_camera` says that things which do not stand on the floor were fitted upright in the camera's frame, and
    `background_slides` that the background may be shifted along the camera's upward axis. `cutouts` are pictures of the
    photo's size that show one object each on white.
    """

    format: str
    objects: tuple[RawObject, ...]
    failures: tuple[RawFailure, ...]
    T_scan_camera: Points
    camera: RawCamera | None = None
    floor_points: Points | None = None
    background: RawMesh | None = None
    declared_up: Vec3 | None = None
    declared_metres_per_unit: float | None = None
    photo: Path | None = None
    tilts_with_camera: bool = False
    provenance: ScanProvenance = field(default_factory=ScanProvenance)
    remarks: tuple[str, ...] = ()
    room_clouds: tuple[RawCloud, ...] = ()
    background_slides: bool = False
    cutouts: tuple[Path, ...] = ()
