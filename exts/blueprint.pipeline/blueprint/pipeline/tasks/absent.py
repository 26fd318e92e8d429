"""Why a scene holds nothing for a task: the role that stays empty, what it asks for, and what there is."""

from collections.abc import Sequence

from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp

from .candidates import fill_roles, room_kind, ways_of
from .grammar import role_order
from .role_entries import JointRole, PropRole, PropsRole, Role, RoomRole, SurfaceRole
from .templates import Template

_LISTED = 8
"""So many things of a scene are named in one reason."""


def why_absent(template: Template, manifest: SceneManifest) -> str:
    """Return the reason for which a task has no candidate in a scene."""
    names = role_order(template)
    for count, name in enumerate(names, 1):
        if next(fill_roles(template, manifest, names[:count]), None) is None:
            role = template.roles[name]
            return f"nothing fills role {name!r}, {_asked(role)}; the scene has {_there(role, manifest)}"
    return "nothing goes by its size into a room that would have to take it"


def _asked(role: Role) -> str:
    match role:
        case PropsRole():
            return f"{role.count} of: {_asked_prop(role)}"
        case PropRole():
            return _asked_prop(role)
        case SurfaceRole():
            return f"a support surface under {role.under!r}"
        case RoomRole():
            mover = f" that moves with {role.moved_by!r}" if role.moved_by is not None else ""
            fits = f" hardly wider than {role.fits!r}" if role.fits is not None else ""
            return f"room of a {_or(role.of)}{mover}{fits}"
        case JointRole():
            motion = f"{role.motion} " if role.motion is not None else ""
            holds = {None: "", True: " with room inside", False: " without room inside"}[role.holds]
            return f"a {motion}joint of a part{holds} that is {role.can}"


def _asked_prop(role: PropRole) -> str:
    words = ["a movable thing" if role.movable else "a piece of furniture"]
    if role.categories:
        words.append(f"of category {_or(role.categories)}")
    if role.affordances:
        words.append(f"that is {' and '.join(role.affordances)}")
    if role.any_affordance:
        words.append(f"that is {_or(role.any_affordance)}")
    if role.hollow is not None:
        words.append("with room inside" if role.hollow else "without room inside")
    if role.on is not None:
        words.append(f"on {role.on!r}")
    return " ".join(words)


def _there(role: Role, manifest: SceneManifest) -> str:
    present = [entry for entry in manifest.props if entry.prop.id not in manifest.spares]
    match role:
        case PropRole():
            listed = [_prop_words(entry) for entry in present if entry.movable is role.movable]
        case SurfaceRole():
            listed = [f"{entry.prop.id}/{surface.name}" for entry in present for surface in entry.supports]
        case RoomRole():
            listed = [
                f"{entry.prop.id}/{region.name} ({room_kind(entry, region)}, "
                f"{2e3 * region.half_size_m[0]:.0f} x {2e3 * region.half_size_m[1]:.0f} mm)"
                for entry in present
                for region in entry.regions
                if region.kind == "in"
            ]
        case JointRole():
            listed = [
                f"{entry.prop.id}/{joint.name} ({joint.kind}, {' and '.join(ways_of(entry, joint)) or 'nothing of it'})"
                for entry in present
                for joint in entry.prop.joints
            ]
    return _listed(listed, role.kind)


def _prop_words(entry: SceneProp) -> str:
    has = ", ".join(entry.semantics.affordances) or "nothing"
    return f"{entry.prop.id} (category {entry.prop.category}: {has})"


def _listed(listed: Sequence[str], kind: str) -> str:
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return ", ".join(listed[:_LISTED]) + more if listed else f"no {kind.removesuffix('s')} at all"


def _or(words: Sequence[str]) -> str:
    return " or ".join(words)
