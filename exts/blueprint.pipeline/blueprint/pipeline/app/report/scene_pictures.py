"""The photo beside the scene made from it, seen from the same place, and what the simulator's cameras see."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from blueprint.pipeline.app.figures import count_text
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.scene_facts import PropFacts, SceneFacts
from blueprint.pipeline.engine.digests import digest_value
from blueprint.pipeline.episode.records import Episode, Episodes
from blueprint.pipeline.scene.codec import to_plain
from blueprint.pipeline.scene.records import Assembled, Ingested
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.scans import PhotoCamera
from blueprint.pipeline.sims.raycast import Surface, View, outlines, render, view_of
from blueprint.pipeline.sims.surfaces import bounds_of, prop_surfaces
from blueprint.pipeline.sims.textures import Image, read_picture

from .pictures import Picture, PictureShelf, film_strip
from .surfaces import piece_surfaces, room_surfaces

PHOTO_FILE = "photo.png"
_WIDTH_PX = 560
_MARK_PX, _MARK_GAP_PX = 3, 5
_MARK_RGBA = (225, 0, 170, 255)
PEDESTAL = "pedestal"
"""The part of the room that carries the robot."""


@dataclass(frozen=True, slots=True)
class ScenePicture:
    """A picture with its caption."""

    picture: Picture
    title: str
    caption: str


def describe_scene(records: RunRecords, facts: SceneFacts, shelf: PictureShelf) -> tuple[ScenePicture, ...]:
    """Return the pictures of the scene that can be made from what the run has."""
    ingested = records.get(Ingested)
    if ingested is None:
        return ()
    drawn = _drawn_pictures(records, facts, ingested.scan.camera, shelf) if facts.props else []
    return (*_photo(ingested, shelf), *drawn, *_camera_pictures(records, shelf))


def _photo(ingested: Ingested, shelf: PictureShelf) -> list[ScenePicture]:
    path = ingested.folder / PHOTO_FILE
    if not path.is_file():
        return []
    picture = shelf.picture(["photo", ingested.digest], lambda: read_picture(path, most_px=_WIDTH_PX))
    return [ScenePicture(picture, "Photo", "what the scan was reconstructed from")]


def _drawn_pictures(
    records: RunRecords, facts: SceneFacts, camera: PhotoCamera | None, shelf: PictureShelf
) -> list[ScenePicture]:
    key = [part for entry in facts.props for part in entry.stands_from]
    state = "settled" if records.get(Assembled) else "as scanned"
    seen_from = "from where the photo was taken" if camera else "from the front"
    assembled = records.get(Assembled)
    room = assembled.manifest.room if assembled else ()
    seen = digest_value([to_plain(box) for box in room])
    scene = shelf.picture(["scene", seen, *key], lambda: _scene(facts, room, camera))
    objects = count_text(len(_shown(facts)), "object")
    found = [ScenePicture(scene, "Scene", f"{objects}, {state}, without the robot, {seen_from}")]
    if any(link.colliders for entry in facts.props for link in entry.links):
        colliders = shelf.picture(["scene colliders", *key], lambda: _colliders(facts, camera))
        found.append(ScenePicture(colliders, "Colliders", "every convex piece in a colour of its own"))
    return found


def where_it_is(records: RunRecords, facts: SceneFacts, entry: PropFacts, shelf: PictureShelf) -> Picture:
    """Return the scene with a frame around one object."""
    ingested = records.get(Ingested)
    camera = ingested.scan.camera if ingested else None
    key = [part for each in facts.props for part in each.stands_from]
    return shelf.picture(["where", entry.prop.id, *key], lambda: _marked(facts, entry, camera))


def _marked(facts: SceneFacts, entry: PropFacts, camera: PhotoCamera | None) -> Image:
    others = [] if entry.in_scene or not facts.assembled else [entry]
    surfaces = [
        surface
        for each in (*_shown(facts), *others)
        for surface in prop_surfaces(each.prop, facts.meshes, each.T_world_prop)
    ]
    # It is shown small, so it is drawn small: a quarter of the rays.
    view = _view(surfaces, camera, _WIDTH_PX // 2)
    picture = render(surfaces, view)
    rows, columns = np.nonzero(outlines(prop_surfaces(entry.prop, facts.meshes, entry.T_world_prop), view))
    if not rows.size:
        return picture
    low = (int(columns.min()) - _MARK_GAP_PX, int(rows.min()) - _MARK_GAP_PX)
    high = (int(columns.max()) + _MARK_GAP_PX, int(rows.max()) + _MARK_GAP_PX)
    return np.asarray(cv2.rectangle(np.ascontiguousarray(picture), low, high, _MARK_RGBA, _MARK_PX), dtype=np.uint8)


def _shown(facts: SceneFacts) -> list[PropFacts]:
    """Return the props that stand in the scene, or all while there is no scene."""
    placed = [entry for entry in facts.props if entry.in_scene]
    return placed or list(facts.props)


def _scene(facts: SceneFacts, room: Sequence[RoomBox], camera: PhotoCamera | None) -> Image:
    surfaces = [
        surface for entry in _shown(facts) for surface in prop_surfaces(entry.prop, facts.meshes, entry.T_world_prop)
    ]
    view = _view(surfaces, camera, _WIDTH_PX)
    # A photo shows no stand of the robot.
    around = [box for box in room if box.name != PEDESTAL]
    return render([*surfaces, *room_surfaces(around, facts.meshes, view.T_world_camera[:3, 3])], view, shadows=True)


def _colliders(facts: SceneFacts, camera: PhotoCamera | None) -> Image:
    surfaces: list[Surface] = []
    for entry in _shown(facts):
        for link in entry.links:
            pieces = link.colliders.pieces if link.colliders else ()
            surfaces += piece_surfaces(pieces, facts.meshes, entry.T_world_prop, first=len(surfaces))
    return render(surfaces, _view(surfaces, camera, _WIDTH_PX))


def _view(surfaces: list[Surface], camera: PhotoCamera | None, width_px: int) -> View:
    """Return the photo's view where it is known, else one from the front and above."""
    if camera is None:
        return view_of(*bounds_of(surfaces), width_px=width_px, height_px=width_px * 3 // 4, azimuth_rad=-np.pi / 2)
    scale = width_px / camera.width_px
    height = round(camera.height_px * scale)
    return View(camera.T_world_camera.matrix(), camera.focal_px * scale, width_px, height)


def _camera_pictures(records: RunRecords, shelf: PictureShelf) -> list[ScenePicture]:
    """Return the first frame of each camera of the first rendered episode."""
    episodes = records.get(Episodes)
    rendered = next((each for each in episodes.episodes().values() if each.rendered), None) if episodes else None
    if rendered is None:
        return []
    return [_first_frame(rendered, video, shelf) for video in sorted(rendered.folder.glob("*.mp4"))]


def _first_frame(episode: Episode, video: Path, shelf: PictureShelf) -> ScenePicture:
    drawn = shelf.picture(["first frame", episode.digest, video.name], lambda: film_strip(video, [0], height_px=420))
    return ScenePicture(drawn, f"Camera {video.stem}", "first recorded frame, with the robot")
