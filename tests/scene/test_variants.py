"""What a variant's edits make of a scene's manifest and of the robot's first command."""

from dataclasses import replace

import pytest
from tests.sims.scenes import make_manifest

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import AddDistractor, MoveCamera, SetLens, SetLight, SetStart
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.variants import start_command, with_views, without_parked

MANIFEST = make_manifest()


def test_views_follow_the_edits_in_order() -> None:
    place = Pose((1.0, 2.0, 3.0))
    light = SetLight("sun", (0.0, 0.0, -1.0), (1.0, 0.5, 0.5), 0.4, "drawn")
    seen = with_views(MANIFEST, [MoveCamera("side", place, "drawn"), SetLens("side", 123.0, "drawn"), light])
    assert (seen.camera("side").T_mount_camera, seen.camera("side").focal_px) == (place, 123.0)
    assert seen.camera("top") == MANIFEST.camera("top")
    assert (seen.lights[0].intensity, seen.lights[0].direction) == (0.4, (0.0, 0.0, -1.0))
    assert seen.props == MANIFEST.props
    with pytest.raises(UnknownName, match="Known: side, top, wrist"):
        with_views(MANIFEST, [SetLens("front", 1.0, "drawn")])
    with pytest.raises(UnknownName, match="Known: sun"):
        with_views(MANIFEST, [replace(light, light="moon")])


def test_a_spare_is_there_only_where_it_is_set_up() -> None:
    stocked = replace(MANIFEST, spares=("block", "box"))
    set_up = AddDistractor("block", "box", Pose(), "drawn")
    assert [entry.prop.id for entry in without_parked(stocked, [set_up]).props] == ["table", "block", "cabinet"]
    assert [entry.prop.id for entry in without_parked(stocked, []).props] == ["table", "cabinet"]
    assert without_parked(MANIFEST, []) == MANIFEST


def test_the_first_command_holds_the_arm_where_it_starts() -> None:
    robot = load_robot("franka_panda")
    assert start_command(robot, []) == robot.home_command
    moved = start_command(robot, [SetStart("franka_panda", {"panda_joint2": 0.5}, "drawn")])
    assert moved[1] == 0.5
    assert (moved[0], moved[2:]) == (robot.home_command[0], robot.home_command[2:])
