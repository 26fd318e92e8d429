"""The objects of the scene: what each is, how it looks, what it weighs and why, and what it collides with."""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.app.figures import NOT_MEASURED, count_text, mass_text, number_text, share_text, size_text
from blueprint.pipeline.app.scene_facts import LinkFacts, PropFacts, SceneFacts
from blueprint.pipeline.scene.edits import SetColliders
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import LeftOut
from blueprint.pipeline.scene.records import Proven
from blueprint.pipeline.sims.raycast import outlines, render, view_of
from blueprint.pipeline.sims.surfaces import bounds_of, prop_surfaces

from .pictures import Image, Picture, PictureShelf
from .surfaces import piece_surfaces

MOST_OBJECTS = 120
MOST_FINDINGS = 5
_PICTURE_PX = 200
_WAYS = {
    "primitive": "simple solid",
    "hull": "convex hull",
    "boards": "boxes along its boards",
    "components": "a hull for each connected piece",
    "coacd": "convex decomposition",
    "vessel": "staves around its hollow",
    "box": "bounding box",
}
"""How colliders were made, in words."""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What was decided about one link, in words."""

    name: str
    mass: str
    mass_why: str
    material: str
    material_why: str
    friction: str
    mass_sure: str
    material_sure: str
    pieces: str
    collider_why: str


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One object; `colliders` is None before it has any."""

    id: str
    label: str
    category: str
    role: str
    uses: str
    uses_why: str
    size: str
    mass: str
    place: str
    picture: Picture
    colliders: Picture | None
    links: tuple[LinkRow, ...]
    evidence: tuple[tuple[str, str], ...]
    review: tuple[str, ...]
    licence: str
    file: str
    validator: str


@dataclass(frozen=True, slots=True)
class ObjectsSection:
    """All objects; `not_shown` counts those beyond the page's limit."""

    rows: tuple[ObjectRow, ...]
    not_shown: int
    left_out: tuple[LeftOut, ...]
    left_out_not_shown: int


def describe_objects(facts: SceneFacts, shelf: PictureShelf) -> ObjectsSection | None:
    """Return the objects of a run, or None before ingest has finished."""
    if not facts.props and not facts.left_out:
        return None
    shown, left_out = facts.props[:MOST_OBJECTS], facts.left_out[:MOST_OBJECTS]
    rows = tuple(_object_row(entry, facts, shelf) for entry in shown)
    return ObjectsSection(rows, len(facts.props) - len(shown), left_out, len(facts.left_out) - len(left_out))


def _object_row(entry: PropFacts, facts: SceneFacts, shelf: PictureShelf) -> ObjectRow:
    prop = entry.prop
    return ObjectRow(
        id=prop.id,
        label=prop.label,
        category="" if prop.category.replace("_", " ") == prop.label else prop.category,
        role=str(entry.semantics.role if entry.semantics else prop.role),
        uses=_uses_text(entry),
        uses_why=entry.semantics.why if entry.semantics else "",
        size=size_text(prop.size_m),
        mass=mass_text(entry.mass_kg),
        place="" if entry.in_scene or not facts.assembled else "not in the scene",
        picture=object_picture(entry, facts, shelf),
        colliders=collider_picture(entry, facts, shelf),
        links=tuple(_link_row(link) for link in entry.links),
        evidence=tuple((e.quantity, f"{number_text(e.value, e.unit)}: {e.why}") for e in prop.evidence),
        review=prop.review,
        licence=prop.provenance.licence,
        file=prop.provenance.file,
        validator=_validator_text(prop.id, facts),
    )


def object_picture(entry: PropFacts, facts: SceneFacts, shelf: PictureShelf) -> Picture:
    """Return an object as it looks."""
    return shelf.picture(["object", *entry.made_from], lambda: _picture(entry, facts))


def collider_picture(entry: PropFacts, facts: SceneFacts, shelf: PictureShelf) -> Picture | None:
    """Return an object's colliders with its outlines, None while it has none."""
    if not any(link.colliders and link.colliders.pieces for link in entry.links):
        return None
    return shelf.picture(["colliders", *entry.made_from], lambda: _collider_picture(entry, facts))


def _validator_text(prop_id: str, facts: SceneFacts) -> str:
    """Say what the profile's validator made of an object's asset, empty before it was asked."""
    proven = facts.records.get(Proven)
    state = next((each for each in proven.proof.assets if each.prop == prop_id), None) if proven else None
    if state is None:
        return ""
    if state.verdict == "not checked":
        return "not asked" + (f": {state.findings[0]}" if state.findings else "")
    lacking = [each.name for each in state.features if each.blocking and not each.passed]
    needs = f"lacks {', '.join(lacking)}" if lacking else "lacks no feature that it needs"
    found = "".join(f"; {finding}" for finding in state.findings[:MOST_FINDINGS])
    return f"{state.verdict} {state.profile} {state.profile_version}, {needs}{found}"


def _link_row(link: LinkFacts) -> LinkRow:
    material, mass, colliders = link.material, link.mass, link.colliders
    return LinkRow(
        name=link.body,
        mass=mass_text(mass.mass_kg if mass else None),
        mass_why=mass.why if mass else "",
        material=f"{material.material}, {material.density_kg_m3:.4g} kg/m³" if material else NOT_MEASURED,
        material_why=material.why if material else "",
        friction=f"{material.static_friction:.3g} static, {material.dynamic_friction:.3g} dynamic" if material else "",
        mass_sure=f"within a factor 1.5 with {share_text(mass.confidence)}" if mass else "",
        material_sure=f"{share_text(material.confidence)} sure" if material else "",
        pieces=_pieces_text(colliders) if colliders else NOT_MEASURED,
        collider_why=colliders.why if colliders else "",
    )


def _uses_text(entry: PropFacts) -> str:
    """Say what can be done with a prop, and how many places were found to put things and to take hold."""
    if entry.semantics is None:
        return ""
    counts = (("region", len(entry.regions)), ("grasp", len(entry.grasps)))
    places = [f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in counts if count]
    return ", ".join(entry.semantics.affordances or ("nothing that was measured",)) + (
        f" ({', '.join(places)})" if places else ""
    )


def _pieces_text(colliders: SetColliders) -> str:
    ratio, distance = colliders.volume_ratio, colliders.distance_p95_m
    volume = f"{ratio:.3g} × the mesh's volume" if ratio is not None else "volume not measured"
    surface = f"surface within {1e3 * distance:.1f} mm at 95 %" if distance is not None else "distance not measured"
    ways = " and ".join(_WAYS.get(way, way) for way in colliders.method.split("+"))
    return f"{count_text(len(colliders.pieces), 'piece')} ({ways}), {volume}, {surface}"


def _picture(entry: PropFacts, facts: SceneFacts) -> Image:
    surfaces = prop_surfaces(entry.prop, facts.meshes, Pose())
    view = view_of(*bounds_of(surfaces), width_px=_PICTURE_PX, height_px=_PICTURE_PX)
    return render(surfaces, view)


def _collider_picture(entry: PropFacts, facts: SceneFacts) -> Image:
    """Draw convex pieces in colours, with the outlines of the meshes they stand for."""
    meshes = prop_surfaces(entry.prop, facts.meshes, Pose())
    pieces = [piece for link in entry.links if link.colliders for piece in link.colliders.pieces]
    view = view_of(*bounds_of(meshes), width_px=_PICTURE_PX, height_px=_PICTURE_PX)
    picture = render(piece_surfaces(pieces, facts.meshes, Pose()), view)
    edge = outlines(meshes, view)
    picture[edge] = np.array([40, 44, 52, 255], dtype=np.uint8)
    return picture
