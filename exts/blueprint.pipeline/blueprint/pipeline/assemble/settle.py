"""Judge how the scene came to rest: poses before and after, a verdict per prop. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SettledProp
from blueprint.pipeline.scene.poses import Pose, angle_between_rad

AT_REST = "at rest"
FELL_THROUGH = "fell through its support"
EXPLODED = "was thrown"
DRIFTED = "drifted"
TIPPED = "tipped over"
MOVING = "is not at rest"


class SettleSettings(Settings, frozen=True):
    """Letting the scene come to rest, and what counts as rest."""

    engine: str = Field(default="mujoco", description="Engine in which the scene settles.")
    duration_s: float = Field(default=2.0, gt=0, le=60, description="Simulated time that the scene gets, in seconds.")
    drift_bound_m: float = Field(default=0.02, gt=0, le=1, description="Largest move of a prop, in metres.")
    tip_bound_deg: float = Field(default=15.0, gt=0, le=180, description="Largest turn of a prop, in degrees.")
    speed_bound_m_s: float = Field(
        default=0.01, gt=0, description="Largest speed of a prop at the end, in metres per second."
    )
    fall_m: float = Field(default=0.05, gt=0, description="Drop from which a prop counts as fallen through, in metres.")
    explode_m: float = Field(default=0.5, gt=0, description="Move from which a prop counts as thrown, in metres.")
    rounds: int = Field(
        default=4, ge=1, le=10, description="Number of times the scene is settled anew without failed props."
    )
    on_failure: Literal["leave_out", "fail"] = Field(
        default="leave_out",
        description="What a prop that does not settle means: leave it out and say so, or stop the run.",
    )
    support_reach_m: float = Field(
        default=0.03,
        gt=0,
        le=0.5,
        description="Largest gap between a prop and the support it is put down on, in metres.",
    )


@dataclass(frozen=True, slots=True)
class Rest:
    """A prop before and after settling, and its speed at the end."""

    before: Pose
    after: Pose
    speed_m_s: float


def judge(rests: Mapping[str, Rest], settings: SettleSettings) -> tuple[SettledProp, ...]:
    """Return the verdict on every prop, in the given order."""
    return tuple(_judge_one(prop, rest, settings) for prop, rest in rests.items())


def _judge_one(prop: str, rest: Rest, settings: SettleSettings) -> SettledProp:
    moved = np.subtract(rest.after.position_m, rest.before.position_m)
    drift, turn = float(np.linalg.norm(moved)), angle_between_rad(rest.before, rest.after)
    outcome = _outcome(moved, drift, turn, rest.speed_m_s, settings)
    return SettledProp(prop, drift, turn, rest.speed_m_s, outcome)


def _outcome(moved_m: np.ndarray, drift_m: float, turn_rad: float, speed_m_s: float, settings: SettleSettings) -> str:
    if not np.isfinite([drift_m, turn_rad, speed_m_s]).all():
        return EXPLODED
    # What falls through also moves far, so falling is asked first: its remedy is another.
    if -moved_m[2] > settings.fall_m and np.hypot(*moved_m[:2]) < settings.explode_m:
        return FELL_THROUGH
    if drift_m > settings.explode_m:
        return EXPLODED
    if np.rad2deg(turn_rad) > settings.tip_bound_deg:
        return TIPPED
    if drift_m > settings.drift_bound_m:
        return DRIFTED
    if speed_m_s > settings.speed_bound_m_s:
        return MOVING
    return AT_REST


def culprits(settled: Sequence[SettledProp]) -> tuple[SettledProp, ...]:
    """Return the failures that are not the fault of a worse one: who is thrown pushes others, who falls drags them."""
    for kinds in ({EXPLODED}, {FELL_THROUGH}, {TIPPED, DRIFTED, MOVING}):
        found = tuple(entry for entry in settled if entry.outcome in kinds)
        if found:
            return found
    return ()


def failure_sentence(settled: SettledProp) -> str:
    """Say what happened to a prop that did not settle."""
    degrees = np.rad2deg(settled.turn_rad)
    return (
        f"{settled.prop} {settled.outcome} while the scene settled: moved {1000 * settled.drift_m:.1f} mm, "
        f"turned {degrees:.1f} degrees, ended at {settled.speed_m_s:.4f} m/s"
    )


def settled_moves(rests: Mapping[str, Rest], engine: str, duration_s: float) -> tuple[MoveProp, ...]:
    """Return the edits that put every prop where it came to rest."""
    return tuple(
        MoveProp(
            prop,
            rest.after,
            f"came to rest in {engine} after {duration_s:g} s, "
            f"{1000 * float(np.linalg.norm(np.subtract(rest.after.position_m, rest.before.position_m))):.2f} mm "
            "from where it was put down",
        )
        for prop, rest in rests.items()
    )
