"""Every way in which a scene can fill a template's roles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.edits import PlacementRegion
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.scene.relations import supported_by

from .grammar import role_order
from .place_entries import InRoom, Place
from .role_entries import JointRole, PropRole, PropsRole, Role, RoomRole, SurfaceRole
from .standing import support_of
from .templates import Template

Filling = dict[str, str]
"""Role to what fills it: a prop's id, or `<prop>/<joint>`, `<prop>/<surface>`, `<prop>/<region>`."""

HOLE_M = (-0.004, 0.012)
"""A hole that fits is wider than what goes into it by a value in this span, as far as scans can tell."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A template with its roles filled; `object` is the prop that is handled first."""

    id: str
    template: str
    roles: Filling
    object: str


def list_candidates(template: Template, manifest: SceneManifest) -> list[Candidate]:
    """Return every filling of a template's roles, in the scene's order; no prop fills two roles."""
    found = [
        roles
        for roles in fill_roles(template, manifest, role_order(template))
        if all(_goes_in(place, roles, manifest) for place in template.places.values())
    ]
    return [Candidate(_id(template, roles), template.name, roles, handled_first(template, roles)) for roles in found]


def _id(template: Template, roles: Filling) -> str:
    """Join the template and what fills its roles, except surfaces, which follow from the rest."""
    surfaces = {name for name, role in template.roles.items() if isinstance(role, SurfaceRole)}
    named = [name for role in template.roles for name in (role, *(f"{role}_{k}" for k in range(1, 9))) if name in roles]
    parts = [roles[name].replace("/", ".") for name in named if name not in surfaces]
    return "/".join([template.name, *parts])


def handled_first(template: Template, roles: Filling) -> str:
    """Return the prop that the steps handle first: what is grasped or pushed, or whose part is moved."""
    for entry in template.steps:
        for step in getattr(entry, "steps", (entry,)):
            for field in ("object", "joint"):
                role = getattr(step, field, None)
                if role is not None:
                    several = isinstance(template.roles[role], PropsRole)
                    return roles[f"{role}_1" if several else role].split("/", 1)[0]
    return next(iter(roles.values())).split("/", 1)[0]


def fill_roles(template: Template, manifest: SceneManifest, names: Sequence[str]) -> Iterator[Filling]:
    """Yield every filling of some roles, each after those that it speaks of, in the scene's order."""
    return _fill(template, manifest, [(name, template.roles[name]) for name in names], {})


def _fill(
    template: Template, manifest: SceneManifest, roles: Sequence[tuple[str, Role]], filled: Filling
) -> Iterator[Filling]:
    if not roles:
        yield dict(filled)
        return
    (name, role), *rest = roles
    for entry in _fillers(name, role, manifest, filled):
        yield from _fill(template, manifest, rest, {**filled, **entry})


def _fillers(name: str, role: Role, manifest: SceneManifest, filled: Filling) -> Iterator[Filling]:
    match role:
        case PropsRole():
            yield from _several(name, role, manifest, filled)
        case PropRole():
            yield from ({name: entry.prop.id} for entry in _props(role, manifest, filled))
        case SurfaceRole():
            under = filled.get(role.under) or filled[f"{role.under}_1"]
            found = support_of(manifest, manifest.prop(under).prop.T_world_prop)
            if found is not None:
                yield {name: f"{found[0].prop.id}/{found[1].name}"}
        case RoomRole():
            yield from ({name: room} for room in _rooms(role, manifest, filled))
        case JointRole():
            yield from ({name: joint} for joint in _joints(role, manifest))


def _props(role: PropRole, manifest: SceneManifest, filled: Filling) -> list[SceneProp]:
    taken = {value.split("/", 1)[0] for value in filled.values() if "/" not in value}
    on = filled[role.on] if role.on is not None else None
    standing = [
        entry for entry in manifest.props if entry.prop.id not in taken and entry.prop.id not in manifest.spares
    ]
    return [entry for entry in standing if _fits(role, entry, manifest, on)]


