"""The trial of pushing: under a growing horizontal force a prop must give way where friction says so.

Pushed at its centre of mass it slides at `mu m g`, or tips before that, where the centre of mass is high above a narrow
base: at `m g b / h`, with `b` the reach of its contacts in the direction of the push and `h` the height above them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.scene.gravity import GRAVITY_M_S2
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.proofs import Measure, Trace, Trial
from blueprint.pipeline.sims.protocols import Array, Contacts, Physics, Sim

from .rest import outcome
from .subjects import Subject, mass_center_m, movable_subjects

REST_S = 0.2
GIVES_WAY_M_S = 0.003
FAR_M = 0.003
DIRECTIONS = 16
UPRIGHT = 0.7
"""Vertical share of a contact's normal from which it carries rather than leans."""
BREAK_AWAY, EXPECTED, CREEP = "break-away force", "expected force", "creep below it"
FORCE, PATH = "force", "path"


class PushSettings(Settings, frozen=True):
    """Pushing each movable prop at its centre of mass with a growing horizontal force."""

    ramp_s: float = Field(default=1.5, gt=0, le=30, description="Time in which the force grows to its end, in seconds.")
    levels: int = Field(default=45, ge=5, le=1000, description="Number of steps in which the force grows.")
    reach: float = Field(
        default=1.5, gt=1, le=10, description="Force at the end, as a share of the force at which the prop should move."
    )
    tolerance: float = Field(
        default=0.15, gt=0, le=1, description="Largest error of the break-away force, as a share of what is expected."
    )
    held_share: float = Field(
        default=0.8, gt=0, lt=1, description="Share of the expected force under which the prop must stay."
    )
    creep_bound_m: float = Field(default=0.002, gt=0, description="Largest move under that force, in metres.")


@dataclass(frozen=True, slots=True)
class Push:
    """How one prop is pushed and what is expected; `unjudged` says why nothing is."""

    direction: tuple[float, float]
    slide_n: tuple[float, float]
    tip_n: float
    unjudged: str = ""

    @property
    def expected_n(self) -> tuple[float, float]:
        """The range of forces at which the prop should give way: dynamic to static friction, or tipping."""
        low, high = (min(force, self.tip_n) for force in self.slide_n)
        return low, high


def plan_pushes(sim: Sim, manifest: SceneManifest) -> dict[str, Push]:
    """Return for each movable prop in which direction it tips last, and the forces that follow from its contacts."""
    sim.reset()
    seen = sim.observe()
    frictions = contact_frictions(manifest)
    pushes: dict[str, Push] = {}
    for each in movable_subjects(manifest):
        center = mass_center_m(sim, seen, each)
        pushes[each.name] = plan_push(each.name, each.mass_kg, center, seen.contacts, frictions)
    return pushes


def contact_frictions(manifest: SceneManifest) -> dict[str, tuple[float, float]]:
    """Return dynamic and static friction of every link and of everything of the room."""
    found = {
        f"{entry.prop.id}/{body.body}": _friction(body.material) for entry in manifest.props for body in entry.physics
    }
    return found | {f"room/{box.name}": (box.dynamic_friction, box.static_friction) for box in manifest.room}


def _friction(material: SetMaterial) -> tuple[float, float]:
    return material.dynamic_friction, material.static_friction


def plan_push(
    prop: str, mass_kg: float, center_m: Array, contacts: Contacts, frictions: Mapping[str, tuple[float, float]]
) -> Push:
    """Return how to push a prop that touches things as `contacts` say."""
    rows = [row for row, pair in enumerate(zip(contacts.first, contacts.second, strict=True)) if _touches(pair, prop)]
    below = [
        row for row in rows if abs(contacts.normal[row, 2]) > UPRIGHT and contacts.position_m[row, 2] < center_m[2]
    ]
    weight_n = mass_kg * GRAVITY_M_S2
    if not below:
        return Push((1.0, 0.0), (weight_n, weight_n), float("inf"), "stands on nothing")
    points = contacts.position_m[below]
    pairs = [(contacts.first[row], contacts.second[row]) for row in below]
    mu = np.array(
        [[max(frictions[a][k], frictions[b][k]) for k in (0, 1)] for a, b in pairs if {a, b} <= set(frictions)]
    )
    if len(mu) < len(below):
        return Push((1.0, 0.0), (weight_n, weight_n), float("inf"), "stands on something of unknown friction")
    direction, lever = _steadiest(points, center_m)
    low, high = float(mu[:, 0].min()), float(mu[:, 1].max())
    beside = sorted({name for row in rows if row not in below for name in _others(contacts, row, prop)})
    unjudged = f"also touches {', '.join(beside)}" if beside else ""
    return Push(direction, (low * weight_n, high * weight_n), lever * weight_n, unjudged)


