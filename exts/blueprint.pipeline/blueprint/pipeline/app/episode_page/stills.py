"""A picture of how things stood before the robot moved, with marks for what was asked: what there is to see of an
episode in which nothing moved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.figures import length_text
from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.app.views import resized, resized_edit
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.scene.manifests import WORLD
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.protocols import Sim

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

WIDTH_PX = 640
_HANDLED, _WANTED, _RING = (240, 120, 20), (30, 110, 230), (250, 250, 250)
_RING_POINTS = 96


@dataclass(frozen=True, slots=True)
class Still:
    """One camera's picture as a PNG."""

    camera: str
    content: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Stills:
    """The pictures of the start, and what their marks mean."""

    pictures: tuple[Still, ...] = ()
    legend: tuple[str, ...] = ()


def draw_stills(opened: OpenedEpisode) -> Stills:
    """Draw the episode's variant, as its task begins, with the cameras of the room; the scene must be at hand."""
    assert opened.scene is not None
    manifest, task = opened.scene.manifest, opened.task
    fixed = tuple(camera for camera in manifest.cameras if camera.mount == WORLD)
    large = replace(manifest, cameras=tuple(resized(camera, WIDTH_PX) for camera in fixed))
    known = {camera.name: camera for camera in manifest.cameras}
    edits = [
        resized_edit(edit, known, WIDTH_PX)
        for edit in (opened.variant.edits if opened.variant else ())
        if getattr(edit, "camera", fixed[0].name) in {camera.name for camera in fixed}
    ]
    sim = open_sim(opened.summary.engine, replace(opened.scene, manifest=large))
    try:
        sim.reset(edits)
        for joint, position in (task.start_joints if task is not None else {}).items():
            sim.set_joint(joint, position)
        robot = load_robot(manifest.robot.name)
        marks = _Marks(sim, opened, robot, manifest.robot.T_world_base)
        seen = sim.render([camera.name for camera in fixed])
        pictures = tuple(_still(name, marks.drawn_on(name, frame.rgb, frame.instance)) for name, frame in seen.items())
        return Stills(pictures, tuple(marks.legend()))
    finally:
        sim.close()


def _still(camera: str, picture: Image) -> Still:
    done, content = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    assert done, "an RGB array can always be encoded"
    return Still(camera, content.tobytes(), picture.shape[1], picture.shape[0])


class _Marks:
    """What is drawn over the pictures: the handled things, where they are wanted, and the ring of the robot."""

    def __init__(self, sim: Sim, opened: OpenedEpisode, robot: Robot, T_world_base: Pose) -> None:
        self._sim, self._handled = sim, opened.handled
        self._base, self._comfort_m = np.asarray(T_world_base.position_m), robot.comfort_m
        found = sim.observe()
        rows = {name: at for at, name in reversed(list(enumerate(name.partition("/")[0] for name in sim.body_names)))}
        self._at_m = {name: found.body_position_m[rows[name]] for name in self._handled if name in rows}
        self._wanted = tuple(wanted_places(opened.task)) if opened.task is not None else ()

    def drawn_on(self, camera: str, rgb: Image, instance: NDArray[np.int32]) -> Image:
        """Return a picture with the marks."""
        picture = np.ascontiguousarray(rgb)
        for ring_m in self._rings():
            self._line(picture, camera, ring_m, _RING)
        for name in self._handled:
            if name in self._sim.instance_names:
                mask = (instance == self._sim.instance_names.index(name) + 1).astype(np.uint8)
                outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
                cv2.drawContours(picture, outlines, -1, _HANDLED, 2, cv2.LINE_AA)
        for place in self._wanted:
            self._line(picture, camera, place.outline_m, _WANTED)
        return picture

    def legend(self) -> Iterator[str]:
        """Say what the marks mean, and how far from the robot things are."""
        near, far = (length_text(radius) for radius in self._comfort_m)
        ring = f"the ring, {near} to {far} from the middle of the base, in which the robot works well"
        yield f"Orange: what was to be handled. Blue: where it was to go. White: {ring}."
        distances = [f"{name} stands {self._away(at_m)} away" for name, at_m in self._at_m.items()]
        distances += [f"{place.name} lies {self._away(place.middle_m)} away" for place in self._wanted]
        if distances:
            yield f"From the middle of the base, {', '.join(distances)}."

    def _away(self, point_m: Sequence[float] | Points) -> str:
        return length_text(float(np.linalg.norm(np.asarray(point_m)[:2] - self._base[:2])))

    def _rings(self) -> Iterator[Points]:
        if not self._at_m:
            return
        angle = np.linspace(0.0, 2.0 * np.pi, _RING_POINTS + 1)
        height_m = float(next(iter(self._at_m.values()))[2])
        for radius in self._comfort_m:
            x, y = self._base[0] + radius * np.cos(angle), self._base[1] + radius * np.sin(angle)
            yield np.column_stack([x, y, np.full_like(x, height_m)])

    def _line(self, picture: Image, camera: str, points_m: Points, color: tuple[int, int, int]) -> None:
        lens, T_world_camera = self._sim.camera(camera), self._sim.camera_pose(camera)
        seen = T_world_camera.inverse().apply(points_m)
        ahead = -seen[:, 2]
        middle = np.array([picture.shape[1], picture.shape[0]]) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = middle + lens.focal_px * np.column_stack([seen[:, 0], -seen[:, 1]]) / ahead[:, None]
        for (first, second), in_front in zip(pairwise(pixels), ahead > 0.05, strict=False):
            if in_front and np.abs([first, second]).max() < 4 * WIDTH_PX:
                start, end = (tuple(np.round(point).astype(int).tolist()) for point in (first, second))
                cv2.line(picture, start, end, color, 1, cv2.LINE_AA)


@dataclass(frozen=True, eq=False)
class Place:
    """Somewhere that a task wants a thing: its name, its middle, and a closed line (N, 3) around it."""

    name: str
    middle_m: Points
    outline_m: Points


_CORNERS = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)])
_MARK_M = 0.04
"""Half the edge of the mark for a place that is a pose and no region."""


def wanted_places(task: Task) -> Iterator[Place]:
    """Yield the regions of a task's goals, and what its steps bring things to besides."""
    regions = list(task.regions())
    for region in regions:
        pose = Pose.from_yaw(region.center_m, region.yaw_rad)
        corners = np.column_stack([_CORNERS * region.half_size_m, np.zeros(len(_CORNERS))])
        yield Place(f"the place {region.name!r}", np.asarray(region.center_m), pose.apply(corners))
    middles = [np.asarray(region.center_m)[:2] for region in regions]
    for step in task.steps:
        if step.pose is None:
            continue
        middle = np.asarray(step.pose.position_m)
        if all(np.linalg.norm(middle[:2] - known) > _MARK_M for known in middles):
            middles.append(middle[:2])
            corners = np.column_stack([_CORNERS * _MARK_M, np.zeros(len(_CORNERS))])
            yield Place(f"the goal of {step.skill.replace('_', ' ')}", middle, middle + corners)
