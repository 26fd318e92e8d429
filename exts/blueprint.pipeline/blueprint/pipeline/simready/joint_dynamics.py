"""How joints resist: dry friction from the weight that hangs on them, and damping that brings a part to rest."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.edits import SetJointDynamics, SetMass
from blueprint.pipeline.scene.gravity import GRAVITY_M_S2
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.scene.props import Joint, Prop

from .affordances import BUTTON_TRAVEL_M
from .solids import Solid

Floats = NDArray[np.float64]

_PIN_FRICTION, _PIN_RADIUS_M = 0.2, 0.004
"""A greased steel pin: Marks' Standard Handbook, section 3.2, gives 0.05 to 0.2 for steel; pins are 6 to 10 mm."""

_SPACING_SHARE, _NARROWEST_M = 0.7, 0.02
"""Hinges sit this share of the part's height apart, and never nearer than the second figure."""

_SLIDE_FRICTION = 0.03
"""Drawer slides on balls or rollers: rolling takes 0.005 to 0.05 of the load, wooden runners ten times that [Marks]."""

_HELD_FRICTION = 1.2
"""Of its weight, for what slides up and down: counterweights and catches hold it where it is."""

_KNOB_NM, _BUTTON_N = 0.01, 1.0
"""Least torque of a knob and force of a button: panel controls take 5 to 30 mN m and 0.5 to 3 N."""

_PUSHED_M_S, _STOPS_IN_S = 0.5, 1.0
"""A part whose rim is pushed to this speed and let go comes to rest in this time."""

_FASTEST_M_S = 2.0
"""The drive's effort limit lies at the resistance that a rim of this speed meets, so that it never cuts damping off."""

_SLOWEST_DECAY_S = 5.0


@dataclass(frozen=True)
class _Load:
    """What a joint carries: mass in kg, what it sets against moving (kg m2, or kg on a slide), lengths in metres."""

    mass_kg: float
    inertia: float
    lever_m: float
    rim_m: float
    along_m: float


def propose_joint_dynamics(
    prop: Prop, masses: Mapping[str, SetMass], solids: Mapping[str, Solid]
) -> list[SetJointDynamics]:
    """Return how each joint of a prop resists; nothing drives it."""
    return [_dynamics(prop, joint, _load_of(prop, joint, masses, solids)) for joint in prop.joints]


def _dynamics(prop: Prop, joint: Joint, load: _Load) -> SetJointDynamics:
    turning = joint.kind == "revolute"
    friction, reason = (_hinge_friction if turning else _slide_friction)(joint, load)
    rim = load.rim_m if turning else 1.0
    damping = damping_to_stop(load.inertia, friction, _PUSHED_M_S / rim, _STOPS_IN_S)
    effort = friction + damping * _FASTEST_M_S / rim
    unit, rate = ("N m", "N m s/rad") if turning else ("N", "N s/m")
    why = (
        f"{joint.child} with its load weighs {load.mass_kg:.3g} kg; {reason} = {friction:.3g} {unit} of dry friction; "
        f"{damping:.3g} {rate} stop {load.inertia:.3g} {'kg m2' if turning else 'kg'} from {_PUSHED_M_S:g} m/s "
        f"{'at the rim ' if turning else ''}in {_STOPS_IN_S:g} s; no drive, and the effort limit {effort:.3g} {unit} "
        f"is the resistance at {_FASTEST_M_S:g} m/s"
    )
    return SetJointDynamics(prop.id, joint.name, _rounded(friction), _rounded(damping), 0.0, _rounded(effort), why)


def _hinge_friction(joint: Joint, load: _Load) -> tuple[float, str]:
    """Friction of a pin under the weight: across a level one, along an upright one, which holds the lever too."""
    upright = abs(joint.axis[2])
    spacing = max(_SPACING_SHARE * load.along_m, _NARROWEST_M)
    times = math.sqrt(1 - min(upright, 1.0) ** 2) + upright * (1 + 2 * load.lever_m / spacing)
    friction = _PIN_FRICTION * _PIN_RADIUS_M * times * load.mass_kg * GRAVITY_M_S2
    formula = f"friction {_PIN_FRICTION:g} x pin radius {1e3 * _PIN_RADIUS_M:g} mm x {times:.2f} times the weight on it"
    if friction < _KNOB_NM:
        return _KNOB_NM, f"{formula} is less than a knob's"
    return friction, formula


def _slide_friction(joint: Joint, load: _Load) -> tuple[float, str]:
    weight = load.mass_kg * GRAVITY_M_S2
    upright = abs(joint.axis[2])
    share = _SLIDE_FRICTION * math.sqrt(1 - min(upright, 1.0) ** 2) + _HELD_FRICTION * upright
    formula = f"{share:.3g} times the weight on its slide"
    if joint.upper - joint.lower <= BUTTON_TRAVEL_M and share * weight < _BUTTON_N:
        return _BUTTON_N, f"{formula} is less than a button's"
    return share * weight, formula


def damping_to_stop(inertia: float, friction: float, speed: float, time_s: float) -> float:
    """Return the damping with which friction and it together stop a moving part in a time.

    From `inertia * v' = -friction - damping * v`, rest comes after `inertia / damping * log(1 + damping * speed /
    friction)`. Where friction alone is faster, what is left is a decay over five seconds.
    """
    least = inertia / _SLOWEST_DECAY_S

    def rest_s(damping: float) -> float:
        return inertia / damping * math.log1p(damping * speed / friction)

    if rest_s(least) <= time_s:
        return least
    low, high = least, 2 * least
    while rest_s(high) > time_s:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rest_s(middle) > time_s else (low, middle)
    return high


def _load_of(prop: Prop, joint: Joint, masses: Mapping[str, SetMass], solids: Mapping[str, Solid]) -> _Load:
    carried = [name for name in _carried(prop, joint.child) if name in masses]
    axis, origin = np.asarray(joint.axis), np.asarray(joint.origin_m)
    weights = np.array([masses[name].mass_kg for name in carried])
    centers = np.array([masses[name].center_of_mass_m for name in carried])
    points = np.concatenate([solids[name].vertices_m for name in carried]) - origin
    from_axis = np.linalg.norm(np.cross(points, axis), axis=1)
    lever = float(np.linalg.norm(np.cross(weights @ centers / weights.sum() - origin, axis)))
    inertia = sum(_about(masses[name], axis, origin) for name in carried)
    moving = inertia if joint.kind == "revolute" else float(weights.sum())
    return _Load(float(weights.sum()), moving, lever, max(float(from_axis.max()), 1e-3), float(np.ptp(points @ axis)))


def _carried(prop: Prop, link: str) -> list[str]:
    """Return a link and every link that hangs on it by further joints."""
    found = [link]
    for name in found:
        found += [joint.child for joint in prop.joints if joint.parent == name and joint.child not in found]
    return found


def _about(mass: SetMass, axis: Floats, origin: Floats) -> float:
    """Return a link's moment of inertia about a line, in kg m2."""
    own = rotation_from_quat(mass.principal_axes_quat_wxyz).T @ axis
    offset = np.cross(np.asarray(mass.center_of_mass_m) - origin, axis)
    return float(own**2 @ np.asarray(mass.inertia_kg_m2) + mass.mass_kg * offset @ offset)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
