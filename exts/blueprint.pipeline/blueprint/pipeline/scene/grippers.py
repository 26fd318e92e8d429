"""Grippers: how the joints of a jaw, of whatever build, make a width between its pads, and back."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, model_validator

from blueprint.pipeline.scene.poses import Pose, Vec3


class Stroke(BaseModel, frozen=True, extra="forbid"):
    """One row of a gripper's table: where its joints stand at a width, and the pads' middle in the tool frame."""

    width_m: float
    positions: tuple[float, ...]
    middle_m: Vec3 = (0.0, 0.0, 0.0)


class Gripper(BaseModel, frozen=True, extra="forbid"):
    """A two-fingered gripper; every figure is of the width between the pads, in metres.

    `joints` are commanded, `followers` move along by mimicry; positions are metres or radians, by the joint. `fingers`
    are the links with the pads, the first on the +y side of the tool frame. `strokes` is measured on the asset's own
    geometry, from the closed to the open gripper; between its rows positions and widths are linear, and beyond its ends
    they go on as in the last piece, which is how a command asks for force.
    """

    joints: tuple[str, ...]
    followers: tuple[str, ...] = ()
    fingers: tuple[str, str]
    strokes: tuple[Stroke, ...]
    closing_width_m_s: float
    squeeze_width_m: float
    max_force_n: float

    @model_validator(mode="after")
    def _check(self) -> "Gripper":
        faults = list(_faults(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def max_width_m(self) -> float:
        """Width of the open gripper."""
        return self.strokes[-1].width_m

    @property
    def is_even(self) -> bool:
        """Whether both fingers move alike, so that half a turn about the approach changes nothing."""
        return all(abs(x) < 1e-4 and abs(y) < 1e-4 for x, y, _ in (stroke.middle_m for stroke in self.strokes))

    @property
    def min_width_m(self) -> float:
        """Width of the closed gripper, which not every build brings to zero."""
        return self.strokes[0].width_m

    @property
    def open_positions(self) -> tuple[float, ...]:
        """The commanded joints' positions of the open gripper."""
        return self.strokes[-1].positions

    def positions_for_width(self, width_m: float) -> tuple[float, ...]:
        """Return the commanded joints' positions for a width; widths beyond the table go on along its end."""
        widths = [stroke.width_m for stroke in self.strokes]
        columns = zip(*(stroke.positions for stroke in self.strokes), strict=True)
        return tuple(_along(width_m, widths, column) for column in columns)

    def width_of(self, positions: Sequence[float] | np.ndarray) -> float:
        """Return the width at measured positions of the commanded joints, the mean of what each of them says."""
        widths = [stroke.width_m for stroke in self.strokes]
        columns = zip(*(stroke.positions for stroke in self.strokes), strict=True)
        pairs = zip(positions, columns, strict=True)
        return float(np.mean([_along(float(position), column, widths) for position, column in pairs]))

    def widths_of(self, positions: np.ndarray) -> np.ndarray:
        """Return the widths (N,) at measured positions (N, J) of the commanded joints, as `width_of` does."""
        columns = list(zip(*(stroke.positions for stroke in self.strokes), strict=True))
        widths = np.array([stroke.width_m for stroke in self.strokes])
        pairs = zip(positions.T, columns, strict=True)
        return np.mean([_all_along(column, np.array(knots), widths) for column, knots in pairs], axis=0)

    def middle_m(self, width_m: float) -> Vec3:
        """Return the middle between the pads in the tool frame: it wanders where one jaw stands still or swings."""
        widths = [stroke.width_m for stroke in self.strokes]
        x, y, z = (
            _along(min(max(width_m, widths[0]), widths[-1]), widths, column)
            for column in zip(*(stroke.middle_m for stroke in self.strokes), strict=True)
        )
        return (x, y, z)

    def T_middle_tcp(self, width_m: float) -> Pose:
        """Return the tool frame in a frame of the same axes at the middle between the pads."""
        x, y, z = self.middle_m(width_m)
        return Pose((-x, -y, -z))


class GripperBoxes(BaseModel, frozen=True, extra="forbid"):
    """The gripper as boxes in the tool frame: fingers close along y, the tool approaches along z.

    Finger and pad stand at y = middle +- (width / 2 + their half size), measured at the open gripper.
    """

    pad_half_m: Vec3
    pad_center_z_m: float
    finger_half_m: Vec3
    finger_center_z_m: float
    palm_half_m: Vec3
    palm_center_m: Vec3


def _along(at: float, knots: Sequence[float], values: Sequence[float]) -> float:
    """Return the piecewise linear value; knots rise or fall, and both end pieces go on."""
    if knots[-1] < knots[0]:
        knots, values = knots[::-1], values[::-1]
    piece = int(np.clip(np.searchsorted(knots, at) - 1, 0, len(knots) - 2))
    share = (at - knots[piece]) / (knots[piece + 1] - knots[piece])
    return float(values[piece] + share * (values[piece + 1] - values[piece]))


def _all_along(at: np.ndarray, knots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return `_along` for many numbers at once."""
    if knots[-1] < knots[0]:
        knots, values = knots[::-1], values[::-1]
    piece = np.clip(np.searchsorted(knots, at) - 1, 0, len(knots) - 2)
    share = (at - knots[piece]) / (knots[piece + 1] - knots[piece])
    return values[piece] + share * (values[piece + 1] - values[piece])


def _faults(gripper: Gripper) -> list[str]:
    found: list[str] = []
    if not gripper.joints:
        found.append("joints: name at least one joint that is commanded")
    if len(gripper.strokes) < 2:
        return [*found, "strokes: at least two rows are needed, of the closed and of the open gripper"]
    if {len(stroke.positions) for stroke in gripper.strokes} != {len(gripper.joints)}:
        return [*found, f"strokes: every row needs {len(gripper.joints)} positions, one per joint of `joints`"]
    widths = np.array([stroke.width_m for stroke in gripper.strokes])
    if not (np.diff(widths) > 0).all() or widths[0] < 0:
        found.append(f"strokes: widths must rise from 0 or more, got {widths.tolist()}")
    steps = np.diff([stroke.positions for stroke in gripper.strokes], axis=0)
    for name, column in zip(gripper.joints, steps.T, strict=True):
        if not ((column > 0).all() or (column < 0).all()):
            found.append(f"strokes: the positions of {name} must rise or fall with the width throughout")
    for name in ("closing_width_m_s", "squeeze_width_m", "max_force_n"):
        if not getattr(gripper, name) > 0:
            found.append(f"{name}: must be above 0, got {getattr(gripper, name)}")
    return found
