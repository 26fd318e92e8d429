"""Robots: their descriptions, of config/robots and of a person's own `robots` folder, read and checked.

A description is one YAML file. Those that are shipped are `config/robots/<name>.yaml` with assets in `data/robots`; a
person's own are `robots/<name>/<name>.yaml` in the working directory, where `blueprint robot add` puts them.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ValidationError, model_validator

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.grippers import Gripper, GripperBoxes
from blueprint.pipeline.scene.poses import Pose, Quat, Vec3

OWN_ROBOTS = Path("robots")
"""A person's own robots, below the working directory."""
_ANY_ATTITUDE = 6
_HIGHEST_RISER_M = 1.0


class _Entry(BaseModel, frozen=True, extra="forbid"):
    """A block of a robot's description."""


class Axis(_Entry, frozen=True):
    """One joint of an arm, in radians and newton metres, or, where it is prismatic, in metres and newtons."""

    name: str
    kind: Literal["revolute", "prismatic"] = "revolute"
    lower: float
    upper: float
    velocity: float
    acceleration: float
    jerk: float
    effort: float
    home: float


class Tool(_Entry, frozen=True):
    """The point between the fingers: its carrying link, its prim below the robot's root, its pose in the link."""

    link: str
    frame: str
    position_m: Vec3
    quat_wxyz: Quat

    @property
    def T_link_tcp(self) -> Pose:
        """Return the tool point in its link's frame."""
        return Pose(self.position_m, self.quat_wxyz)


class WristCamera(_Entry, frozen=True):
    """The camera in the hand: its prim below the robot's root, its square field of view."""

    prim: str
    field_of_view_rad: float

    def focal_px(self, width_px: int) -> float:
        """Return the focal length for an image of a width."""
        return width_px / 2 / math.tan(self.field_of_view_rad / 2)


class Arm(_Entry, frozen=True):
    """A chain of joints with a gripper at its end; the axes' order is that of every command vector.

    The columns below have one value per axis, in radians (metres where the axis is prismatic) and seconds.
    """

    name: str
    axes: tuple[Axis, ...]
    gripper: Gripper
    tool: Tool
    gripper_boxes: GripperBoxes
    wrist_cameras: tuple[WristCamera, ...]

    @model_validator(mode="after")
    def _check(self) -> "Arm":
        faults = [fault for axis in self.axes for fault in _axis_faults(axis)]
        faults += [f"joint {name!r} is named twice" for name in _twice((*self.joints, *self.gripper.joints))]
        if not self.axes:
            faults.append("axes: an arm needs at least one joint")
        if not self.wrist_cameras:
            faults.append("wrist_cameras: name at least one camera that the arm carries")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def joints(self) -> tuple[str, ...]:
        """Names of the joints."""
        return tuple(axis.name for axis in self.axes)

    @property
    def lower_rad(self) -> tuple[float, ...]:
        """Lower limits."""
        return tuple(axis.lower for axis in self.axes)

    @property
    def upper_rad(self) -> tuple[float, ...]:
        """Upper limits."""
        return tuple(axis.upper for axis in self.axes)

    @property
    def velocity_rad_s(self) -> tuple[float, ...]:
        """Highest speeds."""
        return tuple(axis.velocity for axis in self.axes)

    @property
    def acceleration_rad_s2(self) -> tuple[float, ...]:
        """Highest accelerations."""
        return tuple(axis.acceleration for axis in self.axes)

    @property
    def jerk_rad_s3(self) -> tuple[float, ...]:
        """Highest jerks."""
        return tuple(axis.jerk for axis in self.axes)

    @property
    def home_rad(self) -> tuple[float, ...]:
        """Start positions."""
        return tuple(axis.home for axis in self.axes)


