"""The ground under opening doors and drawers."""

import numpy as np
import pytest
from tests.assemble.conftest import Run

from blueprint.pipeline.assemble.swept import motion, swept_outlines_m
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.scene.shapes import outline_gap_m, rectangle_m, shape_of_prop

DOOR = Joint("door", "revolute", "base", "leaf", (0.0, 0.0, 1.0), (0.2, 0.1, 0.0), 0.0, np.pi / 2)
DRAWER = Joint("drawer", "prismatic", "base", "tray", (0.0, -1.0, 0.0), (0.0, 0.0, 0.0), 0.0, 0.3)


def test_a_door_turns_about_its_hinge_and_a_drawer_slides() -> None:
    assert motion(DOOR, np.pi / 2).apply([0.5, 0.1, 0.3]) == pytest.approx([0.2, 0.4, 0.3])
    assert motion(DOOR, 1.1).apply([0.2, 0.1, 0.7]) == pytest.approx([0.2, 0.1, 0.7])
    assert motion(DRAWER, 0.25).apply([0.1, 0.2, 0.3]) == pytest.approx([0.1, -0.05, 0.3])


def test_outlines_reach_as_far_as_the_joints_do(assembled_run: Run) -> None:
    manifest = assembled_run.record.manifest
    entry = next(entry for entry in manifest.props if entry.prop.joints)
    shape = shape_of_prop(entry, (assembled_run.record.folder,))
    closed = shape.outline_m(entry.prop.T_world_prop)
    outlines = swept_outlines_m(entry, shape)
    assert len(outlines) == 9 * len(entry.prop.joints)
    way = max(abs(joint.upper) + abs(joint.lower) for joint in entry.prop.joints if joint.kind == "prismatic")
    outside = max(-min(_inside(corner, closed) for corner in outline) for outline in outlines)
    assert outside > 0.5 * way


def test_the_robot_stands_where_nothing_opens(assembled_run: Run) -> None:
    manifest = assembled_run.record.manifest
    base = manifest.robot.T_world_base.position_m
    pedestal = next((box for box in manifest.room if box.name == "pedestal"), None)
    foot = rectangle_m(
        pedestal.T_world_box if pedestal else Pose(base), pedestal.half_extents_m[:2] if pedestal else (0.05, 0.05)
    )
    for entry in manifest.props:
        if entry.prop.joints:
            shape = shape_of_prop(entry, (assembled_run.record.folder,))
            assert all(outline_gap_m(foot, outline) > 0 for outline in swept_outlines_m(entry, shape))


def test_what_has_no_joints_opens_nowhere(assembled_run: Run) -> None:
    entry = next(entry for entry in assembled_run.record.manifest.props if not entry.prop.joints)
    assert swept_outlines_m(entry, shape_of_prop(entry, (assembled_run.record.folder,))) == []


def _inside(point: np.ndarray, outline: np.ndarray) -> float:
    along = np.roll(outline, -1, axis=0) - outline
    normals = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return float((np.einsum("ij,ij->i", normals, outline) - normals @ point).min())
