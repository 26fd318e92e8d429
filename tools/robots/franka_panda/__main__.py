"""Make franka_panda.usd: `python -m franka_panda OUT.usd` in the recipe's environment."""

import sys
from dataclasses import replace
from importlib.metadata import files
from pathlib import Path

from pxr import Usd

from . import author, hardware
from .meshes import Part, hull, visual_parts
from .urdf import Box, Frame, Link, Robot, read_urdf

PACKAGE = "example-robot-data"
URDF = "robots/panda_description/urdf/panda.urdf"


def main(out: Path) -> None:
    """Read the installed description and write `out`."""
    share = _share()
    robot = read_urdf(share / URDF, PACKAGE, share)
    stage = author.new_stage(str(out))
    frames = author.rest_frames(robot)
    looks = author.add_looks(stage)
    shell = author.add_friction(stage, "shell", hardware.SHELL_FRICTION)
    rubber = author.add_friction(stage, "rubber", hardware.PAD_FRICTION)
    prims = {}
    for link in robot.links.values():
        if link.mass_kg == 0.0:
            continue
        prim = prims[link.name] = author.add_link(stage, link, frames[link.name])
        for visual in link.visuals:
            parts = visual_parts(visual.path, hardware.TRIANGLES[link.name], hardware.PALETTE)
            author.add_visual(prim, visual.frame, parts, looks)
            _say(link, parts)
        for mesh in link.collision_meshes:
            points, faces, cut_m = hull(mesh.path, hardware.HULL_VERTICES)
            author.bind_physics(author.add_hull(prim, points, faces), shell)
            print(f"  hull: {len(points)} vertices, cuts at most {cut_m * 1e3:.1f} mm")
        for name, box in zip(("mount", "sledge", "arm"), link.collision_boxes[:3], strict=False):
            author.bind_physics(author.add_box(prim, name, box), shell)
        if link.name in hardware.FINGERS:
            author.make_pad(author.add_box(prim, "pad", _pad(link)), rubber)
    _join(stage, robot, prims)
    stage.GetRootLayer().Save()


def _join(stage: Usd.Stage, robot: Robot, prims: dict[str, Usd.Prim]) -> None:
    flange, hand = robot.joints["panda_joint8"], robot.joints["panda_hand_joint"]
    author.add_base_joint(stage)
    for name in hardware.ARM_JOINTS:
        author.add_joint(stage, robot.joints[name])
    # The flange has no mass: it becomes a frame, and the hand hangs on the last link.
    mounted = replace(hand, parent=flange.parent, frame=flange.frame @ hand.frame)
    author.add_joint(stage, mounted)
    for name in hardware.FINGER_JOINTS:
        author.add_joint(stage, robot.joints[name])
    author.add_mimic(stage, *hardware.FINGER_JOINTS)
    author.filter_pairs(stage, hardware.FILTERED_PAIRS)
    author.add_frame(prims[flange.parent], hardware.FLANGE, flange.frame)
    tool = robot.joints["panda_hand_tcp_joint"]
    author.add_frame(prims[hardware.HAND], hardware.TCP, tool.frame)
    author.add_wrist_camera(prims[hardware.HAND])


def _pad(link: Link) -> Box:
    """Return the tip box; the right finger's lies on the other side of its plane."""
    side = 1.0 if link.collision_boxes[0].frame.position_m[1] > 0 else -1.0
    position = hardware.PAD_CENTER_M * [1.0, side, 1.0]
    return Box(Frame(position, link.collision_boxes[3].frame.rotation), hardware.PAD_SIZE_M)


def _share() -> Path:
    for file in files(PACKAGE) or ():
        path = Path(str(file.locate()))
        if path.as_posix().endswith(URDF):
            return path.parents[3].resolve()
    raise FileNotFoundError(f"{PACKAGE} is installed, but holds no {URDF}")


def _say(link: Link, parts: list[Part]) -> None:
    print(f"{link.name}: {sum(len(part.mesh.faces) for part in parts)} triangles")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
