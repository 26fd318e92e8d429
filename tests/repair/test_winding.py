import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.repair import faults

from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.repair.topology import topology_of
from blueprint.pipeline.repair.winding import wind_outwards, wrongly_wound
from blueprint.pipeline.scene.meshes import TriangleMesh

BALL = faults.ball()


@given(st.sets(st.integers(0, len(BALL.faces) - 1), max_size=len(BALL.faces)))
@settings(max_examples=30, deadline=None)
def test_whatever_faces_are_turned_all_look_outwards_again(chosen: set[int]) -> None:
    spoiled = faults.turned(BALL, np.array(sorted(chosen), dtype=np.int64))
    assert measure_quality(spoiled).flipped_faces == len(chosen)
    np.testing.assert_array_equal(np.sort(wind_outwards(spoiled).mesh.faces, axis=1), np.sort(BALL.faces, axis=1))
    found = measure_quality(wind_outwards(spoiled).mesh)
    assert found.flipped_faces == 0
    assert found.volume_m3 == pytest.approx(measure_quality(BALL).volume_m3)


def test_a_mirrored_mesh_is_turned_as_a_whole() -> None:
    image = faults.mirrored(faults.box(0.1, 0.2, 0.3))
    assert (measure_quality(image).volume_m3 or 0) < 0
    done = wind_outwards(image)
    assert [deed.words() for deed in done.deeds] == ["12 faces turned outwards"]
    assert measure_quality(done.mesh).volume_m3 == pytest.approx(0.006)


def test_each_shell_is_judged_by_itself() -> None:
    pair = faults.joined(faults.box(0.1, 0.1, 0.1), faults.moved(faults.mirrored(faults.box(0.1, 0.1, 0.1)), x_m=0.3))
    assert np.flatnonzero(wrongly_wound(pair, topology_of(pair)).flips).tolist() == list(range(12, 24))


def test_a_cavity_stays_wound_against_its_shell() -> None:
    cavity = faults.mirrored(faults.moved(faults.ball(0.03, 2), z_m=0.02))
    hollow = faults.joined(faults.ball(0.05), cavity)
    assert not wind_outwards(hollow).deeds
    image = wind_outwards(faults.mirrored(hollow))
    assert image.deeds[0].count == len(hollow.faces)
    assert measure_quality(image.mesh).volume_m3 == pytest.approx(measure_quality(hollow).volume_m3)


def test_an_open_bowl_and_a_sheet_keep_the_side_that_most_of_them_show() -> None:
    low = BALL.vertices_m[BALL.faces][:, :, 2].mean(axis=1) < 0.05
    bowl = faults.without(BALL, np.flatnonzero(~low))
    for sheet in (bowl, TriangleMesh(bowl.vertices_m, bowl.faces[:, ::-1])):
        assert not wind_outwards(sheet).deeds
        assert wind_outwards(faults.turned(sheet, np.arange(20))).deeds[0].count == 20


def test_a_nearly_closed_shell_has_an_inside() -> None:
    inverted = faults.mirrored(faults.without(BALL, np.arange(5)))
    assert wind_outwards(inverted).deeds[0].count == len(BALL.faces) - 5


def test_a_surface_with_one_side_is_left_alone() -> None:
    turns = np.linspace(0, 2 * np.pi, 41)[:-1]
    middle = np.stack([np.cos(turns), np.sin(turns), np.zeros(40)], axis=1)
    lean = np.stack([np.cos(turns) * np.cos(turns / 2), np.sin(turns) * np.cos(turns / 2), np.sin(turns / 2)], axis=1)
    vertices = np.concatenate([middle - 0.2 * lean, middle + 0.2 * lean])
    faces = []
    for at in range(40):
        low, high = at, at + 40
        # Half a turn on, what was low is high.
        after = (at + 1, at + 41) if at < 39 else (40, 0)
        faces += [(low, after[0], after[1]), (low, after[1], high)]
    band = TriangleMesh(vertices, np.array(faces, dtype=np.int32))
    assert wrongly_wound(band, topology_of(band)).one_sided.all()
    assert not wind_outwards(band).deeds
