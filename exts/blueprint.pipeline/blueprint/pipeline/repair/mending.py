"""The order in which a mesh is mended, until nothing is left to do."""

from collections.abc import Callable

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .crumbs import without_crumbs
from .deeds import Deed, Mended, summed
from .faces import without_collapsed, without_copies, without_inner_walls
from .holes import close_holes
from .slivers import without_slivers
from .stage import RepairSettings
from .welding import weld, without_unused
from .winding import wind_outwards

_ROUNDS = 5


def unusable(mesh: TriangleMesh) -> str:
    """Return why a mesh cannot be mended, or nothing."""
    bad = int((~np.isfinite(mesh.vertices_m)).any(axis=1).sum())
    if bad:
        return f"{bad} of {len(mesh.vertices_m)} vertices are NaN or infinite; all must be finite"
    if not len(mesh.faces):
        return "there are no faces; at least one is needed"
    low, high = int(mesh.faces.min()), int(mesh.faces.max())
    if low < 0 or high >= len(mesh.vertices_m):
        return f"faces name vertices {low} to {high}; there are vertices 0 to {len(mesh.vertices_m) - 1}"
    return ""


def mend(mesh: TriangleMesh, settings: RepairSettings) -> Mended:
    """Mend a usable mesh; each round can lay bare what the next one mends. No face is left of one without area."""
    steps: tuple[Callable[[TriangleMesh], Mended], ...] = (
        weld,
        without_collapsed,
        without_copies,
        without_inner_walls,
        without_slivers,
        lambda given: without_crumbs(given, settings.crumb_share),
        wind_outwards,
        lambda given: close_holes(given, settings.hole_share),
        without_unused,
    )
    deeds: list[Deed] = []
    for _ in range(_ROUNDS):
        before = len(deeds)
        for step in steps:
            if len(mesh.faces):
                done = step(mesh)
                mesh, deeds = done.mesh, [*deeds, *done.deeds]
        if len(deeds) == before:
            break
    return Mended(mesh, summed(deeds))
