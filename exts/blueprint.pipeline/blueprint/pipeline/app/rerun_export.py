"""Write an episode as a recording for the Rerun viewer: bodies, cameras with pictures and depth, plots and events.

Every entity has the timelines `frame` and `time_s`. Rerun is an extra (`viewer`), so it is imported when it is used.
"""

import os
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.episode_page.account import describe_measures, describe_origin, verdict_text
from blueprint.pipeline.app.episode_page.curves import Recorded, list_chapters
from blueprint.pipeline.app.episode_page.events import Event, Story, list_events
from blueprint.pipeline.app.episode_page.films import Films, gather_films
from blueprint.pipeline.app.episode_page.page import story_of
from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.engine.digests import digest_value
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.errors import InputError, MissingTool
from blueprint.pipeline.scene.variants import with_views
from blueprint.pipeline.sims.collider_hulls import link_hulls

Array = NDArray[np.float64]

APPLICATION = "blueprint"
COLORS = ((47, 109, 179), (217, 130, 43), (46, 158, 107), (184, 64, 94), (122, 91, 181), (140, 109, 70), (58, 160, 173))
ROBOT_COLOR, STILL_COLOR = (222, 224, 228), (150, 146, 140)
LEVELS = {"bad": "ERROR", "warning": "WARN", "good": "INFO", "": "INFO"}


class NothingToRecord(InputError):
    """An episode in which nothing moved has nothing to be seen over time."""

    def __init__(self, episode: str, message: str) -> None:
        super().__init__(f"{episode} has no recorded states, as nothing moved ({message}); `blueprint show` says why")


def write_recording(opened: OpenedEpisode, target: Path, *, render: bool = True) -> None:
    """Write a `.rrd`; raises NothingToRecord, and MissingTool where Rerun is not installed."""
    rerun = _rerun()
    story = story_of(opened)
    if story is None or opened.states is None:
        raise NothingToRecord(opened.summary.id, opened.summary.outcome.message)
    name = f"{opened.summary.id}: {opened.summary.instruction}"
    stream = rerun.RecordingStream(APPLICATION, recording_id=digest_value([name])[:32], send_properties=False)
    # Clocks of the machine would make two recordings of one episode differ.
    stream.set_log_time_enabled(False)
    stream.set_log_tick_enabled(False)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    target.parent.mkdir(parents=True, exist_ok=True)
    stream.save(draft)
    stream.send_recording_name(name)
    clock = _Clock(rerun, stream, opened.states)
    _say(rerun, stream, opened, story)
    _place_bodies(rerun, clock, opened, opened.states)
    _place_cameras(rerun, clock, opened, opened.states, gather_films(opened, render=render))
    _plot(rerun, clock, opened.states, story)
    _tell(rerun, clock, list_events(story))
    stream.send_blueprint(_layout(rerun, opened.states.names("camera_names")))
    stream.flush()
    stream.disconnect()
    draft.replace(target)


def _rerun() -> ModuleType:
    try:
        return import_module("rerun")
    except ImportError as error:
        raise MissingTool("rerun-sdk", "a Rerun recording", 'pip install "blueprint-pipeline[viewer]"') from error


class _Clock:
    """Sends columns on both timelines."""

    def __init__(self, rerun: ModuleType, stream: Any, states: States) -> None:
        self.rerun, self.stream = rerun, stream
        self.time_s = states.channel("time_s")

    def send(self, entity: str, columns: Any, frames: Sequence[int] | None = None) -> None:
        """Send one row per frame, or per chosen frame."""
        chosen = np.arange(len(self.time_s)) if frames is None else np.asarray(frames, dtype=np.int64)
        times = [
            self.rerun.TimeColumn("frame", sequence=chosen),
            self.rerun.TimeColumn("time_s", duration=self.time_s[chosen]),
        ]
        self.stream.send_columns(entity, times, columns)

    def still(self, entity: str, *archetypes: Any) -> None:
        """Send what does not change."""
        self.stream.log(entity, *archetypes, static=True)


def _say(rerun: ModuleType, stream: Any, opened: OpenedEpisode, story: Story) -> None:
    """Put the verdict, the task and the measures into the recording as a document."""
    rows = [*describe_origin(opened), *describe_measures(opened.summary)]
    lines = [f"# {opened.summary.instruction}", "", verdict_text(story.summary), ""]
    lines += [f"- **{row.name}** {row.words}" for row in rows]
    stream.log("episode", rerun.TextDocument("\n".join(lines), media_type=rerun.MediaType.MARKDOWN), static=True)


def _place_bodies(rerun: ModuleType, clock: _Clock, opened: OpenedEpisode, states: States) -> None:
    """Give every link its pose over time and the hulls of its colliders as meshes."""
    clock.still("world", rerun.ViewCoordinates.RIGHT_HAND_Z_UP)
    position, quat = states.channel("body_position_m"), states.channel("body_quat_wxyz")
    names = states.names("body_names")[: position.shape[1]]
    for row, name in enumerate(names):
        columns = rerun.Transform3D.columns(translation=position[:, row], quaternion=quat[:, row][:, [1, 2, 3, 0]])
        clock.send(f"world/bodies/{name}", columns)
    if opened.scene is None:
        return
    props = list(dict.fromkeys(name.split("/", 1)[0] for name in names))
    for link, hulls in link_hulls(opened.scene.model_folder).items():
        if link not in names:
            continue
        owner = link.split("/", 1)[0]
        color = ROBOT_COLOR if owner == "robot" else COLORS[props.index(owner) % len(COLORS)]
        if owner not in states.names("prop_names") and owner != "robot":
            color = STILL_COLOR
        for number, hull in enumerate(hulls):
            mesh = rerun.Mesh3D(
                vertex_positions=hull.corners_m, triangle_indices=hull.triangles, albedo_factor=[*color, 255]
            )
            clock.still(f"world/bodies/{link}/hull_{number}", mesh)


