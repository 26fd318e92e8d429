"""Variants: one scene with some numbers drawn anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import AddDistractor, Edit, MoveCamera, SetLens, SetLight, SetStart
from blueprint.pipeline.scene.manifests import Camera, Light, SceneManifest
from blueprint.pipeline.scene.robots import Robot


@dataclass(frozen=True, slots=True)
class Variant:
    """One draw: the edits over the assembled scene, and the seed that gave them."""

    index: int
    seed: int
    edits: tuple[Edit, ...]

    @property
    def name(self) -> str:
        """The name of its USD root, without suffix."""
        return f"{self.index:04d}"


def with_views(manifest: SceneManifest, edits: Sequence[Edit]) -> SceneManifest:
    """Return a scene's manifest with the cameras and lights that a variant's edits give it; raises UnknownName."""
    cameras = {camera.name: camera for camera in manifest.cameras}
    lights = {light.name: light for light in manifest.lights}
    for edit in edits:
        match edit:
            case MoveCamera():
                cameras[edit.camera] = replace(_camera(cameras, edit.camera), T_mount_camera=edit.T_mount_camera)
            case SetLens():
                cameras[edit.camera] = replace(_camera(cameras, edit.camera), focal_px=edit.focal_px)
            case SetLight():
                lights[edit.light] = _lit(lights, edit)
            case _:
                pass
    return replace(manifest, cameras=tuple(cameras.values()), lights=tuple(lights.values()))


def without_parked(manifest: SceneManifest, edits: Sequence[Edit]) -> SceneManifest:
    """Return a scene's manifest without the spares that no edit of a variant sets up."""
    up = {edit.prop for edit in edits if isinstance(edit, AddDistractor)}
    parked = set(manifest.spares) - up
    return replace(manifest, props=tuple(entry for entry in manifest.props if entry.prop.id not in parked))


def start_command(robot: Robot, edits: Sequence[Edit]) -> tuple[float, ...]:
    """Return the command that holds the robot where a variant starts it; at home where no edit says otherwise."""
    starts = {name: value for edit in edits if isinstance(edit, SetStart) for name, value in edit.positions_rad.items()}
    arm = tuple(starts.get(name, at_home) for name, at_home in zip(robot.arm.joints, robot.arm.home_rad, strict=True))
    return (*arm, *robot.home_command[len(arm) :])


def _camera(cameras: dict[str, Camera], name: str) -> Camera:
    if name not in cameras:
        raise UnknownName("camera", name, cameras)
    return cameras[name]


def _lit(lights: dict[str, Light], edit: SetLight) -> Light:
    if edit.light not in lights:
        raise UnknownName("light", edit.light, lights)
    values = {"direction": edit.direction, "color_rgb": edit.color_rgb, "intensity": edit.intensity}
    return replace(lights[edit.light], **values)
