"""What skills plan with: the arm among the colliders, the table of tried grasps, and the distances that they keep."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.planning.cartesian import Line, spread_order
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose

from .situation import Situation

Array = NDArray[np.float64]

BESIDE_M = 0.004
"""What is nearer than this to a thing counts as touching it."""
_LEAST_LIFT_M = 0.06
_LONGEST_SHARE = 0.1
"""No straight motion is longer than this share of the reach, unless a task asks for it: a small arm has no room."""


@dataclass(frozen=True, slots=True)
class Distances:
    """Lengths of the straight motions and the room that they keep, in metres."""

    approach_m: float
    lift_m: float
    retreat_m: float
    near_m: float
    padding_m: float
    drop_m: float

    def within(self, reach_m: float) -> "Distances":
        """Return the distances that an arm of such a reach keeps."""
        most_m = _LONGEST_SHARE * reach_m
        return replace(
            self,
            approach_m=min(self.approach_m, most_m),
            lift_m=min(self.lift_m, max(1.5 * most_m, _LEAST_LIFT_M)),
            retreat_m=min(self.retreat_m, most_m),
        )


@dataclass
class Notes:
    """What was measured while planning; enters the outcome's measures."""

    retries: int = 0
    searches: int = 0
    regrasps: int = 0
    replans: int = 0
    ik_position_error_m: float = 0.0
    ik_rotation_error_rad: float = 0.0
    clearance_m: float = np.inf
    grasp: dict[str, float] = field(default_factory=dict[str, float])

    def add_line(self, line: Line) -> None:
        """Keep the largest residuals."""
        self.ik_position_error_m = max(self.ik_position_error_m, line.position_error_m)
        self.ik_rotation_error_rad = max(self.ik_rotation_error_rad, line.rotation_error_rad)


@dataclass(eq=False)
class Means:
    """Everything a skill may use.

    `spoiled` are grasps (prop, place in its table) that did not hold in this episode; `lag_rad` is by how much a prop
    was seen to hang back in the hand when it was leant.
    """

    workspace: Workspace
    tables: Mapping[str, GraspTable]
    distances: Distances
    spoiled: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    lag_rad: dict[str, float] = field(default_factory=dict[str, float])
    notes: Notes = field(default_factory=Notes)
    _corners: dict[str, Array] = field(default_factory=dict[str, Array])
    _placed: dict[str, Pose] = field(default_factory=dict[str, Pose])

    def arrange(self, situation: Situation) -> None:
        """Bring the planning world to a situation: what stands where, what is held, what may touch the gripper."""
        world, held = self.workspace.world, situation.held
        world.detach()
        for joint, position in situation.joints.items():
            world.set_joint(joint, position)
        carried = held.prop if held is not None and not held.joint else None
        for prop, pose in situation.T_world_props.items():
            if prop != carried and self._placed.get(prop) is not pose:
                world.move_prop(prop, pose)
                self._placed[prop] = pose
        world.set_gripper(situation.width_m)
        if held is not None and carried is not None:
            world.attach(carried, held.T_tcp_body)
            self._placed.pop(carried, None)
        self.allow(situation)

    def allow(self, situation: Situation, *pairs: tuple[Sequence[str], Sequence[str]]) -> None:
        """Let the gripper touch what the situation says it may, and these links each other, and nothing else."""
        world, held = self.workspace.world, situation.held
        # Furniture is held with the fingers alone; a hand that meets its front would push it shut.
        parts = [held.body] if held is not None and held.joint else []
        world.only_allow([(parts, world.finger_links), (situation.touched, world.finger_links), *pairs])

    def corners_m(self, prop: str) -> Array:
        """Return the corners (K, 3) of a movable prop's colliders in its frame."""
        if prop not in self._corners:
            solids = self.workspace.world.solids(prop)
            self._corners[prop] = np.concatenate([solid.corners_m for solid in solids])
        return self._corners[prop]

    def beside_held(self, situation: Situation) -> list[str]:
        """Return the links that the held prop touches, or nearly, such as what it stands on."""
        assert situation.held is not None
        world = self.workspace.world
        self.arrange(situation)
        world.tool_pose(situation.arm_rad)
        world.detach()
        return list(world.nearby(situation.held.prop, BESIDE_M))

    def postures(self, T_world_tcp: Pose, near_rad: Array | None = None) -> Iterator[Array]:
        """Yield the distinct postures that reach a pose, one near a given posture first."""
        yield from self.workspace.postures(T_world_tcp, () if near_rad is None else (near_rad,))

    def line(
        self, start_rad: Array, T_world_tcps: Iterable[Pose], room_m: float, free_turns: Sequence[int] = ()
    ) -> Line | None:
        """Follow poses from a posture with so much room to everything; None where that cannot be.

        About the axes `free_turns` the tool may turn as it likes.
        """
        return self.workspace.line(start_rad, T_world_tcps, free_turns, room_m)

    @property
    def leans(self) -> tuple[tuple[int, ...], ...]:
        """The turns that are left free in turn where a thing is moved up or down: few joints cannot keep it upright."""
        return ((),) if self.workspace.robot.takes_any_attitude else ((), (0, 1))

    def is_free(self, path_rad: Array, room_m: float) -> bool:
        """Whether every posture of a path keeps a distance; ends and middle are looked at first."""
        return all(self.workspace.is_clear(path_rad[at], room_m) for at in spread_order(len(path_rad)))
