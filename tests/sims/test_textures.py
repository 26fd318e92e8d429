"""Image files: decoded or refused, shrunk and never grown."""

from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.sims.textures import read_picture, shrunk


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_text("<svg onload='alert(1)'/>")
    with pytest.raises(ScanError, match=r"photo\.png: cannot be decoded"):
        read_picture(tmp_path / "photo.png", most_px=10)


@pytest.mark.parametrize(("shape", "expected"), [((100, 50, 3), (20, 10, 3)), ((10, 5, 3), (10, 5, 3))])
def test_pictures_shrink_and_never_grow(shape: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    assert shrunk(np.zeros(shape, dtype=np.uint8), 20).shape == expected
