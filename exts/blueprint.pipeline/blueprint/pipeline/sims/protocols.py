"""What a simulator must do for this project. SI units, Z-up world, quaternions wxyz.

Bodies are named `<prop id>/<link>` for props and `robot/<link>` for the robot. `command` vectors follow the robot's
description: arm joints in order, then one gripper opening per finger joint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.manifests import Camera, SceneManifest
from blueprint.pipeline.scene.poses import Pose, Vec3

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """What an engine loads: the USD root, the compiled model and the manifest."""

    usd_path: Path
    model_folder: Path
    manifest: SceneManifest


@dataclass(frozen=True, eq=False, slots=True)
class Contacts:
    """Touching points of one instant; forces act on `second`, in newtons, world frame."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    position_m: Array
    normal: Array
    force_n: Array
    depth_m: Array


@dataclass(frozen=True, eq=False, slots=True)
class ForcePeaks:
    """The greatest force between a robot's link and another over the physics steps of each frame, R rows in order.

    A pair's force in a step is the size of the sum over its points, in newtons; `first` and `second` are rows of
    `names`.
    """

    names: tuple[str, ...]
    frame: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    force_n: Array


class ForceLog(Protocol):
    """What a sim notes of the robot's contact forces in every step, from when it was asked for to the next reset."""

    def end_frame(self) -> None:
        """The steps since the last call, or since the log began, make up one frame."""
        ...

    def peaks(self) -> ForcePeaks:
        """Return the greatest forces of the frames that have ended."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Observation:
    """Everything measured at one instant; rows of body arrays follow `Sim.body_names`.

    Joint arrays follow `Sim.joint_names` (all one-axis joints: robot first, then furniture), in rad or m, N m or N.
    """

    time_s: float
    joint_position: Array
    joint_velocity: Array
    joint_effort: Array
    body_position_m: Array
    body_quat_wxyz: Array
    body_velocity_m_s: Array
    body_spin_rad_s: Array
    contacts: Contacts


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One camera image: RGB (H, W, 3) uint8 sRGB, planar depth (H, W) float32 m with 0 for no hit, ids (H, W) int32.

    An id is 1 + the index in `Sim.instance_names`; 0 is background. `normal` (H, W, 3) is a unit vector in the world, 0
    for no hit, None from an engine whose cameras know no surfaces. Bit i - 1 of `covered` (H, W) tells whether a pixel
    would show the thing with id i, up to 64, if nothing hid it; None where it was not asked for or is not known.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    instance: NDArray[np.int32]
    normal: NDArray[np.float32] | None = None
    covered: NDArray[np.uint64] | None = None


class Motion(Protocol):
    """What every engine can tell of an instant: joints and links, ordered as in `Observation`, which is one."""

    @property
    def time_s(self) -> float:
        """Simulated time."""
        ...

    @property
    def joint_position(self) -> Array:
        """Positions of the one-axis joints, rad or m."""
        ...

    @property
    def joint_velocity(self) -> Array:
        """Their speeds, rad/s or m/s."""
        ...

    @property
    def body_position_m(self) -> Array:
        """Origins of the links (N, 3) in the world."""
        ...

    @property
    def body_quat_wxyz(self) -> Array:
        """Orientations of the links (N, 4)."""
        ...

    @property
    def body_velocity_m_s(self) -> Array:
        """Velocities of the links' origins (N, 3)."""
        ...

    @property
    def body_spin_rad_s(self) -> Array:
        """Angular velocities of the links (N, 3), world axes."""
        ...


class Physics(Protocol):
    """One scene in one engine, as far as trials need it: loads go in, motion comes out."""

    engine: str
    dt_s: float
    joint_names: tuple[str, ...]
    body_names: tuple[str, ...]

    def reset(self, edits: Sequence[Edit] = ()) -> None:
        """Go to the authored state without loads, with a variant's edits applied (poses, mass, material ...)."""
        ...

    def set_force(self, body: str, force_n: Vec3) -> None:
        """Load a moving link at its centre of mass, world axes, until it is loaded anew or the scene is reset.

        Raises UnknownName for what is no moving link.
        """
        ...

    def set_effort(self, joint: str, effort: float) -> None:
        """Load a one-axis joint, in N m or N, until it is loaded anew or the scene is reset; raises UnknownName."""
        ...

    def step(self, count: int = 1) -> None:
        """Advance `count` steps of `dt_s`; raises SimulationDiverged when a state is not finite."""
        ...

    def observe(self) -> Motion:
        """Measure the present instant."""
        ...

    def close(self) -> None:
        """Free what the engine holds."""
        ...


class Sim(Physics, Protocol):
    """One scene in one engine that also commands the robot, feels contacts and sees."""

    instance_names: tuple[str, ...]
    raw_columns: Mapping[str, int]
    """The engine's own state as `drive` returns it: names of its parts in order, and how many numbers each has."""

    def save_state(self) -> Array:
        """Return the full state, from which stepping repeats bit by bit on one machine."""
        ...

    def restore_state(self, state: Array) -> None:
        """Return to a saved state."""
        ...

    def set_joint(self, joint: str, position: float) -> None:
        """Put a joint of furniture somewhere else at once, at rest, rad or m; raises UnknownName."""
        ...

    def set_command(self, command: Array) -> None:
        """Set the position targets of the robot's joints."""
        ...

    def drive(self, commands: Array) -> Array | None:
        """Send one command per step (S, n) and advance; returns the engine's states before each step (S, W).

        None where the engine has no state from which a step repeats bit by bit. Raises SimulationDiverged.
        """
        ...

    def observe(self) -> Observation:
        """Measure the present instant."""
        ...

    def log_forces(self) -> ForceLog | None:
        """Begin to note the robot's contact forces in every step; None from an engine that computes no forces."""
        ...

    def render(self, cameras: Sequence[str], *, covered: bool = False) -> Mapping[str, Frame]:
        """Render cameras of the manifest by name; with `covered`, frames also tell what is hidden where."""
        ...

    def camera(self, name: str) -> Camera:
        """Return a camera as the present variant has it; raises UnknownName."""
        ...

    def camera_pose(self, camera: str) -> Pose:
        """Return T_world_camera at the present instant."""
        ...

    def camera_mount(self, camera: str) -> tuple[int | None, Pose]:
        """Return the row of the link that carries a camera, None for the world, and the camera's pose in it."""
        ...


class PlanningWorld(Protocol):
    """Geometry for planning: kinematics and distances of the robot among the scene's colliders."""

    arm_joint_names: tuple[str, ...]

    def tool_pose(self, arm_rad: Array) -> Pose:
        """Return T_world_tcp."""
        ...

    def jacobian(self, arm_rad: Array) -> Array:
        """Return the (6, n) world Jacobian of the tool point, linear rows first."""
        ...

    def set_gripper(self, opening_m: float) -> None:
        """Set the distance between the fingers for later queries."""
        ...

    def move_prop(self, prop: str, T_world_prop: Pose) -> None:
        """Place a movable prop for later queries."""
        ...

    def attach(self, prop: str, T_tcp_prop: Pose) -> None:
        """Carry a prop with the tool from now on; it no longer collides with the gripper."""
        ...

    def detach(self) -> None:
        """Leave the carried prop where the last query put it."""
        ...

    def clearance_m(self, arm_rad: Array) -> float:
        """Return the smallest signed distance of robot and carried prop to everything else and to the robot itself.

        Distances beyond the engine's margin are reported as that margin.
        """
        ...
