import sys

import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.simready.colliders import cut_into_pieces
from blueprint.pipeline.simready.decomposition import WORKER, Decomposition, DecompositionTooSlow, Limits, decompose
from blueprint.pipeline.simready.hulls import hull_of, hull_volume_m3
from blueprint.pipeline.simready.solids import Solid, solid_of

LIMITS = Limits(max_hulls=8, concavity=0.05, faces=16000, deadline_s=60)

DIES = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
TALKS_NONSENSE = (sys.executable, "-c", "print('all fine')")
HANGS = (sys.executable, "-c", "import time; time.sleep(60)")
DIES_IN_COACD = (
    sys.executable,
    "-c",
    "import os, signal; from blueprint.pipeline.simready import decomposition_worker as worker\n"
    "worker.cut_with_coacd = lambda *_: os.kill(os.getpid(), signal.SIGSEGV)\n"
    "worker.main()",
)


@pytest.fixture(scope="module")
def corner() -> Solid:
    return solid_of([shapes.corner_piece()])


def cut(solid: Solid, worker: tuple[str, ...] = WORKER) -> Decomposition:
    return decompose("corner", [solid], LIMITS, worker)


def volume_m3(found: Decomposition) -> float:
    return sum(hull_volume_m3(hull_of(part)) for part in found.parts)


def test_an_angle_falls_into_two_parts_of_its_own_volume(corner: Solid) -> None:
    found = cut(corner)
    assert (found.method, found.failures) == ("coacd", ())
    assert len(found.parts) == 2
    assert volume_m3(found) == pytest.approx(corner.volume_m3, rel=0.02)


def test_the_same_mesh_gives_the_same_bytes(corner: Solid) -> None:
    first, second = ([part.tobytes() for part in cut(corner).parts] for _ in range(2))
    assert first == second


def test_a_crash_is_followed_by_another_method_and_recorded(corner: Solid) -> None:
    found = cut(corner, DIES_IN_COACD)
    assert found.method == "vhacd"
    assert found.failures == ("coacd was ended by signal 11",)
    assert volume_m3(found) < 1.5 * corner.volume_m3


@pytest.mark.parametrize(
    ("worker", "cause"), [(DIES, "was ended by signal 11"), (TALKS_NONSENSE, "gave no usable part")]
)
def test_where_nothing_works_the_single_hull_is_taken_and_named(
    corner: Solid, worker: tuple[str, ...], cause: str
) -> None:
    # Leaning, so that it is not known for boards.
    turn = np.array([[1.0, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    leaning = Solid(corner.vertices_m @ turn.T, corner.faces, True)
    found = cut_into_pieces("corner", leaning, LIMITS, 64, np.random.default_rng(0), worker)
    assert (found.method, len(found.pieces)) == ("hull", 1)
    assert found.notes == (f"coacd {cause}, so hull was used", f"vhacd {cause}, so hull was used")


def test_a_slow_child_fails_instead_of_choosing_another_result(corner: Solid) -> None:
    limits = Limits(LIMITS.max_hulls, LIMITS.concavity, LIMITS.faces, deadline_s=1)
    with pytest.raises(DecompositionTooSlow, match=r"corner: cutting 20 faces .* longer than 1 s; raise") as caught:
        decompose("corner", [corner], limits, HANGS)
    assert isinstance(caught.value, ItemRejected)


def test_pieces_are_cut_one_by_one_and_share_the_hulls(corner: Solid) -> None:
    far = Solid(corner.vertices_m + np.array([1.0, 0.0, 0.0]), corner.faces, True)
    found = decompose("corner", [corner, far], LIMITS)
    assert len(found.parts) == 4
    assert all(np.ptp(part[:, 0]) < 0.2 for part in found.parts)