class Robot(_Entry, frozen=True):
    """A robot that scenes can hold; its first arm is the one that acts.

    `usd_path` is below data/ or the working directory; `reach_m` is from the shoulder to the flange's end, and
    `comfort_m` are the inner and outer radius about the base between which it works well; a robot that stands on the
    `floor` is never put on a table or a pedestal. `riser_m` is the height of the block under its base, 0 for none.
    """

    format: Literal["blueprint.robot"]
    version: Literal[2]
    name: str
    usd_path: str
    license: str
    source: str
    base_link: str
    reach_m: float
    comfort_m: tuple[float, float]
    stands_on: Literal["anything", "floor"] = "anything"
    riser_m: float = 0.0
    arms: tuple[Arm, ...]

    @model_validator(mode="after")
    def _check(self) -> "Robot":
        faults = [f"arm {name!r} is named twice" for name in _twice(arm.name for arm in self.arms)]
        if not self.arms:
            faults.append("arms: a robot needs at least one arm")
        if not self.reach_m > 0:
            faults.append(f"reach_m: must be above 0, got {self.reach_m}")
        if not 0 <= self.riser_m <= _HIGHEST_RISER_M:
            faults.append(f"riser_m: must lie from 0 to {_HIGHEST_RISER_M:g}, got {self.riser_m:g}")
        if not 0 <= self.comfort_m[0] < self.comfort_m[1]:
            faults.append(f"comfort_m: the inner radius must be below the outer one, got {list(self.comfort_m)}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def takes_any_attitude(self) -> bool:
        """Whether the acting arm can bring its tool to any attitude; with fewer than six joints it cannot."""
        return len(self.arm.axes) >= _ANY_ATTITUDE

    @property
    def puts_down_m(self) -> float:
        """How far from its base things are put down: an arm of few joints does it where its hand points down."""
        return self.reach_m if self.takes_any_attitude else self.comfort_m[1]

    @property
    def arm(self) -> Arm:
        """The arm that acts."""
        return self.arms[0]

    @property
    def gripper(self) -> Gripper:
        """The acting arm's gripper."""
        return self.arm.gripper

    @property
    def tool(self) -> Tool:
        """The acting arm's tool point."""
        return self.arm.tool

    @property
    def gripper_boxes(self) -> GripperBoxes:
        """The acting arm's gripper as boxes."""
        return self.arm.gripper_boxes

    @property
    def wrist_camera(self) -> WristCamera:
        """The acting arm's first camera."""
        return self.arm.wrist_cameras[0]

    def acting(self, arm: str) -> "Robot":
        """Return the robot with the named arm as the one that acts; raises UnknownName."""
        known = {each.name: each for each in self.arms}
        if arm not in known:
            raise UnknownName("arm", arm, known, where=self.name)
        others = tuple(each for each in self.arms if each.name != arm)
        return self.model_copy(update={"arms": (known[arm], *others)})

    @property
    def home_command(self) -> tuple[float, ...]:
        """The acting arm at home with its gripper open, in the order of every command vector."""
        return (*self.arm.home_rad, *self.gripper.open_positions)

    @property
    def asset_folder(self) -> Path:
        """Folder of its USD, with licence and origin."""
        own = Path(self.usd_path)
        return own.parent if own.is_file() else resource_path("data", self.usd_path).parent


def robot_names() -> tuple[str, ...]:
    """List the robots that config/robots describes."""
    return tuple(sorted(path.stem for path in resource_path("config", "robots").glob("*.yaml")))


def own_robot_names() -> tuple[str, ...]:
    """List the robots of the working directory."""
    found = (path.parent.name for path in OWN_ROBOTS.glob("*/*.yaml") if path.stem == path.parent.name)
    return tuple(sorted(found))


def robot_file(name: str) -> Path:
    """Return a robot's description, a shipped one before one's own; raises UnknownName."""
    if name in robot_names():
        return resource_path("config", f"robots/{name}.yaml")
    if name in own_robot_names():
        return OWN_ROBOTS / name / f"{name}.yaml"
    raise UnknownName("robot", name, (*robot_names(), *own_robot_names()))


def load_robot(name: str) -> Robot:
    """Read a robot's description; raises UnknownName, or RecipeError listing every field that does not fit."""
    path = robot_file(name)
    return parse_robot(path.read_text(encoding="utf-8"), path.name)


def require_asset(robot: Robot) -> None:
    """Raise RecipeError where a robot's USD is not there; whether it fits the description is seen with OpenUSD."""
    try:
        there = (robot.asset_folder / PurePosixPath(robot.usd_path).name).is_file()
    except UnknownName:
        there = False
    if not there:
        places = "below data/ of the program or the working directory"
        raise RecipeError(f"{robot.name}.yaml", [f"usd_path: {robot.usd_path} is not there; it is looked for {places}"])


# A worker reads the same few descriptions for every episode; they are frozen.
@lru_cache(maxsize=32)
def parse_robot(text: str, source: str) -> Robot:
    """Read a description from its YAML; raises RecipeError listing every field that does not fit."""
    try:
        return Robot.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RecipeError(source, [str(error)]) from error
    except ValidationError as error:
        faults = [line for fault in error.errors() for line in _sentences(fault)]
        raise RecipeError(source, faults) from error


def _sentences(fault: Any) -> list[str]:
    place = ".".join(map(str, fault["loc"])) or "the file"
    return [f"{place}: {sentence}" for sentence in fault["msg"].removeprefix("Value error, ").split("; ")]


def _axis_faults(axis: Axis) -> list[str]:
    found: list[str] = []
    numbers = (axis.lower, axis.upper, axis.velocity, axis.acceleration, axis.jerk, axis.effort, axis.home)
    if not all(map(math.isfinite, numbers)):
        found.append(f"{axis.name}: every figure must be finite")
    if not axis.lower < axis.upper:
        found.append(f"{axis.name}: lower {axis.lower:g} must be below upper {axis.upper:g}")
    elif not axis.lower <= axis.home <= axis.upper:
        found.append(f"{axis.name}: home {axis.home:g} must lie from {axis.lower:g} to {axis.upper:g}")
    for name in ("velocity", "acceleration", "jerk", "effort"):
        if not getattr(axis, name) > 0:
            found.append(f"{axis.name}: {name} must be above 0, got {getattr(axis, name):g}")
    return found


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
