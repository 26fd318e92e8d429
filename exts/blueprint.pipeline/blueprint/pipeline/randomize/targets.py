"""What a factor is drawn for in one scene, with the values that the scene has there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from blueprint.pipeline.scene.factor_kinds import KINDS
from blueprint.pipeline.scene.manifests import WORLD, Camera, SceneManifest, SceneProp
from blueprint.pipeline.scene.policies import ScalarFactor, Targets
from blueprint.pipeline.scene.robots import Robot

ALL = "all"
"""The one target of a factor that is shared by all of them."""


@dataclass(frozen=True, slots=True)
class Target:
    """A thing that a factor changes; `bases` are the scene's own values there, one or several."""

    id: str
    bases: tuple[float, ...] = ()


class NoSuchTarget(Exception):
    """A policy names what the scene lacks; caught where all faults of a policy are gathered."""


def scalar_targets(factor: ScalarFactor, manifest: SceneManifest, robot: Robot) -> tuple[Target, ...]:
    """Return what a scalar factor is drawn for; raises NoSuchTarget. Empty where the scene has nothing of the kind."""
    wanted = factor.targets
    match KINDS[factor.vary].subject:
        case "prop":
            found = select_props(wanted, manifest, lambda entry: entry.movable)
            return tuple(Target(entry.prop.id, _prop_bases(factor.vary, entry)) for entry in found)
        case "jointed":
            found = select_props(wanted, manifest, lambda entry: bool(entry.joint_dynamics))
            return tuple(Target(entry.prop.id, _joint_bases(factor.vary, entry)) for entry in found)
        case "light":
            names = _named(wanted, [light.name for light in manifest.lights], "light")
            return tuple(Target(light.name, (light.intensity,)) for light in manifest.lights if light.name in names)
        case "camera":
            cameras = select_cameras(wanted, manifest)
            return tuple(Target(camera.name, (camera.focal_px,)) for camera in cameras)
        case "drive":
            return tuple(Target(name) for name in select_joints(wanted, robot))
        case "robot":
            return tuple(Target(name) for name in _named(wanted, [manifest.robot.name], "robot"))


def select_props(wanted: Targets, manifest: SceneManifest, usual: Callable[[SceneProp], bool]) -> tuple[SceneProp, ...]:
    """Return the chosen props in the scene's order; without roles only the usual ones. Raises NoSuchTarget."""
    ids = _named(wanted, [entry.prop.id for entry in manifest.props], "prop")
    chosen = [entry for entry in manifest.props if entry.prop.id in ids]
    if wanted.categories:
        _known(wanted.categories, {entry.prop.category for entry in manifest.props}, "category")
        chosen = [entry for entry in chosen if entry.prop.category in wanted.categories]
    if wanted.roles:
        _known(wanted.roles, {entry.semantics.role for entry in manifest.props}, "role")
        chosen = [entry for entry in chosen if entry.semantics.role in wanted.roles]
    elif not wanted.ids:
        chosen = [entry for entry in chosen if usual(entry)]
    return tuple(chosen)


def select_cameras(wanted: Targets, manifest: SceneManifest) -> tuple[Camera, ...]:
    """Return the chosen cameras in the scene's order; raises NoSuchTarget."""
    names = _named(wanted, [camera.name for camera in manifest.cameras], "camera")
    kinds = wanted.mounts or ("world", "link")
    return tuple(
        camera
        for camera in manifest.cameras
        if camera.name in names and ("world" if camera.mount == WORLD else "link") in kinds
    )


def select_joints(wanted: Targets, robot: Robot) -> tuple[str, ...]:
    """Return the chosen joints of the arm, in its order; raises NoSuchTarget."""
    return _named(wanted, robot.arm.joints, "joint of the arm")


def _named(wanted: Targets, known: Sequence[str], kind: str) -> tuple[str, ...]:
    _known([*wanted.ids, *wanted.leave_out], known, kind)
    return tuple(name for name in known if name not in wanted.leave_out and (not wanted.ids or name in wanted.ids))


def _known(asked: Iterable[str], known: Iterable[str], kind: str) -> None:
    there = sorted({str(name) for name in known})
    for name in asked:
        if name not in there:
            raise NoSuchTarget(f"targets: this scene has no {kind} {str(name)!r}. It has: {', '.join(there) or 'none'}")


def _prop_bases(vary: str, entry: SceneProp) -> tuple[float, ...]:
    bases: Mapping[str, Callable[[], Iterable[float]]] = {
        "mass": lambda: [link.mass.mass_kg for link in entry.physics],
        "friction": lambda: [link.material.dynamic_friction for link in entry.physics],
        "restitution": lambda: [link.material.restitution for link in entry.physics],
    }
    return tuple(bases[vary]()) if vary in bases else ()


def _joint_bases(vary: str, entry: SceneProp) -> tuple[float, ...]:
    damping = vary == "joint_damping"
    return tuple(joint.damping if damping else joint.friction for joint in entry.joint_dynamics)
