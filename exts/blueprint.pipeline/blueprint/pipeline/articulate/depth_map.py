"""A picture of distances: how far outward a mesh reaches at each point of a front, found by casting rays."""

from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh as EmbreeMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .fronts import Front, Rectangle

Floats = NDArray[np.float64]

_FINEST_M = 0.0015
_MOST_PIXELS = 600_000
_AWAY_M = 0.01
_BEYOND_M = 1e-4
"""A second ray starts this far behind the first hit, or it would hit the same face again."""


@dataclass(frozen=True, eq=False)
class DepthMap:
    """Heights (H, W) in metres outward, NaN beside the mesh; row 0 is at the bottom, column 0 at the left.

    `thickness_m` (H, W) is how far a ray goes on inside before it comes out again, None where that was not asked for.
    """

    front: Front
    height_m: Floats
    thickness_m: Floats | None
    left_m: float
    bottom_m: float
    pixel_m: float
    caster: EmbreeScene
    above_m: float

    def sampled(self, right_m: Floats, up_m: Floats) -> Floats:
        """Return the heights, NaN beside the mesh, at places between pixels; all three of one shape."""
        origins = np.stack([right_m, up_m, np.full(right_m.shape, self.above_m)], axis=-1).astype(np.float32)
        return self.above_m - _cast(self.caster, origins.reshape(-1, 3)).reshape(right_m.shape)

    def rectangle(self, first_row: int, last_row: int, first_column: int, last_column: int) -> Rectangle:
        """Return the metres that rows and columns, last ones included, cover."""
        return Rectangle(
            self.left_m + first_column * self.pixel_m,
            self.bottom_m + first_row * self.pixel_m,
            self.left_m + (last_column + 1) * self.pixel_m,
            self.bottom_m + (last_row + 1) * self.pixel_m,
        )

    def points(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
        """Return the seen points (N, 3) at pixels: metres right, up, outward."""
        points: Floats = np.empty((len(rows), 3))
        points[:, 0] = self.left_m + (columns + 0.5) * self.pixel_m
        points[:, 1] = self.bottom_m + (rows + 0.5) * self.pixel_m
        points[:, 2] = self.height_m[rows, columns]
        return points


def depth_map_of(mesh: TriangleMesh, front: Front, *, through: bool = False) -> DepthMap:
    """Return what somebody sees who looks straight at a front, 1.5 mm or coarser per pixel; `through` asks further."""
    local = front.local(mesh.vertices_m)
    low, high = local.min(axis=0), local.max(axis=0)
    width_m, tall_m = float(high[0] - low[0]), float(high[1] - low[1])
    pixel_m = max(_FINEST_M, float(np.sqrt(max(width_m * tall_m, 1e-12) / _MOST_PIXELS)))
    columns, rows = (int(np.ceil(extent / pixel_m)) + 2 for extent in (width_m, tall_m))
    left_m, bottom_m = float(low[0]) - pixel_m, float(low[1]) - pixel_m
    x = left_m + (np.arange(columns) + 0.5) * pixel_m
    y = bottom_m + (np.arange(rows) + 0.5) * pixel_m
    origins = np.empty((rows, columns, 3), dtype=np.float32)
    origins[..., 0], origins[..., 1], origins[..., 2] = x[None, :], y[:, None], high[2] + _AWAY_M
    caster = EmbreeScene(robust=True)
    # Cast in the front's own frame, centred: single precision then resolves micrometres.
    EmbreeMesh(caster, local[mesh.faces].astype(np.float32))
    first = _cast(caster, origins.reshape(-1, 3))
    height = (high[2] + _AWAY_M) - first
    shape = (rows, columns)
    thickness = _thickness(caster, origins.reshape(-1, 3), height).reshape(shape) if through else None
    return DepthMap(
        front, height.reshape(shape), thickness, left_m, bottom_m, pixel_m, caster, float(high[2]) + _AWAY_M
    )


def _thickness(caster: EmbreeScene, origins: NDArray[np.float32], height: Floats) -> Floats:
    behind = origins.copy()
    behind[:, 2] = np.where(np.isnan(height), origins[:, 2], height - _BEYOND_M)
    thickness = _cast(caster, behind) + _BEYOND_M
    thickness[np.isnan(height)] = np.nan
    return thickness


def _cast(caster: EmbreeScene, origins: NDArray[np.float32]) -> Floats:
    directions = np.broadcast_to(np.array([0.0, 0.0, -1.0], dtype=np.float32), origins.shape).copy()
    found = caster.run(origins, directions, query="INTERSECT", output=True)
    distance: Floats = found["tfar"].astype(np.float64)
    distance[found["primID"] < 0] = np.nan
    return distance
