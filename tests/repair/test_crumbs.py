from tests.repair import faults

from blueprint.pipeline.repair.crumbs import sort_crumbs, without_crumbs

CRUMB = faults.moved(faults.box(0.0005, 0.0005, 0.0005), z_m=0.05)


def test_a_crumb_inside_goes_and_one_that_ends_the_box_stays() -> None:
    box = faults.box(0.1, 0.1, 0.1)
    with_crumb = faults.joined(box, CRUMB)
    done = without_crumbs(with_crumb, 0.0005)
    assert [deed.words() for deed in done.deeds] == ["1 loose crumb removed"]
    assert len(done.mesh.faces) == 12
    outside = faults.joined(box, faults.moved(CRUMB, x_m=0.2))
    assert not without_crumbs(outside, 0.0005).deeds
    assert sort_crumbs(outside, 0.0005).kept == 1


def test_a_part_of_some_size_is_no_crumb() -> None:
    knob = faults.moved(faults.box(0.01, 0.01, 0.01), z_m=0.05)
    assert not without_crumbs(faults.joined(faults.box(0.1, 0.1, 0.1), knob), 0.0005).deeds


def test_a_heap_of_crumbs_is_the_thing_itself() -> None:
    heap = [faults.moved(CRUMB, x_m=0.001 * at, y_m=0.001 * row) for at in range(40) for row in range(40)]
    assert not without_crumbs(faults.joined(*heap), 0.001).deeds
