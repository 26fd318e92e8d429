"""Grasps that were tried in simulation: which way of holding an object works with a gripper, measured."""

from dataclasses import dataclass

from blueprint.pipeline.scene.poses import Pose


@dataclass(frozen=True, slots=True)
class TriedGrasp:
    """One grasp and what became of it.

    `body` is the link that is held; `width_m` the opening at contact; `tilt_rad` the approach's angle from straight
    down as the object stands; `cost` ranks it by geometry alone (less is better). Of `trials` lifts and shakes it held
    `held`; `slip_m` and `turn_rad` are the largest motion in the hand of those that held.
    """

    body: str
    T_prop_tcp: Pose
    width_m: float
    tilt_rad: float
    cost: float
    trials: int
    held: int
    slip_m: float
    turn_rad: float

    @property
    def usable(self) -> bool:
        """Whether it held in a trial, or was not tried."""
        return self.held > 0 or self.trials == 0

    @property
    def success_share(self) -> float:
        """Return the share of trials in which it held."""
        return self.held / self.trials if self.trials else 0.0


@dataclass(frozen=True, slots=True)
class GraspTable:
    """The grasps of one prop with one gripper, best first; `proposed` counts the candidates by geometry."""

    prop: str
    robot: str
    engine: str
    proposed: int
    grasps: tuple[TriedGrasp, ...]
    format: str = "blueprint.grasp_table"
    version: int = 1
