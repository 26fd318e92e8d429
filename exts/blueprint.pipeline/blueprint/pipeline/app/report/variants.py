"""What was drawn anew: the range of every factor over all variants, and where the objects were put."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from blueprint.pipeline.app.figures import length_text, mass_text
from blueprint.pipeline.scene.edits import Edit, MoveCamera, MoveProp, SetLight, SetMass, SetMaterial
from blueprint.pipeline.scene.manifests import BodyPhysics, SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.variants import Variant

from .plots import COLORS
from .svg import element, figure, joined, rectangle, text

MOST_VARIANTS_DRAWN = 200
MOST_ROWS = 60
_MAP_PX = 360


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor of one thing, and its range over the variants."""

    factor: str
    subject: str
    base: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class VariantsSection:
    """The draws of a scene."""

    count: int
    rows: tuple[FactorRow, ...]
    not_shown: int
    map: Markup


def describe_variants(variants: Sequence[Variant], manifest: SceneManifest) -> VariantsSection:
    """Return ranges and a map from above."""
    drawn = _Draws(variants)
    rows = [row for factor in (_moves, _masses, _frictions, _lights, _cameras) for row in factor(drawn, manifest)]
    shown = tuple(rows[:MOST_ROWS])
    return VariantsSection(len(variants), shown, len(rows) - len(shown), _map(variants, manifest))


class _Draws:
    """All edits of all variants, by what they are about."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self.moves: dict[str, list[MoveProp]] = defaultdict(list)
        self.masses: dict[tuple[str, str], list[SetMass]] = defaultdict(list)
        self.materials: dict[tuple[str, str], list[SetMaterial]] = defaultdict(list)
        self.lights: dict[str, list[SetLight]] = defaultdict(list)
        self.cameras: dict[str, list[MoveCamera]] = defaultdict(list)
        for variant in variants:
            for edit in variant.edits:
                self._add(edit)

    def _add(self, edit: Edit) -> None:
        match edit:
            case MoveProp():
                self.moves[edit.prop].append(edit)
            case SetMass():
                self.masses[edit.prop, edit.body].append(edit)
            case SetMaterial():
                self.materials[edit.prop, edit.body].append(edit)
            case SetLight():
                self.lights[edit.light].append(edit)
            case MoveCamera():
                self.cameras[edit.camera].append(edit)
            case _:
                pass


def _moves(drawn: _Draws, manifest: SceneManifest) -> Iterator[FactorRow]:
    for entry in manifest.props:
        start = np.asarray(entry.prop.T_world_prop.position_m)
        found = drawn.moves.get(entry.prop.id, ())
        away = [float(np.linalg.norm(np.subtract(edit.T_world_prop.position_m, start))) for edit in found]
        if away:
            yield FactorRow("moved by", entry.prop.id, "0", length_text(min(away)), length_text(max(away)))


def _masses(drawn: _Draws, manifest: SceneManifest) -> Iterator[FactorRow]:
    for entry, body in _links(manifest):
        found = [edit.mass_kg for edit in drawn.masses.get((entry.prop.id, body.body), ())]
        if found:
            subject, base = f"{entry.prop.id}/{body.body}", mass_text(body.mass.mass_kg)
            yield FactorRow("mass", subject, base, mass_text(min(found)), mass_text(max(found)))


def _frictions(drawn: _Draws, manifest: SceneManifest) -> Iterator[FactorRow]:
    for entry, body in _links(manifest):
        found = [edit.dynamic_friction for edit in drawn.materials.get((entry.prop.id, body.body), ())]
        if found:
            subject, base = f"{entry.prop.id}/{body.body}", f"{body.material.dynamic_friction:.3f}"
            yield FactorRow("dynamic friction", subject, base, f"{min(found):.3f}", f"{max(found):.3f}")


def _lights(drawn: _Draws, manifest: SceneManifest) -> Iterator[FactorRow]:
    for light in manifest.lights:
        found = drawn.lights.get(light.name, ())
        if found:
            levels = [edit.intensity for edit in found]
            turns = [_degrees(light.direction, edit.direction) for edit in found]
            base, low, high = f"{light.intensity:.3g}", f"{min(levels):.3g}", f"{max(levels):.3g}"
            yield FactorRow("light intensity", light.name, base, low, high)
            yield FactorRow("light turned by", light.name, "0°", f"{min(turns):.1f}°", f"{max(turns):.1f}°")


def _cameras(drawn: _Draws, manifest: SceneManifest) -> Iterator[FactorRow]:
    for camera in manifest.cameras:
        start = camera.T_mount_camera.position_m
        found = drawn.cameras.get(camera.name, ())
        away = [float(np.linalg.norm(np.subtract(edit.T_mount_camera.position_m, start))) for edit in found]
        if away:
            yield FactorRow("camera moved by", camera.name, "0", length_text(min(away)), length_text(max(away)))


def _links(manifest: SceneManifest) -> Iterator[tuple[SceneProp, BodyPhysics]]:
    return ((entry, body) for entry in manifest.props for body in entry.physics)


def _degrees(first: Sequence[float], second: Sequence[float]) -> float:
    a, b = np.asarray(first), np.asarray(second)
    return float(np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1.0, 1.0))))


def _map(variants: Sequence[Variant], manifest: SceneManifest) -> Markup:
    """Draw supports, the robot, and every place of every object, from above with the photo's view upwards."""
    movable = [entry for entry in manifest.props if entry.movable][:MOST_ROWS]
    places = {entry.prop.id: [entry.prop.T_world_prop] for entry in movable}
    for name, moves in _Draws(variants[:MOST_VARIANTS_DRAWN]).moves.items():
        if name in places:
            places[name] += [edit.T_world_prop for edit in moves]
    corners = [
        (entry.prop.T_world_prop @ surface.T_prop_surface).apply(_rectangle(*surface.half_size_m))
        for entry in manifest.props
        for surface in entry.supports
    ][:MOST_ROWS]
    base = np.asarray(manifest.robot.T_world_base.position_m)
    frame = _MapFrame(np.concatenate([base[None], *corners, *map(_positions, places.values())])[:, :2])
    x, y = frame.place(base[:2])
    parts = [element("polygon", class_="trough", points=frame.path(each[:, :2])) for each in corners]
    parts += [rectangle("bar", x - 6, y - 6, 12, 12), text("note", x + 10, y + 4, "robot")]
    for number, (name, poses) in enumerate(places.items()):
        parts += [_spot(frame, pose, number, name, drawn=at > 0) for at, pose in enumerate(poses)]
    return figure("Places of the objects", "from above", _MAP_PX, frame.height_px, joined(parts))


