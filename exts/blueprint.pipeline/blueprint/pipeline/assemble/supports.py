"""Putting props on what carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.relations import ROOM, Relation, supported_by
from blueprint.pipeline.scene.supports import (
    FLOOR_SURFACE,
    Standing,
    WorldSurface,
    find_support,
    world_surfaces,
)

from .parts import Part, Parts
from .stacking import gap_above_m

GAP_SLACK_M = 0.01
"""How far the gap between colliders may differ from that between the visible surfaces."""


@dataclass(frozen=True, slots=True)
class Support:
    """What carries a prop, how far it is above that, and the furniture or floor at the foot of the stack."""

    carrier: str
    gap_m: float
    foot: WorldSurface


def put_down(prop: str, T_world_prop: Pose, rest: Support) -> MoveProp:
    """Move a prop straight up or down until its colliders touch what carries it."""
    position = np.asarray(T_world_prop.position_m) - (0.0, 0.0, rest.gap_m)
    why = f"stands on {rest.carrier}; the scan has its colliders {1000 * rest.gap_m:.2f} mm above it"
    return MoveProp(prop, Pose(vec3(position), T_world_prop.quat_wxyz), why)


def find_rest(
    part: Part,
    T_world_prop: Pose,
    relations: Sequence[Relation],
    placed: Parts,
    feet: Mapping[str, Support],
    reach_m: float,
) -> Support | None:
    """Return what a prop stands on, as the support graph has it; without an answer, the nearest surface below it."""
    held = supported_by(relations, part.entry.prop.id)
    carrier = placed.get(held.object) if held is not None else None
    if held is not None and held.object == ROOM:
        return _on_surface(find_support(part.shape, T_world_prop, [FLOOR_SURFACE], reach_m))
    if held is not None and carrier is not None:
        found = _on_surface(find_support(part.shape, T_world_prop, _own_surfaces(carrier), reach_m))
        return found or _on_thing(part, T_world_prop, carrier, held, feet)
    surfaces = all_surfaces(placed) if part.entry.movable else [FLOOR_SURFACE]
    return _on_surface(find_support(part.shape, T_world_prop, surfaces, reach_m))


def all_surfaces(parts: Parts) -> list[WorldSurface]:
    """Return every support surface of furniture, the floor last."""
    return [*(surface for part in parts.values() for surface in _own_surfaces(part)), FLOOR_SURFACE]


def _own_surfaces(part: Part) -> list[WorldSurface]:
    # What moves itself carries by its shape: a surface that went with it would not be where this one is.
    if part.entry.movable:
        return []
    return world_surfaces(part.entry.prop.id, part.T_world_prop, part.entry.supports)


def _on_surface(standing: Standing | None) -> Support | None:
    if standing is None:
        return None
    name = f"{standing.surface.prop or 'room'}/{standing.surface.name}"
    return Support(name, standing.gap_m, standing.surface)


def _on_thing(part: Part, T_world_prop: Pose, carrier: Part, held: Relation, feet: Mapping[str, Support]) -> Support:
    gap = gap_above_m(
        part.shape, T_world_prop, carrier.shape, carrier.T_world_prop, near_m=held.gap_m, slack_m=GAP_SLACK_M
    )
    foot = feet[held.object].foot if held.object in feet else FLOOR_SURFACE
    return Support(held.object, held.gap_m if gap is None else gap, foot)


def main_support(rests: Mapping[str, Support], wanted: Sequence[str]) -> WorldSurface:
    """Return the surface on which most of the wanted props stand, or their stacks do; the larger one of equals."""
    surfaces = [rests[prop].foot for prop in wanted if prop in rests]
    if not surfaces:
        return FLOOR_SURFACE
    distinct = list(dict.fromkeys(surfaces))
    return max(distinct, key=lambda surface: (surfaces.count(surface), float(np.prod(surface.half_size_m))))
