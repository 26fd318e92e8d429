"""Where columns meet meshes, against the ray tracer."""

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.columns import columns_over, cross


@pytest.mark.parametrize("per_side", [5, 33])
@given(seed=st.integers(0, 50))
def test_crossings_are_those_of_the_ray_tracer(per_side: int, seed: int) -> None:
    rotation = trimesh.transformations.random_rotation_matrix(np.random.default_rng(seed).random(3))
    mesh = trimesh.creation.annulus(0.3, 0.5, 0.4, sections=24).apply_transform(rotation)
    columns = columns_over(np.array([-0.6, -0.6]), np.array([0.6, 0.6]), per_side)
    found = cross(columns, np.asarray(mesh.vertices), np.asarray(mesh.faces, dtype=np.int32))
    origins = np.column_stack([columns.xy(), np.full(columns.count, -2.0)])
    places, rays, _ = mesh.ray.intersects_location(origins, np.tile([0.0, 0.0, 1.0], (columns.count, 1)))
    lowest = np.full(columns.count, np.inf)
    np.minimum.at(lowest, rays, places[:, 2])
    ours = found.lowest(columns.count)
    same = np.isfinite(ours) == np.isfinite(lowest)
    # A ray along an edge may count or not.
    assert same.mean() > 0.98
    both = np.isfinite(ours) & np.isfinite(lowest)
    assert ours[both] == pytest.approx(lowest[both], abs=1e-5)


def test_the_nearest_crossing_has_a_sign() -> None:
    mesh = trimesh.creation.box(bounds=[[0, 0, 0], [1, 1, 0.1]])
    columns = columns_over(np.zeros(2), np.ones(2), 4)
    found = cross(columns, np.asarray(mesh.vertices), np.asarray(mesh.faces, dtype=np.int32))
    assert found.nearest(np.full(16, 0.13)) == pytest.approx(np.full(16, 0.03))
    assert found.nearest(np.full(16, 0.09)) == pytest.approx(np.full(16, -0.01))
    assert found.highest(16) == pytest.approx(np.full(16, 0.1))


def test_columns_beside_a_mesh_meet_nothing() -> None:
    mesh = trimesh.creation.box(bounds=[[5, 5, 0], [6, 6, 1]])
    columns = columns_over(np.zeros(2), np.ones(2), 4)
    assert len(cross(columns, np.asarray(mesh.vertices), np.asarray(mesh.faces, dtype=np.int32)).column) == 0
