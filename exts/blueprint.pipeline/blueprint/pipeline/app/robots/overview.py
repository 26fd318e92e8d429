"""Robots in words: which there are, and what one of them is."""

from collections.abc import Iterator

from blueprint.pipeline.scene.robots import Arm, load_robot, own_robot_names, robot_names
from blueprint.pipeline.usd.robot_check import check_robot_asset


def robot_lines() -> Iterator[str]:
    """Return one line per robot that a recipe can name."""
    for names, origin in ((robot_names(), "shipped"), (own_robot_names(), "your own")):
        for name in names:
            robot = load_robot(name)
            axes = " + ".join(str(len(arm.axes)) for arm in robot.arms)
            width_mm = 1e3 * robot.gripper.max_width_m
            figures = f"{axes} joints, reach {robot.reach_m:.2f} m, hand {width_mm:.0f} mm"
            yield f"{name:16} {origin:9} {figures}, {robot.license}"


def describe_robot(name: str) -> Iterator[str]:
    """Return a robot's description in words; raises RecipeError where its asset is not what it says."""
    robot = load_robot(name)
    check_robot_asset(robot)
    yield f"{robot.name}: {robot.license}, {robot.source}"
    near_m, far_m = robot.comfort_m
    riser = f" on a block of {robot.riser_m:g} m" if robot.riser_m else ""
    yield f"stands on {robot.stands_on}{riser}, reach {robot.reach_m:g} m, works well {near_m:g} to {far_m:g} m away"
    for arm in robot.arms:
        yield from _describe_arm(arm)


def _describe_arm(arm: Arm) -> Iterator[str]:
    yield f"arm {arm.name}"
    for axis in arm.axes:
        unit, force = ("rad", "N m") if axis.kind == "revolute" else ("m", "N")
        yield (
            f"  {axis.name:24} {axis.lower:8.3f} to {axis.upper:6.3f} {unit}, {axis.velocity:g} {unit}/s, "
            f"{axis.effort:g} {force}, home {axis.home:g}"
        )
    gripper = arm.gripper
    yield (
        f"  hand: {', '.join(gripper.joints)}; {1e3 * gripper.min_width_m:.1f} to {1e3 * gripper.max_width_m:.1f} mm, "
        f"{1e3 * gripper.closing_width_m_s:.0f} mm/s, {gripper.max_force_n:g} N"
    )
    yield f"  tool: {arm.tool.frame}; cameras: {', '.join(camera.prim for camera in arm.wrist_cameras)}"
