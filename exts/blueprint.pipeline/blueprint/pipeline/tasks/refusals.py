"""Why a place of a task could not be drawn, in words with numbers, and why nothing is left to do."""

import copy
from collections.abc import Mapping

import numpy as np

from .drawn import Drawn
from .filling import goals_of
from .foregone import why_done_already
from .instantiate import draw_place, draws, used_places
from .place_entries import FreeRegion, InHole, InRoom, Place, Pushed, Stacked, Zone
from .roles import Roles, members
from .situation import Situation
from .spoils import Spoils
from .stacking import LEVEL_M, SEAT_M, STEADY_RAD, seat_middle_m, steadiness_rad
from .surfaces import Ground, within_reach
from .templates import Template


def why_no_place(template: Template, filled: Mapping[str, str], situation: Situation, rng: np.random.Generator) -> str:
    """Return the reason against the first place of a template for which nothing is drawn, or against a task that is
    done before it begins; empty where there is none.
    """
    roles = Roles(template, filled)
    for name, asked in template.places.items():
        spoils = Spoils()
        if next(draw_place(name, asked, roles, situation, rng, spoils), None) is None:
            return _counted(_reason(name, asked, roles, situation), spoils)
    return why_done(template, filled, situation, rng)


def why_done(template: Template, filled: Mapping[str, str], situation: Situation, rng: np.random.Generator) -> str:
    """Return why a task is done before it begins, by the first draw of each place; empty where it is not."""
    roles, drawn = Roles(template, filled), dict[str, Drawn]()
    for name, asked in template.places.items():
        first = next(draw_place(name, asked, roles, situation, rng), None)
        if first is None:
            return ""
        drawn[name] = first
    return why_done_already(goals_of(roles, situation, drawn), situation)


def why_no_task(template: Template, filled: Mapping[str, str], situation: Situation, rng: np.random.Generator) -> str:
    """Return why `instantiate` yields nothing with this generator: the draws that it made, and what spoiled them."""
    done = why_done(template, filled, situation, copy.deepcopy(rng))
    if done:
        return done
    roles, spoiled = Roles(template, filled), dict[str, Spoils]()
    rng.integers(len(template.phrasings))
    for _ in draws(used_places(template), roles, situation, rng, spoiled):
        pass
    for name, spoils in spoiled.items():
        if not spoils.free:
            return _counted(_reason(name, template.places[name], roles, situation), spoils)
    return "nothing is left to do at any place that was drawn"


def _counted(reason: str, spoils: Spoils) -> str:
    """Add to a reason what spoiled the places."""
    counts = spoils.told()
    return f"{reason}: {counts}" if counts else reason


def _reason(name: str, asked: Place, roles: Roles, situation: Situation) -> str:
    match asked:
        case FreeRegion() | Pushed() | Zone():
            return _no_room_on_surface(asked, roles, situation)
        case InRoom() | InHole():
            return _no_room_inside(asked, roles, situation)
        case Stacked():
            return _no_seat(asked, roles, situation)
        case _:
            return f"place {name!r} could not be drawn"


def _no_room_on_surface(asked: FreeRegion | Pushed | Zone, roles: Roles, situation: Situation) -> str:
    ground = Ground.of(situation, roles.of(asked.surface))
    role = asked.objects if isinstance(asked, Zone) else asked.object
    props = [roles.of(name) for name in members(roles.template, role)]
    sizes = [np.ptp(situation.box_m(prop), axis=0)[:2] + 2 * asked.margin_m for prop in props]
    across, along = sorted(sizes, key=lambda size: float(size.max()))[-1].tolist()
    center = ground.plane.world(np.zeros(2))
    far_m = float(np.linalg.norm(center[:2] - np.asarray(situation.T_world_base.position_m)[:2]))
    things = " and ".join(props)
    long, wide = (2 * ground.half_size_m).tolist()
    what = "straight free way" if isinstance(asked, Pushed) else "free place"
    reach = "" if within_reach(situation, center) else f", whose middle is {far_m:.2f} m from the robot's base"
    side = "" if isinstance(asked, Pushed) or asked.side is None else f"the {asked.side} half of "
    return (
        f"no {what} for {things} ({across:.2f} x {along:.2f} m, with {1e3 * asked.gap_m:.0f} mm around it) "
        f"on {side}{ground.surface} ({long:.2f} x {wide:.2f} m){reach}, within the arm's {situation.reach_m:.2f} m"
    )


def _no_room_inside(asked: InRoom | InHole, roles: Roles, situation: Situation) -> str:
    prop, room = roles.of(asked.object), roles.of(asked.room)
    _, region = situation.room(room)
    size = np.ptp(situation.box_m(prop), axis=0)
    across, along = sorted(size[:2].tolist())
    narrow, wide = sorted(2 * np.asarray(region.half_size_m[:2]))
    deep = 2 * region.half_size_m[2]
    if across > narrow or along > wide:
        return (
            f"{prop} is {1e3 * across:.0f} x {1e3 * along:.0f} mm as it stands, {room} has room for "
            f"{1e3 * narrow:.0f} x {1e3 * wide:.0f} mm"
        )
    if size[2] / 2 > deep:
        return (
            f"{prop} is {1e3 * size[2]:.0f} mm high; its middle would be above the rim of {room}, "
            f"which is {1e3 * deep:.0f} mm deep"
        )
    return f"every place for {prop} in {room} is taken, or covered from above"


def _no_seat(asked: Stacked, roles: Roles, situation: Situation) -> str:
    prop, base = roles.of(asked.object), roles.of(asked.base)
    widths = [_level_width_m(situation, prop, lowest=True), _level_width_m(situation, base, lowest=False)]
    if min(widths) < 2 * SEAT_M:
        return (
            f"the base of {prop} is {1e3 * widths[0]:.0f} mm wide and the top of {base} {1e3 * widths[1]:.0f} mm; "
            f"less than {2e3 * SEAT_M:.0f} mm does not stand"
        )
    below = situation.pose(base).apply(situation.corners_m(base))
    above = situation.pose(prop).apply(situation.corners_m(prop))
    shift = seat_middle_m(below, lowest=False) - seat_middle_m(above, lowest=True)
    steady_rad = steadiness_rad(above + np.array([*shift, below[:, 2].max() - above[:, 2].min()]), below)
    if steady_rad < STEADY_RAD:
        return (
            f"{prop} on {base} would fall over when it leans {max(steady_rad, 0.0):.2f} rad, {STEADY_RAD:g} at least: "
            "what is level of base and top is too narrow for its height"
        )
    return f"the top of {base} is taken, or has no room above for {prop}"


def _level_width_m(situation: Situation, prop: str, *, lowest: bool) -> float:
    points = situation.pose(prop).apply(situation.corners_m(prop))
    level = points[:, 2].min() if lowest else points[:, 2].max()
    near = points[np.abs(points[:, 2] - level) <= LEVEL_M, :2]
    return float(np.ptp(near, axis=0).min())
