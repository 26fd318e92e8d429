from collections.abc import Callable

import numpy as np
import pytest

from blueprint.pipeline.samples import textures
from blueprint.pipeline.samples.textures import Image

DRAWN: dict[str, Callable[[np.random.Generator], Image]] = {
    "apple": textures.apple_skin,
    "sponge": textures.sponge_foam,
    "wood": lambda stream: textures.wood_grain(stream, (200, 160, 100), (170, 120, 70), bands=8),
    "stone": lambda stream: textures.stone(stream, (70, 68, 70), (200, 200, 190)),
    "cabinet": lambda stream: textures.cabinet_finishes(stream, (130, 150, 140)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_texture_follows_its_stream(name: str) -> None:
    first, again, other = (DRAWN[name](np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (textures.SIZE, textures.SIZE, 3)
    assert first.dtype == np.uint8
    assert first.max() < 255
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_letters_read_from_left_to_right() -> None:
    image = textures.plain((0, 0, 0))
    textures.write_word(image, "LI", left=10, top=20, dot=2, colour=(9, 9, 9))
    ink = image[..., 0] == 9
    stem, foot = ink[20:34, 10:12], ink[32:34, 10:20]
    assert stem.all()
    assert foot.all()
    assert not ink[20:32, 12:20].any()
    assert ink[20:34, 26:28].all()


@pytest.mark.parametrize("atlas", [textures.CARTON_ATLAS, textures.SLAB_ATLAS, textures.FINISHES])
def test_areas_of_an_atlas_do_not_overlap(atlas: dict[str, textures.Rect]) -> None:
    covered = np.zeros((textures.SIZE, textures.SIZE), dtype=int)
    for left, top, right, bottom in atlas.values():
        rows = slice(round(top * textures.SIZE), round(bottom * textures.SIZE))
        covered[rows, round(left * textures.SIZE) : round(right * textures.SIZE)] += 1
    assert covered.max() == 1


def test_floor_tiles_repeat_without_a_seam() -> None:
    image = textures.floor_tiles((200, 200, 200), (100, 100, 100), (50, 50, 50))
    assert (image[0] == 50).all()
    assert (image[-1] != 50).any()
    np.testing.assert_array_equal(image[10, 10], image[140, 140])
