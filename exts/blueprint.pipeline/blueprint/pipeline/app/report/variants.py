"""What was drawn anew: the range of every factor over all variants, and where the objects were put."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from blueprint.pipeline.app.figures import length_text, mass_text
from blueprint.pipeline.scene.edits import Edit, MoveCamera, MoveProp, SetLight, SetMass, SetMaterial
from blueprint.pipeline.scene.manifests import SceneManifest
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
    rows = [*_moves(variants, manifest), *_masses(variants, manifest), *_frictions(variants, manifest),
            *_lights(variants, manifest), *_cameras(variants, manifest)]  # fmt: skip
    return VariantsSection(
        len(variants), tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS), _map(variants, manifest)
    )


def _of[E: Edit](variants: Iterable[Variant], kind: type[E]) -> list[E]:
    return [edit for variant in variants for edit in variant.edits if isinstance(edit, kind)]


def _moves(variants: Sequence[Variant], manifest: SceneManifest) -> list[FactorRow]:
    rows: list[FactorRow] = []
    moves = _of(variants, MoveProp)
    for entry in manifest.props:
        mine = [edit.T_world_prop for edit in moves if edit.prop == entry.prop.id]
        if mine:
            start = np.asarray(entry.prop.T_world_prop.position_m)
            distances = [float(np.linalg.norm(np.asarray(pose.position_m) - start)) for pose in mine]
            low, high = length_text(min(distances)), length_text(max(distances))
            rows.append(FactorRow("moved by", entry.prop.id, "0", low, high))
    return rows


def _masses(variants: Sequence[Variant], manifest: SceneManifest) -> list[FactorRow]:
    rows: list[FactorRow] = []
    edits = _of(variants, SetMass)
    for entry in manifest.props:
        for body in entry.physics:
            mine = [edit.mass_kg for edit in edits if (edit.prop, edit.body) == (entry.prop.id, body.body)]
            if mine:
                subject = f"{entry.prop.id}/{body.body}"
                low, high = mass_text(min(mine)), mass_text(max(mine))
                rows.append(FactorRow("mass", subject, mass_text(body.mass.mass_kg), low, high))
    return rows


def _frictions(variants: Sequence[Variant], manifest: SceneManifest) -> list[FactorRow]:
    rows: list[FactorRow] = []
    edits = _of(variants, SetMaterial)
    for entry in manifest.props:
        for body in entry.physics:
            mine = [edit.dynamic_friction for edit in edits if (edit.prop, edit.body) == (entry.prop.id, body.body)]
            if mine:
                subject, base = f"{entry.prop.id}/{body.body}", f"{body.material.dynamic_friction:.3f}"
                rows.append(FactorRow("dynamic friction", subject, base, f"{min(mine):.3f}", f"{max(mine):.3f}"))
    return rows


def _lights(variants: Sequence[Variant], manifest: SceneManifest) -> list[FactorRow]:
    rows: list[FactorRow] = []
    for light in manifest.lights:
        mine = [edit for edit in _of(variants, SetLight) if edit.light == light.name]
        if mine:
            levels = [edit.intensity for edit in mine]
            turns = [_degrees(light.direction, edit.direction) for edit in mine]
            base, low, high = f"{light.intensity:.3g}", f"{min(levels):.3g}", f"{max(levels):.3g}"
            rows.append(FactorRow("light intensity", light.name, base, low, high))
            rows.append(FactorRow("light turned by", light.name, "0°", f"{min(turns):.1f}°", f"{max(turns):.1f}°"))
    return rows


def _cameras(variants: Sequence[Variant], manifest: SceneManifest) -> list[FactorRow]:
    rows: list[FactorRow] = []
    for camera in manifest.cameras:
        mine = [edit.T_mount_camera for edit in _of(variants, MoveCamera) if edit.camera == camera.name]
        if mine:
            start = np.asarray(camera.T_mount_camera.position_m)
            away = [float(np.linalg.norm(np.asarray(pose.position_m) - start)) for pose in mine]
            rows.append(FactorRow("camera moved by", camera.name, "0", length_text(min(away)), length_text(max(away))))
    return rows


def _degrees(first: Sequence[float], second: Sequence[float]) -> float:
    a, b = np.asarray(first), np.asarray(second)
    return float(np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1.0, 1.0))))


def _map(variants: Sequence[Variant], manifest: SceneManifest) -> Markup:
    """Draw supports, the robot, and every place of every object, from above with the photo's view upwards."""
    movable = [entry for entry in manifest.props if entry.movable]
    places = {entry.prop.id: [entry.prop.T_world_prop] for entry in movable}
    for edit in _of(variants[:MOST_VARIANTS_DRAWN], MoveProp):
        if edit.prop in places:
            places[edit.prop].append(edit.T_world_prop)
    corners = [
        (entry.prop.T_world_prop @ surface.T_prop_surface).apply(_rectangle(*surface.half_size_m))
        for entry in manifest.props
        for surface in entry.supports
    ]
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
