"""A policy as Isaac Lab event terms: YAML whose `func` strings Isaac Lab resolves itself, one term per asset.

Written against the signatures of isaaclab.envs.mdp.events (Isaac Lab 3); not run inside Isaac Lab. An asset's name is
the prop's id, the robot's is `robot`. What event terms cannot say is left out by name, with the reason; what they say
less exactly is noted.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from blueprint.pipeline.scene.distributions import Constant, Distribution, LogUniform, Normal, Uniform
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.policies import Policy, PoseFactor, ScalarFactor

FORMAT, FORMAT_VERSION = "blueprint.isaaclab_events", 1
MODULE = "isaaclab.envs.mdp"
ROBOT = "robot"
BUCKETS = 64
OPERATIONS = {"scale": "scale", "add": "add", "set": "abs"}
SQUARE = "a square in place of a disc, and nothing keeps props from overlapping"
CUT = "a normal distribution is not cut at its ends"
RANGE = "materials are drawn evenly from the range"

LEFT_OUT: Mapping[str, str] = {
    "color": "randomize_visual_color takes colours, not factors on those that an asset has",
    "texture": "randomize_visual_texture_material projects pictures and would not wear those of the props as they do",
    "distractors": "event terms change assets and add none; list spares in the scene's configuration",
    "light_color": "lights are no assets of an event term; use a Replicator light randomizer",
    "light_intensity": "lights are no assets of an event term; use a Replicator light randomizer",
    "light_azimuth": "lights are no assets of an event term; use a Replicator light randomizer",
    "light_elevation": "lights are no assets of an event term; use a Replicator light randomizer",
    "camera_shift": "cameras have no event term; their offset is part of CameraCfg",
    "camera_turn": "cameras have no event term; their offset is part of CameraCfg",
    "focal_length": "cameras have no event term; the lens is part of CameraCfg",
    "exposure": "cameras have no event term",
    "rgb_noise": "noise belongs to the observation term (ObservationTermCfg.noise)",
    "depth_noise": "noise belongs to the observation term (ObservationTermCfg.noise)",
    "latency": "delay belongs to the actuator (DelayedPDActuatorCfg.min_delay, max_delay)",
}


@dataclass(frozen=True, slots=True)
class EventTerm:
    """One term: the function's name in MODULE, when it acts, and its parameters as plain data."""

    name: str
    func: str
    mode: str
    params: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class EventTerms:
    """The terms of a policy, and the factors that have none, with the reason."""

    policy: str
    terms: tuple[EventTerm, ...]
    left_out: Mapping[str, str]


def event_terms(policy: Policy, manifest: SceneManifest, targets: Mapping[str, Sequence[str]]) -> EventTerms:
    """Return a policy as event terms; `targets` are the ids that each factor is drawn for in this scene."""
    terms: list[EventTerm] = []
    left_out = {name: LEFT_OUT[factor.vary] for name, factor in policy.factors.items() if factor.vary in LEFT_OUT}
    terms += _materials(policy.scalars(), manifest, targets)
    for name, factor in policy.factors.items():
        if isinstance(factor, PoseFactor):
            terms += _poses(name, factor, targets[name])
        elif isinstance(factor, ScalarFactor) and factor.vary in _WRITERS:
            spread = _spread(factor.values)
            if spread is None:
                left_out[name] = "event terms know uniform, log-uniform and normal distributions"
            else:
                terms += _WRITERS[factor.vary](name, factor, targets[name], spread)
    if policy.correlations:
        tied = "; ".join(", ".join(entry.factors) for entry in policy.correlations)
        left_out["correlations"] = f"event terms draw independently of each other: {tied}"
    return EventTerms(policy.name, tuple(terms), dict(sorted(left_out.items())))


def write_events(events: EventTerms) -> str:
    """Return event terms as YAML; `func` is `module:name`, as isaaclab.utils.string_to_callable reads it."""
    data = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "policy": events.policy,
        "events": {term.name: _plain(term) for term in events.terms},
        "left_out": dict(events.left_out),
    }
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)


def _plain(term: EventTerm) -> dict[str, Any]:
    data: dict[str, Any] = {"func": f"{MODULE}:{term.func}", "mode": term.mode, "params": dict(term.params)}
    return {**data, "note": term.note} if term.note else data


@dataclass(frozen=True, slots=True)
class _Spread:
    """A distribution as event terms have it."""

    numbers: list[float]
    kind: str
    note: str = ""


def _spread(distribution: Distribution) -> _Spread | None:
    match distribution:
        case Uniform(uniform=(low, high)):
            return _Spread([low, high], "uniform")
        case LogUniform(log_uniform=(low, high)):
            return _Spread([low, high], "log_uniform")
        case Normal(normal=bell):
            return _Spread([bell.mean, bell.std], "gaussian", CUT)
        case Constant(constant=value):
            return _Spread([value, value], "uniform")
        case _:
            return None


