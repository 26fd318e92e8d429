"""What can be done with a prop: what its category promises, held against what its geometry bears out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from blueprint.pipeline.scene.categories import Category
from blueprint.pipeline.scene.edits import AddRegion, AddSupport
from blueprint.pipeline.scene.props import Joint, Prop, Role

from .cavities import Cavity
from .grasp_width import GraspWidth
from .solids import Solid
from .standing_faces import level_shares, through_holes

_STACKED_SHARE = 0.3
"""Share of the outline that level points span, at top and base, from which on one thing stands on another."""

_SLENDER = 4.0
"""Length over the next side from which on a thing can be put into a hole end first."""

_KNOB_M, _KNOB_LEVER = 0.12, 0.35
"""A part up to this size whose middle lies within this share of its size from the axis turns rather than opens."""

BUTTON_TRAVEL_M = 0.015
"""What slides no further than this is pressed rather than pulled out."""


@dataclass(frozen=True)
class Verdict:
    """Whether an affordance holds, the measured fact, and its parameters as quantity with unit to value."""

    holds: bool
    fact: str
    parameters: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured about a prop that decides what can be done with it."""

    prop: Prop
    role: Role
    solids: Mapping[str, Solid]
    grasp: GraspWidth | None
    opening_m: float
    cavities: Mapping[str, Cavity]
    tops: Sequence[AddSupport]
    regions: Sequence[AddRegion]


def judge_affordances(category: Category, measured: Measured) -> dict[str, Verdict]:
    """Return a verdict for each affordance that the category claims or the geometry shows; claims come first."""
    found = _geometric(category, measured)
    claimed = {name: found.get(name, Verdict(True, "as its category, not measured")) for name in category.affordances}
    shown = {name: verdict for name, verdict in found.items() if name in _SHOWN and verdict.holds}
    always = "graspable" if measured.role is Role.MANIPULABLE else "openable"
    return {**claimed, always: found[always], **{n: v for n, v in shown.items() if n not in claimed}}


_SHOWN = ("openable", "slidable", "turnable", "pressable", "placeable", "supportable", "containable")
"""What geometry alone can show; the others also need to be what such things are for."""


def _geometric(category: Category, measured: Measured) -> dict[str, Verdict]:
    return {
        "graspable": _graspable(measured),
        **_holding(category, measured),
        **_carrying(measured),
        **_moving(measured),
        **_shaped(measured),
    }


def _graspable(measured: Measured) -> Verdict:
    grasp, movable = measured.grasp, measured.role is Role.MANIPULABLE
    if grasp is None:
        return Verdict(False, f"no opposite faces within {measured.opening_m * 1e3:.0f} mm")
    fact = (
        f"opposite faces {grasp.typical_m * 1e3:.0f} mm apart (median within {measured.opening_m * 1e3:.0f} mm, "
        f"on {grasp.share:.0%} of the surface; narrowest {grasp.narrowest_m * 1e3:.0f} mm)"
    )
    widths = {"narrowest_m": grasp.narrowest_m, "typical_m": grasp.typical_m}
    return Verdict(movable, fact, widths)


def _holding(category: Category, measured: Measured) -> dict[str, Verdict]:
    """Judge what needs a hollow; a closed package pours what it was sold with."""
    inside = [region.region for region in measured.regions if region.region.kind == "in"]
    best = max(measured.cavities.values(), key=lambda cavity: cavity.capacity_m3, default=None)
    if best is None:
        fact, numbers = "not open above", {}
    else:
        litres = 1e3 * best.capacity_m3
        fact = f"open above, {1e3 * best.opening_m:.0f} mm wide, holds {litres:.3g} l"
        numbers = {"capacity_l": litres, "opening_m": best.opening_m, "depth_m": best.depth_m}
    sold = bool(category.contents) and best is None
    pours = "closed, with the content it is sold with" if sold else fact
    return {
        "fillable": Verdict(best is not None, fact, numbers),
        "pourable": Verdict(best is not None or sold, pours, numbers),
        "containable": Verdict(bool(inside), fact if best else "room inside" if inside else "no room inside", numbers),
    }


def _carrying(measured: Measured) -> dict[str, Verdict]:
    areas = [4 * top.surface.half_size_m[0] * top.surface.half_size_m[1] for top in measured.tops]
    fact = f"{len(areas)} level surfaces" + (f", the largest {max(areas):.3g} m2" if areas else "")
    verdict = Verdict(bool(areas), fact, {"area_m2": max(areas)} if areas else {})
    return {"placeable": verdict, "supportable": verdict}


def _moving(measured: Measured) -> dict[str, Verdict]:
    """Sort the joints into what opens, slides, turns and is pressed."""
    kinds: dict[str, list[Joint]] = {"openable": [], "slidable": [], "turnable": [], "pressable": []}
    for joint in measured.prop.joints:
        for name in ways(joint, measured.solids.get(joint.child)):
            kinds[name].append(joint)
    units = {"revolute": "rad", "prismatic": "m"}
    verdicts: dict[str, Verdict] = {}
    for name, joints in kinds.items():
        facts = [f"{j.child} by {j.upper - j.lower:.3g} {units[j.kind]}" for j in joints]
        numbers = {f"{j.child}_range_{units[j.kind]}": j.upper - j.lower for j in joints}
        verdicts[name] = Verdict(bool(joints), ", ".join(facts) or "no joint", numbers)
    if not measured.prop.joints:
        # Keys and triggers of a thing in one piece are its category's word; no joint can speak against them.
        del verdicts["pressable"]
    return verdicts


def ways(joint: Joint, solid: Solid | None) -> Iterable[str]:
    """Name what a person does with a joint: a knob turns, a button is pressed, the rest opens."""
    if joint.kind == "prismatic":
        return ("pressable",) if joint.upper - joint.lower <= BUTTON_TRAVEL_M else ("openable", "slidable")
    if solid is None:
        return ("openable",)
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    size = float((high - low).max())
    lever = float(np.linalg.norm(np.cross((low + high) / 2 - np.asarray(joint.origin_m), joint.axis)))
    return ("turnable",) if size <= _KNOB_M and lever <= _KNOB_LEVER * size else ("openable",)


def _shaped(measured: Measured) -> dict[str, Verdict]:
    """Judge what follows from the outline of a single thing."""
    if len(measured.solids) != 1:
        return {}
    (solid,) = measured.solids.values()
    top, base = level_shares(solid)
    nests = bool(measured.cavities)
    flat = top >= _STACKED_SHARE and base >= _STACKED_SHARE
    longest, second, _ = sorted(measured.prop.size_m, reverse=True)
    holes = through_holes(solid)
    return {
        "stackable": Verdict(
            nests or flat,
            f"level points span {top:.0%} of its outline at the top, {base:.0%} at the base"
            + (", nests" if nests else ""),
        ),
        "insertable": Verdict(
            longest >= _SLENDER * second,
            f"{longest / second:.1f} times as long as thick",
            {"thickness_m": second, "insertion_depth_m": longest / 2},
        ),
        "hangable": Verdict(holes > 0, f"{holes} holes go through it" if holes else "no hole goes through it"),
    }
