"""What trials are made of: the movable props with mass and links, and how a link moves from one instant to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.edits import SetMass
from blueprint.pipeline.scene.gravity import GRAVITY_M_S2
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose, rotation_from_quat, vec3
from blueprint.pipeline.sims.protocols import Array, Motion, Physics


@dataclass(frozen=True, eq=False, slots=True)
class Subject:
    """A movable prop; `link` is the one that carries the prop's frame, `masses` maps each link to its mass."""

    entry: SceneProp
    link: str
    masses: tuple[tuple[str, SetMass], ...]

    @property
    def name(self) -> str:
        """The prop's id."""
        return self.entry.prop.id

    @property
    def mass_kg(self) -> float:
        """The mass of all links."""
        return sum(mass.mass_kg for _, mass in self.masses)


def movable_subjects(manifest: SceneManifest) -> tuple[Subject, ...]:
    """Return the movable props, in the manifest's order."""
    return tuple(
        Subject(
            entry,
            f"{entry.prop.id}/{entry.prop.bodies[0].name}",
            tuple((f"{entry.prop.id}/{body.body}", body.mass) for body in entry.physics),
        )
        for entry in manifest.props
        if entry.movable
    )


def pose_of(physics: Physics, motion: Motion, link: str) -> Pose:
    """Return T_world_link."""
    row = physics.body_names.index(link)
    w, x, y, z = motion.body_quat_wxyz[row].tolist()
    return Pose(vec3(motion.body_position_m[row]), (w, x, y, z))


def speed_of(physics: Physics, motion: Motion, link: str) -> float:
    """Return the speed of a link's origin, in m/s."""
    return float(np.linalg.norm(motion.body_velocity_m_s[physics.body_names.index(link)]))


def turn_rad(first: Pose, second: Pose) -> float:
    """Return the angle between two poses' axes; from the sine of its half, which stays exact for small angles."""
    relative = first.inverse() @ second
    half_sine = float(np.linalg.norm(relative.quat_wxyz[1:]))
    return 2 * float(np.arctan2(half_sine, abs(relative.quat_wxyz[0])))


def drift_m(first: Pose, second: Pose) -> float:
    """Return the distance between two poses' origins."""
    return float(np.linalg.norm(np.subtract(second.position_m, first.position_m)))


def mass_center_m(physics: Physics, motion: Motion, subject: Subject) -> Array:
    """Return the prop's centre of mass (3,) in the world."""
    centers = [_center(physics, motion, link, mass) * mass.mass_kg for link, mass in subject.masses]
    return np.sum(centers, axis=0) / subject.mass_kg


def energy_j(physics: Physics, motion: Motion, subject: Subject) -> float:
    """Return a prop's kinetic energy, and its potential energy above the floor."""
    return sum(_link_energy_j(physics, motion, link, mass) for link, mass in subject.masses)


def _link_energy_j(physics: Physics, motion: Motion, link: str, mass: SetMass) -> float:
    row = physics.body_names.index(link)
    spin, velocity = motion.body_spin_rad_s[row], motion.body_velocity_m_s[row]
    R = rotation_from_quat(motion.body_quat_wxyz[row])
    arm = R @ np.asarray(mass.center_of_mass_m)
    center_velocity = velocity + np.cross(spin, arm)
    local_spin = (R @ rotation_from_quat(mass.principal_axes_quat_wxyz)).T @ spin
    height = motion.body_position_m[row, 2] + arm[2]
    kinetic = mass.mass_kg * center_velocity @ center_velocity + local_spin**2 @ np.asarray(mass.inertia_kg_m2)
    return float(kinetic / 2 + mass.mass_kg * GRAVITY_M_S2 * height)


def _center(physics: Physics, motion: Motion, link: str, mass: SetMass) -> Array:
    return pose_of(physics, motion, link).apply(mass.center_of_mass_m)


def thinned(values: Sequence[float], most: int = 60) -> list[int]:
    """Return at most `most` indices, evenly spread, first and last among them."""
    return sorted({int(index) for index in np.linspace(0, len(values) - 1, min(most, len(values))).round()})
