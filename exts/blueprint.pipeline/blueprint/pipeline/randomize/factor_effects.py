"""In which engines a factor changes anything: what tests/randomize/test_factor_effects.py shows, and nothing else.

A factor that is not in this table is not offered. The `null` engine computes neither physics nor light.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from blueprint.pipeline.scene.policies import Policy

Engine = Literal["mujoco", "null"]

EVERYWHERE: frozenset[Engine] = frozenset(("mujoco", "null"))
WITH_PHYSICS: frozenset[Engine] = frozenset(("mujoco",))

EFFECTIVE_IN: Mapping[str, frozenset[Engine]] = MappingProxyType(
    {
        "poses": EVERYWHERE,
        "distractors": EVERYWHERE,
        "texture": WITH_PHYSICS,
        "mass": WITH_PHYSICS,
        "friction": WITH_PHYSICS,
        "restitution": WITH_PHYSICS,
        "joint_damping": WITH_PHYSICS,
        "joint_friction": WITH_PHYSICS,
        "drive_stiffness": WITH_PHYSICS,
        "drive_damping": WITH_PHYSICS,
        "color": WITH_PHYSICS,
        "light_color": WITH_PHYSICS,
        "light_intensity": WITH_PHYSICS,
        "light_azimuth": WITH_PHYSICS,
        "light_elevation": WITH_PHYSICS,
        "camera_shift": EVERYWHERE,
        "camera_turn": EVERYWHERE,
        "focal_length": EVERYWHERE,
        "exposure": WITH_PHYSICS,
        "rgb_noise": EVERYWHERE,
        "depth_noise": EVERYWHERE,
        "latency": WITH_PHYSICS,
        "start_pose": EVERYWHERE,
    }
)


def without_effect(policy: Policy, engine: Engine) -> tuple[str, ...]:
    """Return the factors of a policy that an engine takes and that change nothing in it, by name."""
    return tuple(name for name, factor in policy.factors.items() if engine not in EFFECTIVE_IN[factor.vary])
