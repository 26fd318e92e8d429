"""What is measured about one link before anything is decided about the prop as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh
from blueprint.pipeline.scene.props import Body, Prop

from .cavities import is_hollow
from .colliders import Cut
from .decomposition import Limits
from .inertia import MassDistribution, distribution_of
from .kept_cuts import cut_once
from .looks import Look, measure_look
from .solids import PATCHED_AT_MOST, PATCHED_AT_MOST_OF_A_LINK, Solid, solid_of
from .stage import SimreadySettings
from .volume import Volume, enclosed_volume


@dataclass(frozen=True, eq=False)
class Link:
    """A link's visible meshes, one solid of them, its convex pieces, and how matter lies in it."""

    body: Body
    meshes: tuple[TriangleMesh, ...]
    solid: Solid
    cut: Cut
    volume: Volume
    distribution: MassDistribution

    def look(self, folders: Sequence[Path]) -> Look:
        """Measure how the link looks; textures are read from the records that hold them."""
        return measure_look(self.body.visuals, self.meshes, folders)

    def with_mass_in_walls(self, share: float) -> "Link":
        """Return the link with a share of its mass in its scanned surface."""
        return replace(self, distribution=distribution_of(self.solid, self.cut.hulls, share)) if share > 0 else self


def measure_links(
    work: Work, prop: Prop, mesh_folders: Sequence[Path], settings: SimreadySettings, worker: Sequence[str]
) -> dict[str, Link]:
    """Measure every link of a prop; raises ItemRejected for one without a shape."""
    limit = PATCHED_AT_MOST_OF_A_LINK if len(prop.bodies) > 1 else PATCHED_AT_MOST
    links: dict[str, Link] = {}
    for body in prop.bodies:
        meshes = tuple(load_mesh(mesh_folders, visual.mesh) for visual in body.visuals)
        solid = solid_of(meshes, limit)
        if len(solid.faces) < 4:
            raise ItemRejected(
                prop.id, f"link {body.name!r} has {len(solid.faces)} usable faces; at least 4 are needed"
            )
        links[body.name] = _measure(work, prop, body, meshes, solid, settings, worker)
    return links


def _measure(
    work: Work,
    prop: Prop,
    body: Body,
    meshes: tuple[TriangleMesh, ...],
    solid: Solid,
    settings: SimreadySettings,
    worker: Sequence[str],
) -> Link:
    most = settings.max_hulls_hollow if is_hollow(solid) else settings.max_hulls
    limits = Limits(
        # One is kept for the sole on which a thing of many pieces stands.
        max(1, most - 1),
        settings.concavity,
        settings.decomposition_faces,
        settings.decomposition_deadline_s,
    )
    cut = cut_once(work, f"{prop.id}/{body.name}", body, solid, limits, settings.max_hull_vertices, worker)
    volume = enclosed_volume(solid, cut.hulls, is_link=len(prop.bodies) > 1)
    return Link(body, meshes, solid, cut, volume, distribution_of(solid, cut.hulls))
