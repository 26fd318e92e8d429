"""The poster: photo, scene and colliders over the frames of an episode, and none for a run that has no success."""

import cv2
from tests.app.small_run import SmallRun

from blueprint.pipeline.app.report.poster import POSTER_FILE, write_poster


def test_the_poster_shows_the_scene_over_an_episode(other_run: SmallRun) -> None:
    write_poster(other_run.folder)
    picture = cv2.imread(str(other_run.folder.root / POSTER_FILE))
    assert picture is not None
    height, width = picture.shape[:2]
    assert width == 1260
    assert height > 300
    assert picture.std() > 5