def _materials(
    scalars: Mapping[str, ScalarFactor], manifest: SceneManifest, targets: Mapping[str, Sequence[str]]
) -> Iterator[EventTerm]:
    """Yield one term per prop: friction and restitution are parts of one material."""
    owners = {
        (factor.vary, prop): factor
        for name, factor in scalars.items()
        if factor.vary in ("friction", "restitution")
        for prop in targets[name]
    }
    for entry in manifest.props:
        friction, restitution = (owners.get((vary, entry.prop.id)) for vary in ("friction", "restitution"))
        if friction is None and restitution is None:
            continue
        static, dynamic = _frictions(entry, friction)
        bounce = [*restitution.values.support()] if restitution else [entry.physics[0].material.restitution] * 2
        params = {
            "asset_cfg": {"name": entry.prop.id},
            "static_friction_range": static,
            "dynamic_friction_range": dynamic,
            "restitution_range": bounce,
            "num_buckets": BUCKETS,
            "make_consistent": True,
        }
        shaped = [factor for factor in (friction, restitution) if factor and not isinstance(factor.values, Uniform)]
        note = RANGE if shaped else ""
        yield EventTerm(f"material_{entry.prop.id}", "randomize_rigid_body_material", "startup", params, note)


def _frictions(entry: SceneProp, factor: ScalarFactor | None) -> tuple[list[float], list[float]]:
    material = entry.physics[0].material
    low, high = factor.values.support() if factor else (1.0, 1.0)
    if factor is not None and factor.manner == "set":
        low, high = (value / material.dynamic_friction for value in (low, high))
    static, dynamic = material.static_friction, material.dynamic_friction
    return [static * low, static * high], [dynamic * low, dynamic * high]


def _masses(name: str, factor: ScalarFactor, targets: Sequence[str], spread: _Spread) -> Iterator[EventTerm]:
    for prop in targets:
        params = {
            "asset_cfg": {"name": prop},
            "mass_distribution_params": spread.numbers,
            "operation": OPERATIONS[factor.manner],
            "distribution": spread.kind,
            "recompute_inertia": True,
        }
        yield EventTerm(f"{name}_{prop}", "randomize_rigid_body_mass", "startup", params, spread.note)


def _furniture(name: str, factor: ScalarFactor, targets: Sequence[str], spread: _Spread) -> Iterator[EventTerm]:
    damping = factor.vary == "joint_damping"
    func = "randomize_actuator_gains" if damping else "randomize_joint_parameters"
    for prop in targets:
        params = {
            "asset_cfg": {"name": prop, "joint_names": [".*"]},
            "damping_distribution_params" if damping else "friction_distribution_params": spread.numbers,
            "operation": OPERATIONS[factor.manner],
            "distribution": spread.kind,
        }
        yield EventTerm(f"{name}_{prop}", func, "startup", params, spread.note)


def _drives(name: str, factor: ScalarFactor, targets: Sequence[str], spread: _Spread) -> Iterator[EventTerm]:
    which = "stiffness" if factor.vary == "drive_stiffness" else "damping"
    params = {
        "asset_cfg": {"name": ROBOT, "joint_names": [*targets]},
        f"{which}_distribution_params": spread.numbers,
        "operation": OPERATIONS[factor.manner],
        "distribution": spread.kind,
    }
    apart = "" if factor.each else "each joint has a draw of its own"
    note = "; ".join(part for part in (spread.note, apart) if part)
    yield EventTerm(name, "randomize_actuator_gains", "startup", params, note)


def _starts(name: str, factor: ScalarFactor, targets: Sequence[str], spread: _Spread) -> Iterator[EventTerm]:
    low, high = factor.values.support()
    params = {
        "asset_cfg": {"name": ROBOT, "joint_names": [*targets]},
        "position_range": [low, high],
        "velocity_range": [0.0, 0.0],
    }
    even = "" if spread.kind == "uniform" else "drawn evenly between the ends"
    note = "; ".join(part for part in (even, "collisions are not looked at") if part)
    yield EventTerm(name, "reset_joints_by_offset", "reset", params, note)


def _poses(name: str, factor: PoseFactor, targets: Sequence[str]) -> Iterator[EventTerm]:
    turn_rad = math.radians(factor.turn_deg)
    sides = {"x": [-factor.shift_m, factor.shift_m], "y": [-factor.shift_m, factor.shift_m]}
    for prop in targets:
        params = {
            "asset_cfg": {"name": prop},
            "pose_range": {**sides, "yaw": [-turn_rad, turn_rad]},
            "velocity_range": {},
        }
        note = SQUARE if factor.over == "around" else f"around where it rests, not anywhere on its surface; {SQUARE}"
        yield EventTerm(f"{name}_{prop}", "reset_root_state_uniform", "reset", params, note)


_WRITERS = {
    "mass": _masses,
    "joint_damping": _furniture,
    "joint_friction": _furniture,
    "drive_stiffness": _drives,
    "drive_damping": _drives,
    "start_pose": _starts,
}
