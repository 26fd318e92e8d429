"""What is proposed: closed links with insides where the scan has none, as evidence and people say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manifold3d import Manifold
from tests.articulate import furniture

from blueprint.pipeline.articulate.closed_solids import bounds, solid_of
from blueprint.pipeline.articulate.links import Proposal, propose_articulation
from blueprint.pipeline.articulate.stage import ArticulateSettings
from blueprint.pipeline.articulate.sweep import sweep
from blueprint.pipeline.articulate.tree import BrokenTree
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddJoint, SplitBody
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh
from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint

BOX = {"part": "flap", "low_m": [-0.1, -0.16, 0.1], "high_m": [0.1, -0.13, 0.2]}
FLAP = {
    "joint": "flap_joint",
    "kind": "revolute",
    "child": "flap",
    "axis": [1, 0, 0],
    "origin_m": [0, -0.15, 0.1],
    "lower": 0,
    "upper": 1,
}


def proposed(
    folder: Path,
    mesh: TriangleMesh,
    category: str = "cabinet",
    prediction: PartPrediction | None = None,
    correction: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Proposal:
    prop = furniture.prop_of(mesh, folder / "scan", category)
    said = Correction.model_validate({"object": "unit", **(correction or {})})
    return propose_articulation(
        prop, prediction, said, folder / "scan", folder / "made", ArticulateSettings(**settings)
    )


def meshes_of(folder: Path, proposal: Proposal) -> dict[str, TriangleMesh]:
    split = proposal.edits[0]
    assert isinstance(split, SplitBody)
    assert all(len(body.visuals) == 1 for body in split.parts)
    return {body.name: load_mesh([folder / "made"], body.visuals[0].mesh) for body in split.parts}


def solids_of(folder: Path, proposal: Proposal) -> dict[str, Manifold]:
    solids = {name: solid_of(mesh) for name, mesh in meshes_of(folder, proposal).items()}
    assert all(solid is not None for solid in solids.values())
    return {name: solid for name, solid in solids.items() if solid is not None}


def joints_of(proposal: Proposal) -> dict[str, AddJoint]:
    return {edit.joint.name: edit for edit in proposal.edits if isinstance(edit, AddJoint)}


def first_below(solid: Manifold, x: float, y: float, from_z: float) -> float:
    """Return at what height something that falls from (x, y, from_z) meets a solid."""
    hits = solid.ray_cast((x, y, from_z), (x, y, -1.0))
    return min(hits, key=lambda hit: hit.distance).position[2]


def test_doors_become_boards_before_one_cavity(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.two_doors(), uneven_m=6e-4)
    proposal = proposed(tmp_path, mesh)
    solids = solids_of(tmp_path, proposal)
    assert list(solids) == ["base", "door_1", "door_2"]
    assert [len(solid.decompose()) for solid in solids.values()] == [1, 1, 1]
    for name in ("door_1", "door_2"):
        low, high = bounds(solids[name])
        # A board of 17 to 18 mm and the grip in front of it.
        assert high[1] - low[1] == pytest.approx(0.017 + 0.032, abs=0.002)
        assert solids[name].volume() == pytest.approx(0.444 * 0.656 * 0.017, rel=0.05)
    np.testing.assert_allclose(bounds(solids["base"]), [[-0.45, -0.25, 0], [0.45, 0.25, 0.72]], atol=0.0015)
    # Walls of 18 mm, a back of 12 mm and 69 mm below the doors are left; no post stands between the doors.
    assert solids["base"].volume() < 0.18 * 0.9 * 0.5 * 0.72
    assert first_below(solids["base"], 0.0, -0.2, 0.6) < 0.08
    split = proposal.edits[0]
    assert isinstance(split, SplitBody)
    assert "made up, not scanned: behind door_1 a cavity" in split.why
    assert proposal.remarks == ()


def test_a_drawer_is_an_open_box_that_comes_out_freely(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, furniture.scanned(furniture.three_drawers(), uneven_m=6e-4), "dresser")
    solids = solids_of(tmp_path, proposal)
    low, high = bounds(solids["drawer_1"])
    assert high[1] - low[1] > 0.4
    # What falls in lands on the bottom, 8 mm thick; front, back and sides are higher.
    inside = first_below(solids["drawer_1"], 0.0, 0.0, 1.0)
    assert inside < low[2] + 0.04
    top = [first_below(solids["drawer_1"], x, y, 1.0) for x, y in ((0, -0.235), (0, 0.19), (0.213, 0), (-0.213, 0))]
    assert min(top) > inside + 0.04
    assert solids["drawer_1"].genus() <= 1
    joints = [edit.joint for edit in joints_of(proposal).values()]
    assert sweep(joints, {name: [solid] for name, solid in solids.items()}) == []
    travel = joints_of(proposal)["drawer_1_joint"].joint.upper
    assert 0.8 <= travel / 0.42 <= 0.92


def test_a_real_inside_is_kept_and_the_drawers_own_box_goes_with_it(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, furniture.scanned(furniture.hollow_drawer_unit(), uneven_m=3e-4))
    split = proposal.edits[0]
    assert isinstance(split, SplitBody)
    assert "made up" not in split.why
    solids = solids_of(tmp_path, proposal)
    assert list(solids) == ["base", "drawer_1"]
    np.testing.assert_allclose(bounds(solids["drawer_1"])[1][1], 0.15, atol=0.002)
    np.testing.assert_allclose(bounds(solids["base"])[1], (0.3, 0.25, 0.25), atol=0.001)
    box = furniture.block((-0.27, -0.254, 0.03), (0.27, 0.15, 0.2))
    assert (solids["base"] ^ box).volume() < 1e-5


def test_a_lid_opens_a_chest(tmp_path: Path) -> None:
    solids = solids_of(tmp_path, proposed(tmp_path, furniture.scanned(furniture.chest_with_lid(), uneven_m=6e-4)))
    assert bounds(solids["lid_1"])[0][2] == pytest.approx(0.405, abs=0.003)
    assert first_below(solids["base"], 0.0, 0.0, 1.0) < 0.03


def test_knobs_and_the_ovens_door_leave_the_stove_whole(tmp_path: Path) -> None:
    solids = solids_of(tmp_path, proposed(tmp_path, furniture.scanned(furniture.stove()), "oven"))
    assert list(solids) == ["base", "door_1", "knob_1", "knob_2", "knob_3", "knob_4"]
    assert solids["knob_1"].volume() == pytest.approx(np.pi * 0.016**2 * 0.024, rel=0.1)


def test_kept_faces_keep_their_texture_and_made_ones_show_single_texels_of_the_scan(tmp_path: Path) -> None:
    mesh = furniture.textured(furniture.scanned(furniture.two_doors()))
    for name, part in meshes_of(tmp_path, proposed(tmp_path, mesh)).items():
        assert part.uv is not None
        own = np.abs(part.uv - 2.0 - part.vertices_m[:, [0, 2]]).max(axis=1) < 1e-5
        assert own.mean() > 0.3, name
        made = np.unique(part.uv[~own], axis=0)
        # One for each cut, one for what a later cut did to an earlier one, one for the cavities.
        assert len(made) <= 4, name
        assert mesh.uv is not None
        assert (made >= mesh.uv.min(axis=0)).all()
        assert (made <= mesh.uv.max(axis=0)).all()


def test_insides_can_be_left_out_and_shape_ignored(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.two_doors())
    solids = solids_of(tmp_path, proposed(tmp_path, mesh, insides=False))
    assert solids["base"].volume() > 0.98 * 0.9 * 0.5 * 0.72
    assert proposed(tmp_path, mesh, by_shape=False).edits == ()
    assert proposed(tmp_path, mesh, enabled=False).edits == ()


def test_the_same_scan_gives_the_same_bytes(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.two_doors(), uneven_m=6e-4)
    assert proposed(tmp_path / "a", mesh) == proposed(tmp_path / "b", mesh)


def predicted_doors(mesh: TriangleMesh, uneven_m: float = 0.0) -> PartPrediction:
    """Return a prediction that knows the left door as part 1 by its faces in front of the carcass."""
    centres = mesh.vertices_m[mesh.faces].mean(axis=1)
    part = ((centres[:, 1] < -0.2505) & (centres[:, 0] < 0)).astype(np.int32)
    joint = PredictedJoint(0, 1, "revolute", (0.0, 0.0, 1.0), (-0.446, -0.25, 0.3), -1.6, 0.0)
    return PartPrediction(mesh.vertices_m, mesh.faces, part, (joint,), "pred.npz")


def test_a_predicted_part_of_one_shell_is_capped_named_and_gets_its_cavity(tmp_path: Path) -> None:
    mesh = furniture.textured(furniture.scanned(furniture.two_doors(), uneven_m=2e-4))
    proposal = proposed(tmp_path, mesh, prediction=predicted_doors(mesh))
    solids = solids_of(tmp_path, proposal)
    assert list(solids) == ["base", "door_1"]
    assert solids["door_1"].volume() == pytest.approx(0.444 * 0.656 * 0.018, rel=0.03)
    assert first_below(solids["base"], -0.2, 0.0, 0.6) < 0.1
    (joint,) = joints_of(proposal).values()
    assert (joint.joint.axis, joint.joint.lower, joint.joint.upper) == ((0.0, 0.0, -1.0), 0.0, 1.6)
    assert joint.confidence == 0.8


def test_a_scan_without_underside_is_closed_and_says_so(tmp_path: Path) -> None:
    whole = furniture.scanned(furniture.two_doors())
    seen = whole.vertices_m[whole.faces].mean(axis=1)[:, 2] > 1e-6
    proposal = proposed(tmp_path, TriangleMesh(whole.vertices_m, whole.faces[seen]))
    assert list(solids_of(tmp_path, proposal)) == ["base", "door_1", "door_2"]
    split = proposal.edits[0]
    assert isinstance(split, SplitBody)
    assert "caps over 1 holes of the scan" in split.why


def test_a_surface_that_cannot_be_closed_is_cut_but_not_hollowed(tmp_path: Path) -> None:
    whole = furniture.scanned(furniture.two_doors())
    fin = TriangleMesh(
        np.concatenate([whole.vertices_m, [[0.0, 0.3, 0.3]]]),
        np.concatenate([whole.faces, [[*whole.faces[0][:2], len(whole.vertices_m)]]]).astype(np.int32),
    )
    proposal = proposed(tmp_path, fin)
    assert list(meshes_of(tmp_path, proposal)) == ["base", "door_1", "door_2"]
    assert any("surface is open" in text for text in proposal.remarks)


def test_a_deleted_joint_stays_shut(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.two_doors())
    said = {"joints": [{"joint": "door_1_joint", "delete": True}]}
    for prediction in (None, predicted_doors(mesh)):
        proposal = proposed(tmp_path, mesh, correction=said, prediction=prediction)
        assert "door_1_joint" not in joints_of(proposal)
    assert list(solids_of(tmp_path, proposed(tmp_path, mesh, correction=said))) == ["base", "door_2"]


def test_a_person_adds_a_part_by_its_box(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.microwave())
    mesh = TriangleMesh(mesh.vertices_m, mesh.faces)
    said = {"joints": [FLAP], "parts": [BOX], "why": "the flap over the switches"}
    proposal = proposed(tmp_path, mesh, "table", correction=said)
    solids = solids_of(tmp_path, proposal)
    assert list(solids) == ["base", "flap"]
    assert joints_of(proposal)["flap_joint"].why.endswith("the flap over the switches")
    assert joints_of(proposal)["flap_joint"].confidence == 1.0


def test_what_a_person_asks_for_must_exist(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.microwave())
    with pytest.raises(UnknownName, match="unknown joint 'dor_1_joint'"):
        proposed(tmp_path, mesh, correction={"joints": [{"joint": "dor_1_joint", "axis": [0, 0, 1]}]})
    with pytest.raises(BrokenTree, match="2 roots, base, flap"):
        proposed(tmp_path, mesh, "table", correction={"parts": [BOX]})
    far = {**BOX, "low_m": [5, 5, 5], "high_m": [6, 6, 6]}
    with pytest.raises(UnknownName, match="unknown link 'flap'"):
        proposed(tmp_path, mesh, "table", correction={"joints": [FLAP], "parts": [far]})


def test_a_part_that_would_cut_into_another_is_reported(tmp_path: Path) -> None:
    said = {"joints": [{"joint": "door_1_joint", "axis": [0, 0, 1]}]}
    proposal = proposed(tmp_path, furniture.scanned(furniture.two_doors()), correction=said)
    assert any("door_1_joint takes its part" in text and "deep into base" in text for text in proposal.remarks)
