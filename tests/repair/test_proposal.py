"""Props with spoiled meshes, mended as a whole."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.repair import faults

from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.repair.mending import mend
from blueprint.pipeline.repair.proposal import care_for
from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.repair.stage import RepairSettings
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import ReplaceMesh
from blueprint.pipeline.scene.meshes import TextureRef, TriangleMesh, load_mesh
from blueprint.pipeline.scene.props import Prop

SETTINGS = RepairSettings()
BALL = faults.ball()
CAN = faults.can(48, 40)

Spoil = Callable[[TriangleMesh, np.random.Generator], TriangleMesh]


def _holes(mesh: TriangleMesh, rng: np.random.Generator) -> TriangleMesh:
    return faults.without(mesh, rng.choice(len(mesh.faces), 2, replace=False))


def _flips(mesh: TriangleMesh, rng: np.random.Generator) -> TriangleMesh:
    return faults.turned(mesh, rng.choice(len(mesh.faces), 30, replace=False))


def _copies(mesh: TriangleMesh, rng: np.random.Generator) -> TriangleMesh:
    return faults.added(mesh, np.roll(mesh.faces[rng.choice(len(mesh.faces), 5)], 1, axis=1))


def _points(mesh: TriangleMesh, rng: np.random.Generator) -> TriangleMesh:
    return faults.added(mesh, mesh.faces[rng.choice(len(mesh.faces), 5)][:, [0, 1, 1]])


def _unwelded(mesh: TriangleMesh, _: np.random.Generator) -> TriangleMesh:
    return faults.unwelded(mesh)


def _mirrored(mesh: TriangleMesh, _: np.random.Generator) -> TriangleMesh:
    return faults.mirrored(mesh)


def _unused(mesh: TriangleMesh, rng: np.random.Generator) -> TriangleMesh:
    extra = rng.uniform(0.04, 0.06, (4, 3)) * [0, 0, 1]
    uv = None if mesh.uv is None else np.vstack([mesh.uv, np.zeros((4, 2), dtype=np.float32)])
    return replace(mesh, vertices_m=np.vstack([mesh.vertices_m, extra]), uv=uv)


SPOILS: tuple[Spoil, ...] = (_holes, _flips, _copies, _points, _unwelded, _mirrored, _unused)


def base_centre(prop: Prop, *folders: Path) -> np.ndarray:
    """Return the centre of the base of a prop's box."""
    meshes = [load_mesh(folders, visual.mesh) for body in prop.bodies for visual in body.visuals]
    points = np.concatenate([mesh.vertices_m[np.unique(mesh.faces)] for mesh in meshes])
    low, high = points.min(axis=0), points.max(axis=0)
    return np.array([*(low + high)[:2] / 2, low[2]])


