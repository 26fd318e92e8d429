"""The stage as a whole, on a scan of four things made here."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.engine.events import ItemFinished, Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.stage import Item, Settings, Steps, Work, mapped_stage, stage
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.colliders import BoxPiece, HullPiece
from blueprint.pipeline.scene.edits import (
    AddGrasp,
    AddRegion,
    AddSupport,
    Edit,
    SetColliders,
    SetMass,
    SetMaterial,
    SetSemantics,
)
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.records import (
    EDITS_FILE,
    Articulated,
    ArticulatedProp,
    Ingested,
    Repaired,
    RepairedProp,
    SimReady,
    SimReadyProp,
)
from blueprint.pipeline.scene.scans import GravityEstimate, ScaleEstimate, Scan
from blueprint.pipeline.scene.shapes import shape_of
from blueprint.pipeline.simready.hulls import height_above
from blueprint.pipeline.simready.inertia import is_physical
from blueprint.pipeline.simready.stage import SimreadySettings, simready


class NoSettings(Settings, frozen=True):
    """Nothing to set."""


def _props(folder: Path) -> tuple[Prop, ...]:
    scrap = TriangleMesh(np.eye(3), np.array([[0, 1, 2]], dtype=np.int32))
    return (
        shapes.prop_of(folder, shapes.cup(), "mug", prop_id="mug_1"),
        shapes.prop_of(folder, shapes.cylinder(0.033, 0.1), "can", prop_id="can_1"),
        shapes.prop_of(folder, shapes.table(), "table", prop_id="table_1", role=Role.FURNITURE),
        shapes.prop_of(folder, scrap, "box", prop_id="scrap_1"),
    )


@stage(version=1)
def ingest(work: Work, settings: NoSettings) -> Steps[Ingested]:
    """Make a scan."""
    yield from ()
    scale = ScaleEstimate(1.0, "measured", None, (), "made in metres")
    gravity = GravityEstimate((0.0, 0.0, 1.0), "made", "made upright")
    scan = Scan("made", "made", _props(work.folder), (), scale, gravity, None)
    save(work.folder / Ingested.SCAN_FILE, scan)
    return Ingested(work.folder)


def _props_of(scan: Ingested, settings: NoSettings) -> Sequence[Item]:
    return [Item(prop.id) for prop in scan.scan.props]


@mapped_stage(output=Articulated, items=_props_of, version=1)
def articulate(work: Work, item: Item, scan: Ingested, settings: NoSettings) -> Steps[ArticulatedProp]:
    """Find no joints."""
    yield from ()
    save(work.folder / EDITS_FILE, (), tuple[Edit, ...])
    return ArticulatedProp(work.folder)


@mapped_stage(output=Repaired, items=_props_of, version=1)
def repair(work: Work, item: Item, scan: Ingested, settings: NoSettings) -> Steps[RepairedProp]:
    """Mend nothing."""
    yield from ()
    save(work.folder / EDITS_FILE, (), tuple[Edit, ...])
    return RepairedProp(work.folder)


def run(root: Path, settings: SimreadySettings | None = None) -> tuple[SimReady, Ingested, list[ItemFinished]]:
    pipeline = (ingest, articulate, repair, simready)
    sections = {
        "ingest": NoSettings(),
        "articulate": NoSettings(),
        "repair": NoSettings(),
        "simready": settings or SimreadySettings(),
    }
    tape, state = Tape(), RunState()
    executor = InlineExecutor({entry.name: entry for entry in pipeline})
    run_pipeline(pipeline, sections, Store(root), executor, tape, state)
    record, scan = state.records["simready"], state.records["ingest"]
    assert isinstance(record, SimReady)
    assert isinstance(scan, Ingested)
    return record, scan, [event for event in tape.events if isinstance(event, ItemFinished)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimReady]:
    root = tmp_path_factory.mktemp("store")
    return root, run(root)[0]


def only(edits: Sequence[Edit], kind: type) -> list:
    return [edit for edit in edits if isinstance(edit, kind)]


def test_every_sound_prop_gets_every_decision_with_a_reason(made: tuple[Path, SimReady]) -> None:
    props = made[1].props()
    assert list(props) == ["mug_1", "can_1", "table_1"]
    for record in props.values():
        for kind in (SetMaterial, SetMass, SetColliders, SetSemantics):
            assert len(only(record.edits, kind)) == 1
        assert all(len(edit.why) > 20 for edit in record.edits)


def test_a_prop_without_a_surface_is_left_out_with_a_reason(made: tuple[Path, SimReady]) -> None:
    assert made[1].items_left_out == {"scrap_1": "link 'body' has 1 usable faces; at least 4 are needed"}


def test_the_mug_says_why_it_weighs_what_it_weighs(made: tuple[Path, SimReady]) -> None:
    (mass,) = only(made[1].props()["mug_1"].edits, SetMass)
    assert 0.2 <= mass.mass_kg <= 0.6
    assert "ceramic 2400 kg/m3 x" in mass.why
    assert "mug range 0.2..0.6 kg" in mass.why
    assert is_physical(mass.inertia_kg_m2)


def test_hulls_are_convex_small_and_stand_on_the_base(made: tuple[Path, SimReady]) -> None:
    for name in ("mug_1", "can_1"):
        record: SimReadyProp = made[1].props()[name]
        (colliders,) = only(record.edits, SetColliders)
        assert shape_of(colliders.pieces, [record.folder]).lowest_m(Pose()) == pytest.approx(0.0, abs=1e-12)
        for piece in colliders.pieces:
            if isinstance(piece, HullPiece):
                hull = load_mesh([record.folder], piece.mesh)
                assert len(hull.vertices_m) <= 64
                assert height_above(hull, hull.vertices_m).max() < 1e-9


def test_the_cavity_of_a_mug_stays_open(made: tuple[Path, SimReady]) -> None:
    record = made[1].props()["mug_1"]
    (colliders,) = only(record.edits, SetColliders)
    hulls = [load_mesh([record.folder], piece.mesh) for piece in colliders.pieces]
    inside = np.array([[0.0, 0.0, z] for z in (0.02, 0.05, 0.085)])
    assert min(float(height_above(hull, inside).min()) for hull in hulls) > 0.01
    assert colliders.volume_ratio == pytest.approx(1.0, abs=0.1)


def test_the_table_collides_with_a_box_at_its_top(made: tuple[Path, SimReady]) -> None:
    edits = made[1].props()["table_1"].edits
    (support,), (colliders,) = only(edits, AddSupport), only(edits, SetColliders)
    assert support.surface.T_prop_surface.position_m[2] == pytest.approx(0.75)
    boxes = [piece for piece in colliders.pieces if isinstance(piece, BoxPiece)]
    tops = [piece.T_prop_box.position_m[2] + piece.half_extents_m[2] for piece in boxes]
    assert max(tops) == pytest.approx(0.75)


def test_two_stores_hold_the_same_bytes(made: tuple[Path, SimReady], tmp_path: Path) -> None:
    assert run(tmp_path)[0].digest == made[1].digest


def test_one_correction_recomputes_one_object(made: tuple[Path, SimReady], tmp_path: Path) -> None:
    file = tmp_path / "corrections.yaml"
    file.write_text("corrections:\n  - {object: can_1, mass_kg: 0.4, why: weighed}\n")
    record, _, items = run(made[0], SimreadySettings(corrections=file))
    assert {event.item: event.reused for event in items} == {
        "mug_1": True,
        "can_1": False,
        "table_1": True,
        "scrap_1": True,
    }
    (mass,) = only(record.props()["can_1"].edits, SetMass)
    assert mass.mass_kg == pytest.approx(0.4)
    assert "weighed" in mass.why


def test_an_unknown_material_in_a_correction_names_the_object(made: tuple[Path, SimReady], tmp_path: Path) -> None:
    file = tmp_path / "corrections.yaml"
    file.write_text("corrections:\n  - {object: can_1, material: unobtainium}\n")
    with pytest.raises(UnknownName, match=r"can_1.*unobtainium"):
        run(made[0], SimreadySettings(corrections=file))


def test_a_users_table_of_materials_weighs_anew(made: tuple[Path, SimReady], tmp_path: Path) -> None:
    table = tmp_path / "ours.yaml"
    table.write_text(
        "format: blueprint.materials\nversion: 1\nmaterials:\n"
        "  ceramic: {density_kg_m3: 3000, nonvisual_base: ceramic_glass, friction: [0.4, 0.3], restitution: 0.2,\n"
        "            words: [ceramic], source: 'density and friction: measured by us'}\n"
    )
    record, _, items = run(made[0], SimreadySettings(materials=table))
    assert not any(event.reused for event in items if event.item == "mug_1")
    (before,), (after,) = (only(each.props()["mug_1"].edits, SetMass) for each in (made[1], record))
    assert after.mass_kg == pytest.approx(before.mass_kg * 3000 / 2400)
    (material,) = only(record.props()["mug_1"].edits, SetMaterial)
    assert (material.nonvisual_base, material.density_kg_m3) == ("ceramic_glass", 3000)


def test_the_mug_has_room_inside_and_places_to_hold_it(made: tuple[Path, SimReady]) -> None:
    edits = made[1].props()["mug_1"].edits
    (region,), grasps = only(edits, AddRegion), only(edits, AddGrasp)
    assert (region.region.kind, region.region.opening) == ("in", (0.0, 0.0, 1.0))
    assert 1 <= len(grasps) <= 8
    (semantics,) = only(edits, SetSemantics)
    assert semantics.parameters["fillable.capacity_l"] == pytest.approx(0.34, abs=0.04)
