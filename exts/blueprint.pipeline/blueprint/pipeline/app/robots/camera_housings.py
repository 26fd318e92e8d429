"""Housings of the cameras in the hand: colliders, so that no camera ends up inside of a wall."""

from collections.abc import Sequence
from dataclasses import replace

from blueprint.pipeline.scene.robot_builds import BoxPart, BuiltLink
from blueprint.pipeline.usd.robot_author import camera_pose

from .reduced import ReducedArm


def with_housings(link: BuiltLink, arms: Sequence[ReducedArm]) -> BuiltLink:
    """Return a link with the housings of the cameras that it carries."""
    carried = [arm for arm in arms if arm.tool_link == link.link.name and arm.fitting.camera.housing_half_m > 0]
    return replace(link, boxes=(*link.boxes, *(_housing(arm) for arm in carried)))


def _housing(arm: ReducedArm) -> BoxPart:
    camera = arm.fitting.camera
    half_m = camera.housing_half_m
    return BoxPart(arm.T_link_tcp @ camera_pose(camera.position_m, camera.looks_at_m), (half_m, half_m, half_m))