@given(st.booleans(), st.lists(st.sampled_from(SPOILS), max_size=4), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_whatever_is_spoiled_comes_back_and_mending_twice_changes_nothing(
    textured: bool, spoils: list[Spoil], seed: int
) -> None:
    whole = CAN if textured else BALL
    mesh, rng = whole, np.random.default_rng(seed)
    for spoil in spoils:
        mesh = spoil(mesh, rng)
    done = mend(mesh, SETTINGS)
    assert bool(done.deeds) == (done.mesh is not mesh)
    found, sound = measure_quality(done.mesh), measure_quality(whole)
    assert found.degenerate_faces == found.duplicate_vertices == found.flipped_faces == 0
    assert len(np.unique(done.mesh.faces)) == len(done.mesh.vertices_m)
    assert (found.boundary_edges, found.non_manifold_edges, found.component_count) == (0, 0, 1)
    assert found.volume_m3 == pytest.approx(sound.volume_m3, rel=0.03)
    assert found.area_m2 == pytest.approx(sound.area_m2, rel=0.03)
    assert not mend(done.mesh, SETTINGS).deeds


@given(st.integers(2, 30), st.integers(1, 60), st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=60, deadline=None)
def test_even_a_random_heap_of_faces_ends_mended(points: int, count: int, seed: int, textured: bool) -> None:
    rng = np.random.default_rng(seed)
    uv = rng.random((points, 2)).astype(np.float32) if textured else None
    heap = TriangleMesh(rng.integers(0, 4, (points, 3)) / 10, rng.integers(0, points, (count, 3)).astype(np.int32), uv)
    done = mend(heap, SETTINGS)
    if len(done.mesh.faces):
        found = measure_quality(done.mesh)
        assert found.degenerate_faces == found.duplicate_vertices == found.flipped_faces == 0
        assert not mend(done.mesh, SETTINGS).deeds


def test_a_sound_prop_gets_no_edit(tmp_path: Path) -> None:
    care = care_for(faults.prop_of(tmp_path, BALL, CAN), (tmp_path,), tmp_path / "work", SETTINGS)
    assert care.edits == ()
    assert care.remarks == ()
    assert not (tmp_path / "work").exists()


def test_one_edit_says_all_that_was_mended_and_measures_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    spoiled = _unwelded(_holes(_copies(CAN, rng), rng), rng)
    prop = faults.prop_of(tmp_path, BALL, spoiled)
    (edit,) = care_for(prop, (tmp_path,), tmp_path / "work", SETTINGS).edits
    assert isinstance(edit, ReplaceMesh)
    assert (edit.body, edit.visual) == ("body", 1)
    for words in ("duplicate vertices joined", "5 duplicate faces removed", "2 small holes closed", "Before", "After"):
        assert words in edit.why
    assert edit.before == measure_quality(load_mesh([tmp_path], prop.bodies[0].visuals[1].mesh))
    assert edit.after == measure_quality(load_mesh([tmp_path / "work"], edit.mesh))
    assert edit.after.volume_m3 is not None
    mended = edited_prop(prop, (edit,))
    np.testing.assert_allclose(base_centre(mended, tmp_path, tmp_path / "work"), 0, atol=1e-9)
    assert care_for(mended, (tmp_path, tmp_path / "work"), tmp_path / "work", SETTINGS).edits == ()


def test_the_budget_is_the_link_s_and_meshes_share_it(tmp_path: Path) -> None:
    tight = RepairSettings(face_budget=2000, largest_texture_shift_px=4)
    prop = faults.prop_of(tmp_path, CAN, faults.moved(CAN, x_m=0.2), texture=TextureRef("0" * 40, 512, 512))
    edits = care_for(prop, (tmp_path,), tmp_path / "work", tight).edits
    meshes = [load_mesh([tmp_path / "work"], edit.mesh) for edit in edits if isinstance(edit, ReplaceMesh)]
    assert [len(mesh.faces) for mesh in meshes] == [1000, 1000]
    assert all(0 < mesh.deviation_m <= tight.largest_deviation_m for mesh in meshes)
    assert all("simplified from 3,936 to 1,000 faces" in edit.why and "px off" in edit.why for edit in edits)
    mended = edited_prop(prop, edits)
    assert care_for(mended, (tmp_path / "work",), tmp_path / "work", tight).edits == ()


def test_faces_that_must_stay_and_edges_that_nobody_can_part_are_said(tmp_path: Path) -> None:
    crossing = faults.joined(faults.box(0.1, 0.1, 0.1), faults.moved(faults.box(0.1, 0.1, 0.1), x_m=0.1, y_m=0.1))
    strict = RepairSettings(face_budget=100, largest_deviation_m=1e-9)
    care = care_for(faults.prop_of(tmp_path, crossing, BALL), (tmp_path,), tmp_path / "work", strict)
    (edit,) = care.edits
    assert edit.why.startswith("2 duplicate vertices joined. Before")
    assert care.remarks[0].startswith("body, mesh 0: 1 edges have more than two faces")
    assert any(text.startswith("body, mesh 1: 1,280 faces stay where") for text in care.remarks)


def test_shells_that_pass_through_each_other_keep_their_volumes() -> None:
    crossed = faults.joined(faults.box(0.2, 0.05, 0.05), faults.box(0.05, 0.2, 0.05))
    assert not mend(crossed, SETTINGS).deeds
    assert measure_quality(crossed).volume_m3 == pytest.approx(2 * 0.2 * 0.05 * 0.05)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda mesh: replace(mesh, vertices_m=np.where(mesh.vertices_m > 0.09, np.nan, mesh.vertices_m)), "NaN"),
        (lambda mesh: replace(mesh, vertices_m=np.where(mesh.vertices_m > 0.09, np.inf, mesh.vertices_m)), "infinite"),
        (lambda mesh: replace(mesh, faces=mesh.faces[:0]), "no faces"),
        (lambda mesh: replace(mesh, faces=mesh.faces + 9), "faces name vertices 9"),
        (lambda mesh: replace(mesh, faces=mesh.faces[:, [0, 0, 1]]), "none of its faces has an area"),
    ],
)
def test_a_mesh_that_nothing_can_be_made_of_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[TriangleMesh], TriangleMesh], words: str
) -> None:
    prop = faults.prop_of(tmp_path, spoil(BALL))
    with pytest.raises(ItemRejected, match=f"thing_1: link 'body'.*{words}"):
        care_for(prop, (tmp_path,), tmp_path / "work", SETTINGS)


@pytest.mark.slow
def test_eighty_thousand_faces_are_brought_down_in_bounded_time(tmp_path: Path) -> None:
    mesh = faults.ball(0.1, 6)
    assert len(mesh.faces) > 80_000
    prop = faults.prop_of(tmp_path, mesh)
    begun = time.process_time()
    (edit,) = care_for(prop, (tmp_path,), tmp_path / "work", SETTINGS).edits
    assert isinstance(edit, ReplaceMesh)
    assert edit.mesh.face_count <= SETTINGS.face_budget
    assert edit.after.volume_m3 == pytest.approx(edit.before.volume_m3, rel=1e-3)
    assert time.process_time() - begun < 60
