"""Whether a step came out as it was meant to: measured after it, before the next."""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import angle_between_rad
from blueprint.pipeline.skills.situation import Held, Situation

from .driver import Driver

EMPTY_M = 0.002
"""Fingers that are closer than this hold nothing."""
SLIP_M = 0.02
"""What has moved further than this in the hand is lost."""
SHIFT_M, SHIFT_RAD = 0.006, 0.05
JOINT_SHARE, JOINT_LEAST = 0.06, 0.01
"""A joint may fall short by this share of its way, or by so much in rad or m."""
LEAN_RAD = 0.08
"""What was leant may fall short by so much."""
_KEPT_SHARE = 0.7
PLACE_M = 0.018
"""A pushed thing may be this far from where it was to go."""


@dataclass(frozen=True, eq=False, slots=True)
class Progress:
    """One step, the situations before and after it as they were measured, and the driver that did it."""

    step: Step
    before: Situation
    after: Situation
    driver: Driver


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What did not come out: `repeat` where the same step may simply be done again, `lost` where the hand is empty.

    `hung_back_rad` is how much further what is held must be leant.
    """

    failure: FailureCode
    message: str
    lost: bool
    repeat: bool
    bodies: tuple[str, ...] = ()
    hung_back_rad: float = 0.0


def shortfall(progress: Progress) -> Shortfall | None:
    """Return what is missing after a step, None where all is well."""
    step, before, after = progress.step, progress.before, progress.after
    if step.skill == "push":
        return _pushed(step, after)
    if step.skill == "shove":
        return _moved(progress, lost=False)
    held = after.held
    if held is None:
        return None
    if step.skill == "grasp" and not _is_gripped(progress, held):
        return Shortfall(FailureCode.SLIPPED, f"the fingers closed without {held.prop}", True, False, (held.body,))
    if step.skill == "follow_joint":
        return _moved(progress, lost=True)
    if step.skill == "tilt" and not (before.held is not None and _is_lost(before.held, held)):
        return _leant(progress, held)
    if step.skill != "grasp" and before.held is not None and _is_lost(before.held, held):
        return Shortfall(FailureCode.DROPPED, f"{held.prop} slipped out during {step.skill}", True, False, (held.body,))
    return None


def _pushed(step: Step, after: Situation) -> Shortfall | None:
    assert step.pose is not None
    prop = step.roles["object"]
    off_m = float(np.linalg.norm(np.subtract(after.T_world_props[prop].position_m, step.pose.position_m)[:2]))
    if off_m <= PLACE_M:
        return None
    return Shortfall(FailureCode.NOT_IN_REGION, f"{prop} is {off_m:.3f} m from where it was pushed to", False, True)


def lean_short_rad(progress: Progress) -> float:
    """Return by how much what is held fell short of the lean it was asked for, kept for half of the time to be kept."""
    step, prop = progress.step, progress.step.roles["object"]
    recording, layout = progress.driver.recording, progress.driver.layout
    assert step.pose is not None
    up_prop = step.pose.rotation().T[:, 2]
    leans: list[float] = []
    for phase, seen in zip(reversed(recording.phases), reversed(recording.observations), strict=True):
        if phase != Phase.TILT:
            break
        upward = float((layout.prop_poses(seen)[prop].rotation() @ up_prop)[2])
        leans.append(float(np.arccos(np.clip(upward, -1.0, 1.0))))
    kept = max(1, round(_KEPT_SHARE * step.values.get("duration_s", 1.0) * recording.fps))
    return step.values["tilt_rad"] - sorted(leans, reverse=True)[min(kept, len(leans)) - 1]


def _leant(progress: Progress, held: Held) -> Shortfall | None:
    short_rad = lean_short_rad(progress)
    if short_rad <= LEAN_RAD:
        return None
    message = f"{held.prop} hung back in the hand: it leant {short_rad:.2f} rad too little"
    return Shortfall(FailureCode.SLIPPED, message, False, True, (held.body,), short_rad)


def _moved(progress: Progress, *, lost: bool) -> Shortfall | None:
    """Return what a joint lacks; what was held is lost then, a push is repeated."""
    joint, target = progress.step.roles["joint"], progress.step.values["target"]
    start, now = progress.before.joints[joint], progress.after.joints[joint]
    # What was pushed may run on by itself, and no push brings it back: only what is missing counts.
    short = abs(target - now) if lost else (target - now) * (1.0 if target >= start else -1.0)
    if short <= max(JOINT_LEAST, JOINT_SHARE * abs(target - start)):
        return None
    moved = f"{joint} stands at {now:.3f}, asked for {target:.3f}"
    held = progress.after.held
    return Shortfall(FailureCode.STUCK_JOINT, moved, lost, not lost, (held.body,) if held is not None else ())


def _is_gripped(progress: Progress, held: Held) -> bool:
    """Whether the fingers are apart, and touch what they were to close on where the engine measures contacts."""
    gripper = progress.driver.layout.robot.gripper
    if progress.after.width_m < gripper.min_width_m + EMPTY_M:
        return False
    contacts = progress.driver.observation.contacts
    return not contacts.first or held.body in (*contacts.first, *contacts.second)


def _is_lost(before: Held, now: Held) -> bool:
    """Whether the fingers have left the place where they held; that the thing swings about them is no loss."""
    slip_m = np.subtract(now.T_tcp_body.inverse().position_m, before.T_tcp_body.inverse().position_m)
    return float(np.linalg.norm(slip_m)) > SLIP_M


def has_shifted(before: Situation, after: Situation) -> bool:
    """Whether what is held sits so differently in the hand that what was planned with it no longer fits."""
    if before.held is None or after.held is None:
        return False
    first, now = before.held.T_tcp_body, after.held.T_tcp_body
    away_m = float(np.linalg.norm(np.subtract(first.position_m, now.position_m)))
    return away_m > SHIFT_M or angle_between_rad(first, now) > SHIFT_RAD
