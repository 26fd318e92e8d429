"""The workbench: closed shapes, parts that can be cut off, things apart from each other, a hole that fits its peg."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from blueprint.pipeline.samples import bench_things, write_sample_scan, write_simple_sample_scan
from blueprint.pipeline.samples.environment import Environment
from blueprint.pipeline.samples.shape import Shape, welded
from blueprint.pipeline.samples.workbench import BENCH_TOP_M, build_workbench

SHAPES = {
    "bench": bench_things.bench,
    "panel": bench_things.panel,
    "holder": bench_things.holder,
    "peg": bench_things.peg,
    "small box": bench_things.small_box,
    "flat box": bench_things.flat_box,
    "base plate": bench_things.base_plate,
}


@pytest.fixture(params=range(3), ids=lambda seed: f"seed {seed}")
def room(request: pytest.FixtureRequest) -> Environment:
    return build_workbench(request.param)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_one_closed_shell(name: str) -> None:
    vertices, faces = welded(SHAPES[name]())
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert mesh.volume > 0


def part(shape: Shape, number: int) -> np.ndarray:
    return shape.vertices_m[np.unique(shape.faces[shape.part_of_face == number])]


def test_button_knob_and_slider_stand_on_the_panel() -> None:
    shape = bench_things.panel()
    for number in (bench_things.BUTTON, bench_things.KNOB, bench_things.SLIDER):
        assert part(shape, number)[:, 1].min() == pytest.approx(bench_things.PANEL_TOP_M)
        assert part(shape, number)[:, 1].max() > bench_things.PANEL_TOP_M + bench_things.BUTTON_TRAVEL_M


def test_the_slider_stays_on_the_panel() -> None:
    shape = bench_things.panel()
    reach = part(shape, bench_things.SLIDER)[:, 0].max() + bench_things.SLIDER_TRAVEL_M
    assert reach <= part(shape, bench_things.BASE)[:, 0].max()


def test_the_peg_fits_the_hole() -> None:
    gap = bench_things.HOLE_M - bench_things.PEG_M[0]
    assert 0.004 < gap < 0.01
    assert bench_things.HOLE_DEPTH_M < bench_things.PEG_M[1] - 0.05


def test_things_stand_on_the_bench_apart_from_each_other(room: Environment) -> None:
    standing = [item for item in room.items if item.rests_on]
    boxes = {item.label: (item.world_vertices_m.min(axis=0), item.world_vertices_m.max(axis=0)) for item in standing}
    for low, high in boxes.values():
        assert low[2] == pytest.approx(BENCH_TOP_M, abs=1e-6)
        assert (np.abs([low[:2], high[:2]]) <= [0.6, 0.35]).all()
    for first in boxes:
        for second in boxes:
            low, high = boxes[first], boxes[second]
            apart = max((low[0] - high[1])[:2].max(), (high[0] - low[1])[:2].max())
            assert first == second or apart > 0.035, (first, second)


def test_it_is_written_in_both_layouts(tmp_path: Path) -> None:
    write_sample_scan("workbench", tmp_path / "run")
    write_simple_sample_scan("workbench", tmp_path / "simple")
    predicted = list((tmp_path / "run" / "particulate").iterdir())
    assert [folder.name.split("__")[0] for folder in predicted] == ["control_panel"]
    assert "no pose was found" not in (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "simple" / "objects" / "peg_0" / "mesh.glb").is_file()
