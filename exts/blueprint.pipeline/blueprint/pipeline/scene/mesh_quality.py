"""What is measured about a mesh before and after a repair."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeshQuality:
    """Figures of one triangle mesh; `volume_m3` is None where the surface is not closed.

    Boundary edges have one face, non-manifold edges more than two. Duplicate vertices share place and texture
    coordinate; flipped faces are those wound against their closed shell's outside.
    """

    vertex_count: int
    face_count: int
    component_count: int
    boundary_edges: int
    non_manifold_edges: int
    degenerate_faces: int
    duplicate_vertices: int
    flipped_faces: int
    area_m2: float
    volume_m3: float | None
