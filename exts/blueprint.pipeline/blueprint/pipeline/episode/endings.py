"""Verdicts on what never comes to be judged by its goals: too long, blown up, not at rest, not measured."""

from collections.abc import Mapping

from blueprint.pipeline.episode.outcomes import FailureCode, Verdict
from blueprint.pipeline.episode.track import Track

SETTLED_M_S = 0.02
"""No prop of a scene that has settled is faster."""


def timed_out(track: Track, limit_s: float, hold_frames: int) -> Verdict | None:
    """Return the verdict on an attempt that took too long, or whose record is too short to show the hold."""
    last = track.frame_count - 1
    took_s = float(track.time_s[-1] - track.time_s[0])
    if took_s > limit_s:
        return Verdict(FailureCode.TIMEOUT, last, f"took {took_s:.1f} s, {limit_s:g} s at most")
    if track.frame_count < hold_frames:
        asked_s = hold_frames / track.fps
        return Verdict(FailureCode.TIMEOUT, last, f"ended after {took_s:.2f} s, before a hold of {asked_s:.2f} s")
    return None


def diverged(frame: int | None, message: str) -> Verdict:
    """Return the verdict on an attempt whose simulation blew up."""
    return Verdict(FailureCode.DIVERGED, frame, message)


def unstable_scene(speeds_m_s: Mapping[str, float], settled_s: float) -> Verdict | None:
    """Return the verdict on a scene in which props still move after settling, or None where it is at rest."""
    moving = {name: speed for name, speed in sorted(speeds_m_s.items()) if not speed <= SETTLED_M_S}
    if not moving:
        return None
    worst = max(moving, key=lambda name: moving[name])
    words = f"{worst} still moves at {moving[worst]:.3f} m/s after {settled_s:g} s of settling"
    return Verdict(FailureCode.UNSTABLE_SCENE, None, f"{words}, {SETTLED_M_S:g} m/s at most", tuple(moving))


def dead_sensor(channel: str, frame: int | None, reason: str) -> Verdict:
    """Return the verdict on a record with a channel that does not live."""
    return Verdict(FailureCode.SENSOR_DEAD, frame, f"channel {channel} {reason}", (channel,))
