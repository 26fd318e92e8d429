import sys
from pathlib import Path

import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.scene.colliders import CylinderPiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.simready.colliders import Cut
from blueprint.pipeline.simready.decomposition import WORKER, Limits
from blueprint.pipeline.simready.hulls import hull_of
from blueprint.pipeline.simready.kept_cuts import cut_once, pack_cut, unpack_cut
from blueprint.pipeline.simready.solids import solid_of

NEVER = ("false",)
"""A worker that may not be needed."""

HANGS = (sys.executable, "-c", "import time; time.sleep(60)")


def leaning_angle() -> TriangleMesh:
    """Return a concave thing that only a search can cut."""
    turn = np.array([[1.0, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    mesh = shapes.corner_piece()
    return TriangleMesh(mesh.vertices_m @ turn.T, mesh.faces)


def cut(store: Store, folder: Path, name: str, worker: tuple[str, ...], deadline_s: int = 60) -> Cut:
    prop = shapes.prop_of(folder, leaning_angle(), "thing", prop_id=name)
    limits = Limits(8, 0.05, 6000, deadline_s)
    work = Work(store.begin(name), store=store.root)
    return cut_once(work, f"{name}/body", prop.bodies[0], solid_of([leaning_angle()]), limits, 64, worker)


def test_equal_meshes_of_two_props_are_cut_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first = cut(store, tmp_path, "angle_1", WORKER)
    second = cut(store, tmp_path, "angle_2", NEVER)
    assert first.method == second.method == "coacd"
    assert pack_cut(first) == pack_cut(second)
    assert len(store.keys()) == 1


def test_a_hang_costs_the_object_and_leaves_nothing_behind(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with pytest.raises(ItemRejected, match=r"longer than 1 s; raise simready\.decomposition_deadline_s"):
        cut(store, tmp_path, "angle_1", HANGS, deadline_s=1)
    assert store.keys() == []


def test_pieces_survive_packing() -> None:
    hull = hull_of(shapes.corner_piece().vertices_m)
    tube = CylinderPiece(Pose((0.1, 0.2, 1 / 3)), 0.03, 0.1)
    packed = pack_cut(Cut((hull, tube), "vessel+coacd", ("a note",)))
    found = unpack_cut(packed)
    assert (found.method, found.notes, found.pieces[1]) == ("vessel+coacd", ("a note",), tube)
    assert isinstance(found.pieces[0], TriangleMesh)
    assert np.array_equal(found.pieces[0].vertices_m, hull.vertices_m)
    assert np.array_equal(found.pieces[0].faces, hull.faces)
    assert pack_cut(found) == packed
