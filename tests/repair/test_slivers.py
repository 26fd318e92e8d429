import numpy as np
import pytest
from tests.repair import faults

from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.repair.slivers import without_slivers
from blueprint.pipeline.scene.meshes import TriangleMesh


def with_sliver(with_uv: bool) -> TriangleMesh:
    """Return a box one side of which has a middle that only the face on the other side of it knows, and a sliver."""
    box = faults.box(0.1, 0.1, 0.1)
    a, b, c = box.faces[0]
    middle = len(box.vertices_m)
    vertices = np.vstack([box.vertices_m, (box.vertices_m[a] + box.vertices_m[b]) / 2])
    faces = np.vstack([[(a, middle, c), (middle, b, c), (a, b, middle)], box.faces[1:]]).astype(np.int32)
    uv = vertices[:, :2].astype(np.float32) if with_uv else None
    return TriangleMesh(vertices, faces, uv)


@pytest.mark.parametrize("with_uv", [False, True])
def test_a_sliver_is_cut_into_its_neighbour_and_leaves_no_crack(with_uv: bool) -> None:
    spoiled = with_sliver(with_uv)
    assert measure_quality(spoiled).degenerate_faces == 1
    done = without_slivers(spoiled)
    assert [deed.words() for deed in done.deeds] == ["1 face without height cut into its neighbour"]
    found = measure_quality(done.mesh)
    assert (found.degenerate_faces, found.boundary_edges, found.non_manifold_edges) == (0, 0, 0)
    assert found.volume_m3 == pytest.approx(0.001)
    if done.mesh.uv is not None:
        np.testing.assert_allclose(done.mesh.uv, done.mesh.vertices_m[:, :2], atol=1e-6)


def test_a_sliver_without_neighbour_is_dropped() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0.5, 0, 0], [0, 1, 0.0]])
    done = without_slivers(TriangleMesh(vertices, np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)))
    assert [deed.words() for deed in done.deeds] == ["1 face without area removed"]
    assert done.mesh.faces.tolist() == [[0, 2, 3]]
