"""Physics: what props weigh, how they slide and bounce, how furniture's joints resist, around what was decided."""

from collections.abc import Iterator
from dataclasses import replace

from blueprint.pipeline.scene.edits import Edit, SetJointDynamics, SetMass, SetMaterial, SetRestitution
from blueprint.pipeline.scene.factor_kinds import How
from blueprint.pipeline.scene.manifests import SceneProp

from .drawn import Row

Hows = dict[tuple[str, str], How]
"""What varies and the target, to how the drawn number acts."""


def acted(how: How, base: float, number: float) -> float:
    """Return what becomes of a scene's value."""
    return {"scale": base * number, "add": base + number, "set": number}[how]


def physics_edits(entry: SceneProp, row: Row, hows: Hows) -> Iterator[Edit]:
    """Yield the edits of one prop, link by link."""
    prop = entry.prop.id
    if (key := ("mass", prop)) in row:
        yield from _masses(entry, float(row[key][0]), hows[key])
    if (key := ("friction", prop)) in row:
        yield from _frictions(entry, float(row[key][0]), hows[key])
    if (key := ("restitution", prop)) in row:
        number = float(row[key][0])
        for link in entry.physics:
            yield SetRestitution(prop, link.body, number, f"drawn: bounces back with {number:.3f} of its speed")
    if ("joint_damping", prop) in row or ("joint_friction", prop) in row:
        yield from _joints(entry, row, hows)


def _masses(entry: SceneProp, number: float, how: How) -> Iterator[SetMass]:
    # Links keep their proportions, and inertia goes with mass, as at constant shape.
    whole = entry.mass_kg()
    factor = acted(how, whole, number) / whole
    for link in entry.physics:
        x, y, z = link.mass.inertia_kg_m2
        yield replace(
            link.mass,
            mass_kg=link.mass.mass_kg * factor,
            inertia_kg_m2=(x * factor, y * factor, z * factor),
            why=f"drawn: {link.mass.mass_kg:.4g} kg x {factor:.3f}",
        )


def _frictions(entry: SceneProp, number: float, how: How) -> Iterator[SetMaterial]:
    for link in entry.physics:
        before = link.material.dynamic_friction
        after = acted(how, before, number)
        # Static friction keeps its ratio to the dynamic one.
        ratio = link.material.static_friction / before if before else 1.0
        why = f"drawn: friction {before:.3g} becomes {after:.3g}"
        yield replace(link.material, static_friction=after * ratio, dynamic_friction=after, why=why)


def _joints(entry: SceneProp, row: Row, hows: Hows) -> Iterator[SetJointDynamics]:
    for joint in entry.joint_dynamics:
        said: list[str] = []
        drawn = {"damping": joint.damping, "friction": joint.friction}
        for quantity, base in tuple(drawn.items()):
            if (key := (f"joint_{quantity}", entry.prop.id)) in row:
                drawn[quantity] = acted(hows[key], base, float(row[key][0]))
                said.append(f"{quantity} {base:.3g} becomes {drawn[quantity]:.3g}")
        yield replace(joint, **drawn, why=f"drawn: {', '.join(said)}")
