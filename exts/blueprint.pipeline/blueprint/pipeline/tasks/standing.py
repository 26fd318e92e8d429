"""What a prop stands on, as support surfaces have it."""

import numpy as np

from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose

BESIDE_M, OFF_M = 0.02, 0.05
"""How far beside a surface, and above or below it, the origin of what stands on it may be."""


def support_of(manifest: SceneManifest, T_world_prop: Pose) -> tuple[SceneProp, SupportSurface] | None:
    """Return the support surface that a prop stands on: the nearest one that reaches under its origin."""
    best: tuple[float, SceneProp, SupportSurface] | None = None
    for owner in manifest.props:
        for surface in owner.supports:
            local = (owner.prop.T_world_prop @ surface.T_prop_surface).inverse().apply(T_world_prop.position_m)
            inside = (np.abs(local[:2]) <= np.asarray(surface.half_size_m) + BESIDE_M).all()
            if inside and abs(local[2]) < OFF_M and (best is None or abs(local[2]) < best[0]):
                best = (abs(float(local[2])), owner, surface)
    return None if best is None else best[1:]