def _fits(role: PropRole, entry: SceneProp, manifest: SceneManifest, on: str | None) -> bool:
    has = set(entry.semantics.affordances)
    hollow = any(region.kind == "in" for region in entry.regions)
    below = supported_by(manifest.relations, entry.prop.id)
    return (
        entry.movable is role.movable
        and has.issuperset(role.affordances)
        and (not role.any_affordance or not has.isdisjoint(role.any_affordance))
        and (not role.categories or entry.prop.category in role.categories)
        and (role.hollow is None or hollow is role.hollow)
        and (on is None or (below is not None and below.object == on))
    )


def _several(name: str, role: PropsRole, manifest: SceneManifest, filled: Filling) -> Iterator[Filling]:
    """Yield each prop with those that follow it on its surface; not every combination, of which there are many."""
    fitting = _props(role, manifest, filled)
    by_surface: dict[str, list[str]] = {}
    for entry in fitting:
        found = support_of(manifest, entry.prop.T_world_prop)
        if found is not None:
            by_surface.setdefault(f"{found[0].prop.id}/{found[1].name}", []).append(entry.prop.id)
    for props in by_surface.values():
        starts = range(len(props) if len(props) > role.count else int(len(props) == role.count))
        for start in starts:
            chosen = [props[(start + k) % len(props)] for k in range(role.count)]
            yield {f"{name}_{k}": prop for k, prop in enumerate(chosen, 1)}


def _rooms(role: RoomRole, manifest: SceneManifest, filled: Filling) -> Iterator[str]:
    taken = {value for value in filled.values() if "/" not in value}
    for entry in manifest.props:
        if entry.prop.id in taken or entry.prop.id in manifest.spares:
            continue
        for region in entry.regions:
            if region.kind != "in" or room_kind(entry, region) not in role.of:
                continue
            mover = next((joint for joint in entry.prop.joints if joint.child == region.body), None)
            moved_by = f"{entry.prop.id}/{mover.name}" if mover else ""
            if role.moved_by is not None and moved_by != filled[role.moved_by]:
                continue
            if role.fits is None or _is_hole_for(region, manifest.prop(filled[role.fits])):
                yield f"{entry.prop.id}/{region.name}"


def room_kind(entry: SceneProp, region: PlacementRegion) -> str:
    """Say how a room is reached: from above (vessel), once it is drawn out (drawer), from its front (cupboard)."""
    joint = next((joint for joint in entry.prop.joints if joint.child == region.body), None)
    if joint is not None and joint.kind == "prismatic":
        return "drawer"
    opening = region.T_prop_region.rotation() @ np.asarray(region.opening)
    return "vessel" if opening[2] > 0.7 else "cupboard"


def _is_hole_for(region: PlacementRegion, peg: SceneProp) -> bool:
    _, thickness_m, _ = sorted(peg.prop.size_m, reverse=True)
    width_m = 2 * min(region.half_size_m[:2])
    return HOLE_M[0] <= width_m - thickness_m <= HOLE_M[1]


def _goes_in(place: Place, roles: Filling, manifest: SceneManifest) -> bool:
    """Whether a thing fits by its size into the room that a place is in; what stands too high counts as not in it."""
    if not isinstance(place, InRoom):
        return True
    owner, _, name = roles[place.room].partition("/")
    region = next(region for region in manifest.prop(owner).regions if region.name == name)
    size = manifest.prop(roles[place.object]).prop.size_m
    narrow_m, wide_m = sorted(2 * half for half in region.half_size_m[:2])
    across_m, along_m = sorted(size[:2])
    return across_m <= narrow_m and along_m <= wide_m and size[2] / 2 < 2 * region.half_size_m[2]


def _joints(role: JointRole, manifest: SceneManifest) -> Iterator[str]:
    for entry in manifest.props:
        for joint in entry.prop.joints:
            holds = any(region.kind == "in" and region.body == joint.child for region in entry.regions)
            if (
                role.can in ways_of(entry, joint)
                and (role.motion is None or joint.kind == role.motion)
                and (role.holds is None or holds is role.holds)
            ):
                yield f"{entry.prop.id}/{joint.name}"


def ways_of(entry: SceneProp, joint: Joint) -> tuple[str, ...]:
    """Return what is done with a joint, as it was measured: openable, slidable, turnable, pressable."""
    unit = "rad" if joint.kind == "revolute" else "m"
    measured = entry.semantics.parameters
    names = ("openable", "slidable", "turnable", "pressable")
    return tuple(name for name in names if f"{name}.{joint.child}_range_{unit}" in measured)
