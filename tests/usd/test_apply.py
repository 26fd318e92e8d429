"""Edits as layers, and edits in the wrong layer."""

from dataclasses import replace
from pathlib import Path

import pytest
from pxr import Usd
from tests.usd.kitchenette import WHY, Made

from blueprint.pipeline.scene.edits import AddSupport, MoveProp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.usd.apply import (
    EditNotApplicable,
    apply_articulation,
    apply_physics,
    apply_scene_edits,
)
from blueprint.pipeline.usd.layers import new_stage
from blueprint.pipeline.usd.payloads import Payloads


def test_a_split_switches_the_scans_mesh_off_and_keeps_it(assets: dict[str, Usd.Stage], asset_folder: Path) -> None:
    cabinet = assets["cabinet"]
    assert not cabinet.GetPrimAtPath("/cabinet/body").IsActive()
    links = [
        prim.GetName() for prim in cabinet.GetPrimAtPath("/cabinet").GetChildren() if prim.GetTypeName() == "Xform"
    ]
    assert links == ["frame", "door", "drawer"]
    scan = Usd.Stage.Open(str(asset_folder / "assets/cabinet/simready_usd/layers/ingest.usdc"))
    assert scan.GetPrimAtPath("/cabinet/body/visuals/mesh_00").IsActive()


def test_a_part_may_keep_the_name_of_the_whole(made: dict[str, Made], payload_folder: Path, tmp_path: Path) -> None:
    cabinet = made["cabinet"]
    split = cabinet.articulation[0]
    parts = (replace(split.parts[0], name="body"), *split.parts[1:])
    stage = new_stage("cabinet")
    apply_articulation(stage, cabinet.prop, (replace(split, parts=parts),), Payloads((payload_folder,)), tmp_path)
    assert stage.GetPrimAtPath("/cabinet/body").IsActive()
    assert not stage.GetPrimAtPath("/cabinet/body/visuals/mesh_00").IsActive()
    assert stage.GetPrimAtPath("/cabinet/body/visuals/body_part_mesh_00").IsActive()


def test_an_edit_in_the_wrong_layer_is_refused(made: dict[str, Made], payload_folder: Path, tmp_path: Path) -> None:
    move, payloads = MoveProp("can", Pose(), WHY), Payloads((payload_folder,))
    with pytest.raises(
        EditNotApplicable,
        match="'simready' cannot take MoveProp; it takes AddGrasp, AddRegion, AddSupport, SetColliders",
    ):
        apply_physics(new_stage("can"), made["can"].prop, (move,), payloads)
    with pytest.raises(EditNotApplicable, match="'articulate' cannot take MoveProp; it takes AddJoint, SplitBody"):
        apply_articulation(new_stage("can"), made["can"].prop, (move,), payloads, tmp_path)
    support = next(edit for edit in made["table"].physics if isinstance(edit, AddSupport))
    with pytest.raises(EditNotApplicable, match="'scene' cannot take AddSupport; it takes MoveCamera, MoveProp"):
        apply_scene_edits(new_stage("World"), (support,), camera_paths={}, light_paths={})
