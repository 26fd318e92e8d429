"""Measure what may be wrong with a mesh."""

import numpy as np

from blueprint.pipeline.scene.mesh_quality import MeshQuality
from blueprint.pipeline.scene.meshes import TriangleMesh

from .shapes import areas_m2, volumes_m3, without_area
from .topology import topology_of
from .welding import distinct_vertices
from .winding import wrongly_wound


def measure_quality(mesh: TriangleMesh) -> MeshQuality:
    """Return a mesh's figures; the volume is negative for a closed surface that is wound inwards."""
    topology = topology_of(mesh)
    corners = mesh.vertices_m[mesh.faces]
    boundary, non_manifold = topology.edge_counts()
    flat = without_area(corners, topology.faces)
    closed = len(mesh.faces) > 0 and topology.balanced()
    middle = corners.mean(axis=(0, 1)) if closed else np.zeros(3)
    return MeshQuality(
        vertex_count=len(mesh.vertices_m),
        face_count=len(mesh.faces),
        component_count=int(topology.shell_of_face.max(initial=-1)) + 1,
        boundary_edges=boundary,
        non_manifold_edges=non_manifold,
        degenerate_faces=int(flat.sum()),
        duplicate_vertices=len(mesh.vertices_m) - int(distinct_vertices(mesh).max(initial=-1)) - 1,
        flipped_faces=int(wrongly_wound(mesh, topology).flips.sum()),
        area_m2=float(areas_m2(corners).sum()),
        volume_m3=float(volumes_m3(corners, middle).sum()) if closed else None,
    )