def _spot(frame: "_MapFrame", pose: Pose, number: int, name: str, *, drawn: bool) -> Markup:
    x, y = frame.place(np.asarray(pose.position_m)[:2])
    style = f"fill:var(--c{number % COLORS});opacity:{0.45 if drawn else 1}"
    return element("circle", element("title", name), cx=x, cy=y, r=3 if drawn else 4.5, style=style)


def _rectangle(half_x_m: float, half_y_m: float) -> list[list[float]]:
    return [[x * half_x_m, y * half_y_m, 0.0] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def _positions(poses: Sequence[Pose]) -> np.ndarray:
    return np.array([pose.position_m for pose in poses])


class _MapFrame:
    """Maps the floor's plane to a picture whose width is fixed."""

    def __init__(self, points_m: np.ndarray) -> None:
        self._low, high = points_m.min(axis=0) - 0.1, points_m.max(axis=0) + 0.1
        self._scale = _MAP_PX / max(high[0] - self._low[0], 1e-6)
        self._top = high[1]
        self.height_px = float((high[1] - self._low[1]) * self._scale)

    def place(self, point_m: np.ndarray) -> tuple[float, float]:
        """Return pixels from the upper left."""
        return float((point_m[0] - self._low[0]) * self._scale), float((self._top - point_m[1]) * self._scale)

    def path(self, points_m: np.ndarray) -> str:
        """Return points as the text of a polygon."""
        return " ".join("{:.1f},{:.1f}".format(*self.place(point)) for point in points_m)
