"""A person deletes, splits and merges objects; ids stay, and what cannot be is refused."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from tests.formats.tiny_scans import CAN, MUG, TABLE, Thing, write_run
from tests.ingest.run_ingest import run_ingest

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.scene.contacts import solid_of
from blueprint.pipeline.scene.records import Ingested

MUG_ID, CAN_ID, TABLE_ID = "mug_520_300", "soup_can_480_310", "table_500_600"


def pair() -> Thing:
    """Return what a detector took for one thing: a large and a small box side by side, and a splinter."""
    thing = Thing("bottle", (0.3, 0.2, 0.1), (0.4, 1.5, 0.74), yaw_rad=0.5, centre_px=(600, 320))
    boxes = [
        trimesh.creation.box(bounds=[[-0.15, -0.1, -0.05], [0.0, 0.1, 0.05]]),
        trimesh.creation.box(bounds=[[0.05, -0.1, -0.05], [0.15, 0.0, 0.05]]),
        trimesh.creation.box(bounds=[[0.152, -0.1, -0.05], [0.155, -0.098, -0.048]]),
    ]
    thing.mesh = trimesh.util.concatenate(boxes)
    return thing


def corrected(folder: Path, *corrections: dict[str, object]) -> Ingested:
    """Ingest a run of four things with corrections."""
    source = folder / "run"
    if not source.is_dir():
        write_run(source, (TABLE, MUG, CAN, pair()))
    path = folder / "corrections.yaml"
    path.write_text(yaml.safe_dump({"version": 2, "corrections": list(corrections)}))
    record, _ = run_ingest(source, folder / "store", corrections=path)
    return record


def ids(record: Ingested) -> list[str]:
    return [prop.id for prop in record.scan.props]


def corners(record: Ingested, prop: str) -> np.ndarray:
    """Return the lower and upper corner of a prop's box in scan-independent units: multiples of the table's height."""
    solid = solid_of(record.scan.prop(prop), [record.folder])
    table = record.scan.prop(TABLE_ID).size_m[2]
    return np.stack([solid.low_m, solid.high_m]) / table


def test_connected_pieces_become_objects_by_size_and_splinters_stay_with_their_neighbour(tmp_path: Path) -> None:
    before = corrected(tmp_path)
    whole = next(name for name in ids(before) if name.startswith("bottle"))
    record = corrected(tmp_path, {"object": whole, "split": "components"}, {"object": f"{whole}_2", "category": "box"})
    assert set(ids(record)) == {*ids(before), f"{whole}_1", f"{whole}_2"} - {whole}
    assert record.scan.prop(f"{whole}_2").category == "box"
    first, second = record.scan.prop(f"{whole}_1"), record.scan.prop(f"{whole}_2")
    scale = record.scan.prop(TABLE_ID).size_m[2] / 0.74
    assert np.array(first.size_m) / scale == pytest.approx([0.15, 0.1, 0.2], abs=1e-3)
    assert np.array(second.size_m) / scale == pytest.approx([0.105, 0.1, 0.1], abs=1e-3)
    both = np.stack([corners(record, first.id), corners(record, second.id)])
    assert both[:, 0].min(axis=0) == pytest.approx(corners(before, whole)[0], abs=1e-3)
    assert both[:, 1].max(axis=0) == pytest.approx(corners(before, whole)[1], abs=1e-3)
    untouched = set(ids(before)) - {whole}
    assert all(before.scan.prop(name).label == record.scan.prop(name).label for name in untouched)


def test_a_piece_joins_the_object_that_it_belongs_to_where_it_stands(tmp_path: Path) -> None:
    before = corrected(tmp_path)
    record = corrected(tmp_path, {"object": CAN_ID, "merge_into": MUG_ID, "why": "its lid"})
    assert set(ids(record)) == set(ids(before)) - {CAN_ID}
    mug = record.scan.prop(MUG_ID)
    assert mug.category == "mug"
    assert f"{CAN_ID} was merged into it by a person" in mug.review
    parts = np.stack([corners(before, MUG_ID), corners(before, CAN_ID)])
    joined = corners(record, MUG_ID)
    assert joined[0] == pytest.approx(parts[:, 0].min(axis=0), abs=2e-3)
    assert joined[1] == pytest.approx(parts[:, 1].max(axis=0), abs=2e-3)
    assert not any(CAN_ID in (entry.subject, entry.object) for entry in record.scan.relations)


def test_pieces_of_a_split_can_be_merged_and_deleted(tmp_path: Path) -> None:
    whole = next(name for name in ids(corrected(tmp_path)) if name.startswith("bottle"))
    record = corrected(
        tmp_path,
        {"object": whole, "split": "components"},
        {"object": f"{whole}_1", "merge_into": f"{whole}_2"},
        {"object": MUG_ID, "merge_into": f"{whole}_1"},
    )
    assert set(ids(record)) == {TABLE_ID, CAN_ID, f"{whole}_2"}
    record = corrected(
        tmp_path,
        {"object": whole, "split": "components"},
        {"object": f"{whole}_1", "delete": True, "why": "a reflection"},
    )
    assert set(ids(record)) == {TABLE_ID, CAN_ID, MUG_ID, f"{whole}_2"}
    assert [entry.reason for entry in record.scan.left_out] == ["deleted by a person: a reflection"]


@pytest.mark.parametrize(
    ("corrections", "said"),
    [
        ([{"object": MUG_ID, "split": "components"}], "three-piece"),
        ([{"object": MUG_ID, "merge_into": CAN_ID}, {"object": CAN_ID, "merge_into": MUG_ID}], "in a circle: "),
        ([{"object": MUG_ID, "merge_into": MUG_ID}], "in a circle: "),
        ([{"object": MUG_ID, "merge_into": CAN_ID}, {"object": CAN_ID, "delete": True}], "is not in the scene"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, corrections: list[dict[str, object]], said: str) -> None:
    if said == "three-piece":
        plain = Thing("mug", (0.1, 0.1, 0.1), (0.2, 1.5, 0.74), centre_px=(520, 300))
        plain.mesh = trimesh.creation.box((0.1, 0.1, 0.1))
        write_run(tmp_path / "run", (TABLE, plain))
        said = "its mesh is one connected piece"
    with pytest.raises(RecipeError, match=said):
        corrected(tmp_path, *corrections)


def test_unknown_objects_and_goals_are_refused_with_what_exists(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=f"unknown object 'lid'.*{MUG_ID}"):
        corrected(tmp_path, {"object": MUG_ID, "merge_into": "lid"})
    with pytest.raises(UnknownName, match=r"corrections\.yaml: unknown object 'bottle_600_320_7'"):
        corrected(
            tmp_path,
            {"object": "bottle_600_320", "split": "components"},
            {"object": "bottle_600_320_7", "category": "box"},
        )
