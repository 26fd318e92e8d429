"""Joints: limits in USD's units, frames, fixed bases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pxr import Usd, UsdPhysics
from tests.usd.kitchenette import DOOR_RAD, Made, articulated

from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import AddJoint
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.usd.joints import (
    apply_joints,
    base_bodies,
    jointed_bodies,
    main_body,
    quat_from_z_to,
    tied_bodies,
)
from blueprint.pipeline.usd.layers import new_stage


def test_a_hinge_has_limits_in_degrees_and_damping_per_degree(assets: dict[str, Usd.Stage]) -> None:
    joint = UsdPhysics.RevoluteJoint(assets["cabinet"].GetPrimAtPath("/cabinet/Joints/hinge"))
    assert joint.GetLowerLimitAttr().Get() == 0
    assert joint.GetUpperLimitAttr().Get() == pytest.approx(math.degrees(DOOR_RAD))
    drive = UsdPhysics.DriveAPI(joint, "angular")
    assert drive.GetDampingAttr().Get() == pytest.approx(0.2 * math.pi / 180)
    assert drive.GetStiffnessAttr().Get() == 0


def test_a_rail_has_limits_in_metres(assets: dict[str, Usd.Stage]) -> None:
    joint = UsdPhysics.PrismaticJoint(assets["cabinet"].GetPrimAtPath("/cabinet/Joints/rail"))
    assert joint.GetUpperLimitAttr().Get() == pytest.approx(0.25)
    assert joint.GetPrim().GetAttribute("newton:friction").Get() == pytest.approx(0.5)


@pytest.mark.parametrize(("name", "axis"), [("hinge", (0, 0, -1)), ("rail", (0, -1, 0))])
def test_both_links_see_the_joint_in_one_place(assets: dict[str, Usd.Stage], name: str, axis: tuple) -> None:
    joint = UsdPhysics.Joint(assets["cabinet"].GetPrimAtPath(f"/cabinet/Joints/{name}"))
    assert joint.GetLocalPos0Attr().Get() == joint.GetLocalPos1Attr().Get()
    quat = joint.GetLocalRot0Attr().Get()
    assert quat == joint.GetLocalRot1Attr().Get()
    wxyz = (quat.GetReal(), *quat.GetImaginary())
    assert np.allclose(rotation_from_quat(wxyz) @ (0, 0, 1), axis, atol=1e-6)


def test_an_asset_is_one_tree_that_nothing_holds(assets: dict[str, Usd.Stage]) -> None:
    assert assets["cabinet"].GetPrimAtPath("/cabinet").HasAPI(UsdPhysics.ArticulationRootAPI)
    joints = [UsdPhysics.Joint(prim) for prim in assets["cabinet"].Traverse() if UsdPhysics.Joint(prim)]
    ends = [(*joint.GetBody0Rel().GetTargets(), *joint.GetBody1Rel().GetTargets()) for joint in joints]
    assert sorted(ends) == [("/cabinet/frame", "/cabinet/door"), ("/cabinet/frame", "/cabinet/drawer")]
    assert not assets["can"].GetPrimAtPath("/can").HasAPI(UsdPhysics.ArticulationRootAPI)


def test_a_link_that_no_joint_carries_is_tied_to_the_main_one(made: dict[str, Made]) -> None:
    prop, edits = made["cabinet"].prop, made["cabinet"].articulation
    loose = edited_prop(prop, edits[:2])
    assert tied_bodies(loose) == ("drawer",)
    stage = new_stage("cabinet")
    apply_joints(stage, "/cabinet", loose, tuple(edit for edit in edits[:2] if isinstance(edit, AddJoint)))
    tie = UsdPhysics.FixedJoint(stage.GetPrimAtPath("/cabinet/Joints/tie_drawer"))
    assert tie.GetBody0Rel().GetTargets() == ["/cabinet/frame"]
    assert tie.GetBody1Rel().GetTargets() == ["/cabinet/drawer"]


def test_roots_of_the_joints(made: dict[str, Made]) -> None:
    prop = articulated(made["cabinet"])
    assert jointed_bodies(prop) == {"frame", "door", "drawer"}
    assert base_bodies(prop) == ("frame",)
    assert main_body(prop) == "frame"
    assert tied_bodies(prop) == ()
    unjointed = edited_prop(made["cabinet"].prop, made["cabinet"].articulation[:1])
    assert base_bodies(unjointed) == ()
    assert main_body(unjointed) == "frame"
    assert tied_bodies(unjointed) == ("door", "drawer")


@given(st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 1e-3))
def test_any_axis_is_reached_from_z(axis: tuple[float, float, float]) -> None:
    unit = np.asarray(axis) / np.linalg.norm(axis)
    assert np.allclose(rotation_from_quat(quat_from_z_to(axis)) @ (0, 0, 1), unit, atol=1e-6)
