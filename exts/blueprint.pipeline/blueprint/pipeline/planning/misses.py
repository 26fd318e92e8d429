"""What stood against everything that was tried, counted by cause: the commonest first, each with its nearest miss."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from math import degrees

CAUSES = 5
"""Number of causes that are told apart; the rest are counted together."""
_PER_RAD_M = 0.1
"""Metres that weigh as much as a radian where misses are compared: what the hand's tip moves when it turns."""
_LEAST_M, _LEAST_DEG = 0.001, 1.0
"""What is less goes unsaid beside what is more."""


class Hurdle(IntEnum):
    """What ended a try, in the order in which it is met."""

    PART = 0
    SWING = 1
    ROOM = 2
    REACH = 3
    POSTURE = 4
    WAY_REACH = 5
    JUMP = 6
    WAY = 7


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that stood against a try.

    Out of reach, `by_m` and `by_rad` are what the nearest posture is off; between two links, `by_m` is the signed
    distance of `first`, which moves, to `second`. Where a part of furniture itself meets something, it is where its
    joint is then, rad or m.
    """

    hurdle: Hurdle
    by_m: float
    by_rad: float = 0.0
    first: str = ""
    second: str = ""

    @property
    def size(self) -> float:
        """How far from being no hurdle at all, for comparing misses of one cause."""
        return -self.by_m if self.second else self.by_m + _PER_RAD_M * self.by_rad


@dataclass
class Tries:
    """The misses of one asked skill: of every try the one that it met last, of these the nearest."""

    ended: list[Miss] = field(default_factory=list[Miss])
    led_on: int = 0
    _now: Miss | None = None

    def note(self, miss: Miss) -> None:
        """Count something against the present try."""
        now = self._now
        if now is None or (miss.hurdle, -miss.size) > (now.hurdle, -now.size):
            self._now = miss

    def begin(self) -> None:
        """End the present try, if anything stood against it, and begin another."""
        if self._now is not None:
            self.ended.append(self._now)
        self._now = None

    def lead_on(self) -> None:
        """Count the present try as one that can be done."""
        self.led_on += 1
        self._now = None


@dataclass
class Watch:
    """Whose misses are noted at present, if anybody's."""

    tries: Tries | None = None

    def note(self, miss: Miss) -> None:
        """Count something against the present try."""
        if self.tries is not None:
            self.tries.note(miss)

    def begin(self) -> None:
        """Begin another try."""
        if self.tries is not None:
            self.tries.begin()


def told(tries: Iterable[Tries], noun: str) -> str:
    """Say how many tries ended at what, and how near the nearest came; empty where nothing was tried."""
    listed = list(tries)
    misses = [miss for each in listed for miss in each.ended]
    if not misses:
        return ""
    causes: dict[tuple[Hurdle, str, str], list[Miss]] = {}
    for miss in misses:
        causes.setdefault((miss.hurdle, miss.first, miss.second), []).append(miss)
    ordered = sorted(causes.items(), key=lambda item: (-len(item[1]), item[0]))
    words = [f"{len(group)} {_cause(min(group, key=lambda miss: miss.size))}" for _, group in ordered[:CAUSES]]
    rest = sum(len(group) for _, group in ordered[CAUSES:])
    led_on = sum(each.led_on for each in listed)
    words += [f"{rest} for other reasons"] * bool(rest) + [f"{led_on} free, but nothing follows"] * bool(led_on)
    asked = f" from {len(listed)} situations" if noun == "ways" and len(listed) > 1 else ""
    count = f"{len(misses) + led_on} {noun}{asked}"
    if len(words) == 1:
        cause = words[0].split(" ", 1)[1]
        return f"all {count} {cause}" if len(misses) > 1 else f"one {noun.removesuffix('s')} tried: {cause}"
    return f"of {count}: {', '.join(words)}"


def _cause(nearest: Miss) -> str:
    """Say what a group of misses ended at, by its nearest."""
    pair = f"with {nearest.first} against {nearest.second}"
    match nearest.hurdle:
        case Hurdle.PART:
            return f"{pair} when its joint is at {nearest.by_m:.2f}, whatever hand moves it"
        case Hurdle.SWING:
            return "in which it would swing between the fingers"
        case Hurdle.ROOM | Hurdle.POSTURE:
            return f"{pair} (at best {_apart(nearest.by_m)})"
        case Hurdle.WAY:
            return f"{pair} on the straight way (at best {_apart(nearest.by_m)})"
        case Hurdle.JUMP:
            return "where the straight way would need another posture of the arm midway"
        case Hurdle.REACH:
            return f"out of reach ({_off(nearest)})"
        case Hurdle.WAY_REACH:
            return f"with an end of the straight way out of reach ({_off(nearest)})"


def _apart(distance_m: float) -> str:
    return f"{_mm(distance_m)} apart" if distance_m >= 0 else f"{_mm(-distance_m)} inside"


def _off(miss: Miss) -> str:
    """Say by how much the nearest posture misses its pose."""
    far = [_mm(miss.by_m)] if miss.by_m >= _LEAST_M else []
    turned = [_degrees(degrees(miss.by_rad))] if degrees(miss.by_rad) >= _LEAST_DEG else []
    exact = f"{1e3 * miss.by_m:.1f} mm and {degrees(miss.by_rad):.1f} degrees"
    return f"nearest misses by {' and '.join(far + turned) or exact}"


def _degrees(angle_deg: float) -> str:
    return "1 degree" if round(angle_deg) == 1 else f"{angle_deg:.0f} degrees"


def _mm(length_m: float) -> str:
    """Say a length, finer where it is short."""
    return f"{1e3 * length_m:.0f} mm" if length_m >= 0.01 else f"{1e3 * length_m:.1f} mm"