def _place_cameras(rerun: ModuleType, clock: _Clock, opened: OpenedEpisode, states: States, films: Films) -> None:
    """Give every camera its pose, its lens, its pictures and, where they were kept, its depths."""
    shown = {film.camera: film for film in films.films}
    for camera in states.names("camera_names"):
        entity = f"world/cameras/{camera}"
        position = states.channel(f"camera/{camera}/position_m")
        quat = states.channel(f"camera/{camera}/quat_wxyz")[:, [1, 2, 3, 0]]
        clock.send(entity, rerun.Transform3D.columns(translation=position, quaternion=quat))
        if opened.scene is not None:
            lens = with_views(opened.scene.manifest, opened.variant.edits if opened.variant else ()).camera(camera)
            pinhole = rerun.Pinhole(
                focal_length=lens.focal_px,
                width=lens.width_px,
                height=lens.height_px,
                # Cameras look along -Z with +Y up.
                camera_xyz=rerun.ViewCoordinates.RUB,
                image_plane_distance=0.25,
            )
            clock.still(entity, pinhole)
        if (film := shown.get(camera)) is not None:
            clock.still(f"{entity}/rgb", rerun.AssetVideo(contents=film.content, media_type="video/mp4"))
            middles = (np.arange(len(clock.time_s)) + 0.5) / states.fps
            clock.send(f"{entity}/rgb", rerun.VideoFrameReference.columns_secs(middles))
        _send_depth(rerun, clock, entity, opened.episode.folder / f"{camera}_depth.npz")


def _send_depth(rerun: ModuleType, clock: _Clock, entity: str, path: Path) -> None:
    if not path.is_file():
        return
    # Our own file, without any pickled object.
    with np.load(path, allow_pickle=False) as arrays:
        depth, step_m = arrays["depth"], float(arrays["step_m"])
    pictures = [rerun.components.Blob(_png(frame)) for frame in depth]
    columns = rerun.EncodedDepthImage.columns(
        blob=pictures, media_type=["image/png"] * len(pictures), meter=[1 / step_m] * len(pictures)
    )
    clock.send(f"{entity}/depth", columns)


def _png(frame: NDArray[np.uint16]) -> bytes:
    done, content = cv2.imencode(".png", frame, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    return content.tobytes()


def _plot(rerun: ModuleType, clock: _Clock, states: States, story: Story) -> None:
    """Send every curve of the episode's page as scalars."""
    for entity, name, values, dashed in _curves(states, story):
        kept = np.flatnonzero(np.isfinite(values))
        if len(kept):
            clock.still(entity, rerun.SeriesLines(names=name, widths=1.0 if dashed else 2.0))
            clock.send(entity, rerun.Scalars.columns(scalars=values[kept]), frames=kept.tolist())


def _curves(states: States, story: Story) -> Iterator[tuple[str, str, Array, bool]]:
    for chapter in list_chapters(Recorded(states, story)):
        for chart in chapter.charts:
            for curve in chart.curves:
                role = " commanded" if curve.dashed and curve.name != "commanded" else ""
                parts = (chapter.title, chart.title, f"{curve.name}{role}")
                entity = "/".join(["plots", *map(_plain, parts)])
                yield entity, f"{curve.name}{role} [{chart.unit}]", curve.values, curve.dashed


def _plain(words: str) -> str:
    """Return words as a part of an entity's path, in which only these letters need no escape."""
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _tell(rerun: ModuleType, clock: _Clock, events: Sequence[Event]) -> None:
    """Send events as a log."""
    texts = [f"{event.title}{f': {event.detail}' if event.detail else ''}" for event in events]
    levels = [LEVELS[event.tone] for event in events]
    clock.send("events", rerun.TextLog.columns(text=texts, level=levels), frames=[event.frame for event in events])


def _layout(rerun: ModuleType, cameras: Sequence[str]) -> Any:
    """Return how the viewer opens: the scene beside its cameras, plots and events below."""
    views = rerun.blueprint
    seen = [views.Spatial2DView(origin=f"world/cameras/{camera}", name=camera) for camera in cameras]
    plots = [
        views.TimeSeriesView(origin=f"plots/{_plain(title)}", name=title)
        for title in ("The handled object", "Forces", "Tool and gripper", "Joints of the arm")
    ]
    top = views.Horizontal(
        views.Spatial3DView(origin="world", name="scene"), views.Vertical(*seen), column_shares=[2, 1]
    )
    bottom = views.Horizontal(
        views.Tabs(*plots), views.TextLogView(origin="events", name="events"), column_shares=[2, 1]
    )
    page = views.TextDocumentView(origin="episode", name="episode")
    return views.Blueprint(views.Tabs(views.Vertical(top, bottom, row_shares=[2, 1], name="episode"), page))
