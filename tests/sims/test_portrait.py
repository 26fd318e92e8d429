"""Portraits: the thing in the middle in its colours, its shadow on the ground beside it, the same bytes again."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Appearance, Body, Prop, Provenance, Role, Visual
from blueprint.pipeline.sims.portrait import SIDE_PX, portrait, portrait_png

_CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (0, 2)], dtype=np.float64) * 0.05
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_FACES = np.array([t for a, b, c, d in _QUADS for t in ((a, b, c), (a, c, d))], dtype=np.int32)


@pytest.fixture
def red_cube(tmp_path: Path) -> Prop:
    mesh = save_mesh(tmp_path, TriangleMesh(_CUBE, _FACES))
    body = Body("body", (Visual(mesh, Appearance((0.9, 0.1, 0.1))),))
    return Prop("cube", "cube", "box", Role.MANIPULABLE, (body,), (), (0.1, 0.1, 0.1), Pose(), Provenance("cube.glb"))


def test_a_portrait_shows_the_thing_in_its_colour(red_cube: Prop, tmp_path: Path) -> None:
    picture = portrait(red_cube, [tmp_path])
    assert picture.shape == (SIDE_PX, SIDE_PX, 3)
    red, green, blue = picture[SIDE_PX // 2, SIDE_PX // 2].astype(int)
    assert red > green + 50
    assert red > blue + 50
    corner = picture[0, 0].astype(int)
    assert corner.min() > 230, "the backdrop is light"


def test_its_shadow_falls_away_from_the_lamp_and_fades(red_cube: Prop, tmp_path: Path) -> None:
    grey = portrait(red_cube, [tmp_path]).astype(int)
    ground = grey.max(axis=2) - grey.min(axis=2) < 25
    left, right = grey[200, :40].mean(), grey[200, -40:].mean()
    assert right < left - 3, "the lamp stands to the left"
    darkest = grey[ground].min()
    assert 60 < darkest < 190, "shaded, and not black"


def test_the_same_prop_gives_the_same_png(red_cube: Prop, tmp_path: Path) -> None:
    content = portrait_png(red_cube, [tmp_path])
    assert content == portrait_png(red_cube, [tmp_path])
    decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert (decoded[..., ::-1] == portrait(red_cube, [tmp_path])).all()
