"""Support surfaces in the world, and which of them a prop stands on: decided by geometry alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import Array, PropShape, rectangle_m

FLOOR = ""
"""Support of what stands on the floor."""


@dataclass(frozen=True, slots=True)
class WorldSurface:
    """A support surface in the world; `prop` is FLOOR for the ground, which has no edges."""

    prop: str
    name: str
    T_world_surface: Pose
    half_size_m: tuple[float, float]

    @property
    def height_m(self) -> float:
        """Return its height above the floor."""
        return self.T_world_surface.position_m[2]

    def outline_m(self) -> Array:
        """Return its edges as a counterclockwise outline, shape (4, 2)."""
        return rectangle_m(self.T_world_surface, self.half_size_m)

    def holds(self, xy_m: Array, margin_m: float = 0.0) -> bool:
        """Whether a point lies above the surface, or at most `margin_m` beside it."""
        if self.prop == FLOOR:
            return True
        local = self.T_world_surface.inverse().apply([xy_m[0], xy_m[1], self.height_m])
        return bool((np.abs(local[:2]) <= np.asarray(self.half_size_m) + margin_m).all())


FLOOR_SURFACE = WorldSurface(FLOOR, "floor", Pose(), (float("inf"), float("inf")))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a prop stands; `gap_m` is how far its lowest point was above (or, negative, below) the support."""

    surface: WorldSurface
    gap_m: float


def world_surfaces(prop: str, T_world_prop: Pose, surfaces: Sequence[SupportSurface]) -> list[WorldSurface]:
    """Return a prop's support surfaces in the world."""
    return [
        WorldSurface(prop, surface.name, T_world_prop @ surface.T_prop_surface, surface.half_size_m)
        for surface in surfaces
    ]


def find_support(
    shape: PropShape, T_world_prop: Pose, surfaces: Sequence[WorldSurface], reach_m: float
) -> Standing | None:
    """Return the surface nearest below or around a prop's lowest point, within `reach_m`; None where it floats."""
    corners = shape.corners_m(T_world_prop)
    center = (corners[:, :2].min(axis=0) + corners[:, :2].max(axis=0)) / 2
    lowest = float(corners[:, 2].min())
    standings = [Standing(surface, lowest - surface.height_m) for surface in surfaces if surface.holds(center)]
    near = [standing for standing in standings if abs(standing.gap_m) <= reach_m]
    return min(near, key=lambda standing: abs(standing.gap_m), default=None)


def surfaces_of(manifest: SceneManifest) -> list[WorldSurface]:
    """Return every support surface of an assembled scene's furniture, the floor last."""
    surfaces = [
        surface
        for entry in manifest.props
        if not entry.movable
        for surface in world_surfaces(entry.prop.id, entry.prop.T_world_prop, entry.supports)
    ]
    return [*surfaces, FLOOR_SURFACE]
