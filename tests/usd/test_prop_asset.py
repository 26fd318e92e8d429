"""A prop's asset folder."""

import json
import re
import shutil
from pathlib import Path

import pytest
from pxr import Usd, UsdGeom, UsdPhysics
from tests.usd.kitchenette import Made

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.usd.asset_files import asset_files, sidecar_of, stamp_date, thumbnail_of
from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.prop_asset import PropDecisions, asset_path, write_prop_asset


@pytest.mark.parametrize("name", ["can", "cabinet", "table"])
def test_an_asset_is_upright_in_metres_with_one_root(assets: dict[str, Usd.Stage], name: str) -> None:
    stage = assets[name]
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert UsdPhysics.GetStageKilogramsPerUnit(stage) == 1
    assert stage.GetDefaultPrim().GetPath() == f"/{name}"
    assert [prim.GetName() for prim in stage.GetPseudoRoot().GetChildren()] == [name]
    assert Usd.ModelAPI(stage.GetDefaultPrim()).GetKind() == "component"


def test_the_root_holds_only_layers_and_metadata(assets: dict[str, Usd.Stage]) -> None:
    layer = assets["can"].GetRootLayer()
    assert not layer.rootPrims
    assert [Path(path).stem for path in layer.subLayerPaths] == [
        "corrections",
        "simready",
        "repair",
        "articulate",
        "ingest",
    ]
    data = layer.customLayerData["SimReady_Metadata"]
    assert data["author"] == "Blueprint"
    assert data["asset_name"] == "can"
    assert data["asset_license"] == "CC0-1.0"
    assert data["qcode"] == "Q2"
    assert data["rigid_body_count"] == 1
    assert data["mass"] == pytest.approx(0.13685, abs=1e-4)


def test_metadata_counts_links(assets: dict[str, Usd.Stage]) -> None:
    for name, count in (("table", 1), ("cabinet", 3)):
        assert assets[name].GetRootLayer().customLayerData["SimReady_Metadata"]["rigid_body_count"] == count


def test_the_date_is_nowhere_until_it_is_stamped_beside(asset_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(asset_folder, tmp_path / "scene")
    asset = tmp_path / "scene" / asset_path("can")
    assert not sidecar_of(asset).exists()
    stamp_date(asset, "2026-11-20")
    assert json.loads(sidecar_of(asset).read_text()) == {"usd_date_generated": "2026-11-20"}
    assert sidecar_of(asset).name == "can.json"
    assert asset in asset_files(tmp_path / "scene")
    assert len(asset_files(tmp_path / "scene")) == 6


def test_a_thumbnail_lies_where_viewers_look(made: dict[str, Made], payload_folder: Path, tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.mkdir()
    (record / "thumbnail.png").write_bytes(b"a picture")
    decisions = PropDecisions(made["can"].prop, (), (), made["can"].physics)
    write_prop_asset(tmp_path, decisions, Payloads((record, payload_folder)))
    picture = tmp_path / "assets/can/simready_usd/.thumbs/256x256/can.usda.png"
    assert picture == thumbnail_of(tmp_path / asset_path("can"))
    assert picture.read_bytes() == b"a picture"


def test_a_stronger_layer_wins(asset_folder: Path) -> None:
    root = asset_folder / asset_path("can")
    stage = Usd.Stage.Open(str(root))
    corrections = next(layer for layer in stage.GetLayerStack() if "corrections" in layer.identifier)
    with Usd.EditContext(stage, corrections):
        UsdPhysics.MassAPI(stage.GetPrimAtPath("/can/body")).GetMassAttr().Set(0.5)
    assert UsdPhysics.MassAPI(stage.GetPrimAtPath("/can/body")).GetMassAttr().Get() == 0.5
    corrections.Reload(force=True)


def test_equal_decisions_give_equal_bytes_without_paths_or_dates(
    made: dict[str, Made], payload_folder: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "deeper" / "two"]
    for folder in folders:
        for name in ("cabinet", "cracker_box"):
            entry = made[name]
            decisions = PropDecisions(entry.prop, entry.articulation, (), entry.physics)
            write_prop_asset(folder, decisions, Payloads((payload_folder,)))
    first, second = (digest_files(folder) for folder in folders)
    assert first == second
    assert len(first) == 13
    content = b"".join(path.read_bytes() for path in sorted(folders[0].rglob("*")) if path.is_file())
    assert str(tmp_path).encode() not in content
    assert str(payload_folder).encode() not in content
    assert not re.search(rb"20\d\d-\d\d-\d\d", content)
