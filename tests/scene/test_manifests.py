"""A scene's manifest names what it holds."""

import pytest
from tests.datasets import MUG, manifest_of

from blueprint.pipeline.errors import UnknownName


def test_things_are_found_by_name() -> None:
    manifest = manifest_of(sample=False)
    assert manifest.camera("side").name == "side"
    assert manifest.prop(MUG).mass_kg() == 0.3


def test_an_unknown_camera_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownName, match=r"unknown camera 'sid'; did you mean 'side'\? Known: side, wrist"):
        manifest_of(sample=False).camera("sid")