def _touches(pair: Sequence[str], prop: str) -> bool:
    own = [name.startswith(f"{prop}/") for name in pair]
    return any(own) and not all(own)


def _others(contacts: Contacts, row: int, prop: str) -> list[str]:
    return [name for name in (contacts.first[row], contacts.second[row]) if not name.startswith(f"{prop}/")]


def _steadiest(points_m: Array, center_m: Array) -> tuple[tuple[float, float], float]:
    """Return the direction in which a prop tips last, and the force for that as a share of its weight."""
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    reach = (directions @ (points_m[:, :2] - center_m[:2]).T).max(axis=1)
    best = int(np.argmax(reach.round(9)))
    height = float(center_m[2] - points_m[:, 2].mean())
    x, y = directions[best].tolist()
    return (x, y), max(0.0, float(reach[best])) / height


def push(physics: Physics, subject: Subject, plan: Push, settings: PushSettings) -> Trial:
    """Push one prop until it gives way."""
    stride = max(1, round(settings.ramp_s / settings.levels / physics.dt_s))
    physics.reset()
    physics.step(round(REST_S / physics.dt_s))
    start = mass_center_m(physics, physics.observe(), subject)
    end_n = settings.reach * max(plan.expected_n[1], 1e-3)
    forces, paths = [0.0], [0.0]
    for level in range(1, settings.levels + 1):
        force = end_n * level / settings.levels
        physics.set_force(subject.link, vec3((force * plan.direction[0], force * plan.direction[1], 0.0)))
        physics.step(stride)
        moved = mass_center_m(physics, physics.observe(), subject) - start
        forces.append(force)
        paths.append(float(moved[:2] @ plan.direction))
        if paths[-1] > FAR_M:
            break
    return _judge(physics.engine, subject.name, plan, forces, paths, stride * physics.dt_s, settings)


def _judge(
    engine: str,
    name: str,
    plan: Push,
    forces_n: Sequence[float],
    paths_m: Sequence[float],
    level_s: float,
    settings: PushSettings,
) -> Trial:
    low, high = plan.expected_n
    broke = break_away_n(forces_n, paths_m, level_s)
    held = [abs(path) for force, path in zip(forces_n, paths_m, strict=True) if force <= settings.held_share * low]
    creep = max(held, default=0.0)
    faults = [
        f"does not move at {forces_n[-1]:.3g} N, expected {high:.3g} N" if broke is None else "",
        f"gives way at {broke:.3g} N, expected {low:.3g} to {high:.3g} N"
        if broke is not None and not (1 - settings.tolerance) * low <= broke <= (1 + settings.tolerance) * high
        else "",
        f"creeps {1000 * creep:.2f} mm under {settings.held_share * low:.3g} N"
        if creep > settings.creep_bound_m
        else "",
    ]
    way = "tips" if plan.tip_n < plan.slide_n[0] else "slides"
    return Trial(
        "push",
        name,
        engine,
        outcome(name, [] if plan.unjudged else faults),
        (Measure(BREAK_AWAY, broke, "N"), Measure(EXPECTED, high, "N"), Measure(CREEP, creep, "m")),
        (Trace(PATH, "m", "N", tuple(forces_n), tuple(paths_m)),),
        plan.unjudged or f"{way} towards {np.degrees(np.arctan2(plan.direction[1], plan.direction[0])) % 360:.0f} deg",
    )


def break_away_n(forces_n: Sequence[float], paths_m: Sequence[float], level_s: float) -> float | None:
    """Return the force from which a prop moves for good; None where it stays."""
    speeds = np.diff(paths_m) / level_s
    moving = np.flatnonzero(speeds > GIVES_WAY_M_S)
    if not len(moving):
        return None
    still = np.flatnonzero(speeds <= GIVES_WAY_M_S)
    first = int(still[-1]) + 1 if len(still) else 0
    # The force was reached at the level before the one in which the motion was seen.
    return float(forces_n[min(first + 1, len(forces_n) - 1)]) if first < len(speeds) else None
