"""Contact sheets of variants, drawn from an assembled scene."""

from pathlib import Path

import numpy as np
import pytest
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.app.preview import NoScene, PreviewScene, assembled_of, contact_sheet, png
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.randomize.stage import RandomizeSettings
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import AddDistractor
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims import compile_scene


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Assembled:
    """The kitchenette, compiled."""
    folder = tmp_path_factory.mktemp("assembled")
    manifest = write_kitchenette(folder)
    save(folder / Assembled.MANIFEST, manifest)
    record = Assembled(folder)
    compile_scene(record.usd_path, record.model_folder, manifest)
    return record


@pytest.fixture(scope="module")
def scene(assembled: Assembled):
    """It, open for previews."""
    opened = PreviewScene(assembled)
    yield opened
    opened.close()


def test_every_variant_has_a_picture_of_its_own(scene: PreviewScene) -> None:
    sheet = scene.sheet(RandomizeSettings(count=6, seed=3))
    assert [variant.index for variant in sheet.variants] == list(range(6))
    height, width, _ = sheet.picture.shape
    assert (height, width) == (2 * (256 + 28) + 6, 4 * 262 + 6)
    tiles = [sheet.picture[6:262, 6 + 262 * at : 262 * (at + 1)].astype(int) for at in range(4)]
    assert all(tile.std() > 10 for tile in tiles)
    assert all(np.abs(tiles[0] - tile).mean() > 1 for tile in tiles[1:])


def test_the_same_settings_give_the_same_sheet(scene: PreviewScene) -> None:
    first = scene.sheet(RandomizeSettings(count=4, seed=5))
    scene.sheet(RandomizeSettings(count=4, seed=6))
    again = scene.sheet(RandomizeSettings(count=4, seed=5))
    assert np.array_equal(first.picture, again.picture)


def test_distractors_are_shown_and_the_scene_comes_back_without(scene: PreviewScene) -> None:
    mild = RandomizeSettings(count=2, seed=3)
    before = scene.sheet(mild)
    strong = scene.sheet(RandomizeSettings(count=8, seed=3, policy=Path("strong")))
    assert any(isinstance(edit, AddDistractor) for variant in strong.variants for edit in variant.edits)
    assert np.array_equal(scene.sheet(mild).picture, before.picture)


def test_a_camera_is_chosen_by_name(assembled: Assembled) -> None:
    opened = PreviewScene(assembled, "wrist")
    assert opened.sheet(RandomizeSettings(count=1)).picture.std() > 5
    opened.close()
    with pytest.raises(UnknownName, match="Known: side, wrist"):
        PreviewScene(assembled, "top")


def test_a_run_without_a_scene_says_how_to_make_one(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.root.mkdir()
    folder.save({"stages": {}})
    with pytest.raises(NoScene, match="--until assemble"):
        assembled_of(folder)


def test_a_sheet_is_laid_out_in_rows_and_encoded() -> None:
    views = [np.full((20, 30, 3), at * 20, dtype=np.uint8) for at in range(5)]
    sheet = contact_sheet(views, [f"{at:04d}" for at in range(5)])
    assert sheet.shape == (2 * 48 + 6, 4 * 36 + 6, 3)
    assert (sheet[6:26, 42:72] == 20).all()
    assert png(sheet).startswith(b"\x89PNG")
