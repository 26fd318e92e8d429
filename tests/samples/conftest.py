"""The sample kitchen, built and written once for all tests of this folder."""

from pathlib import Path

import pytest

from blueprint.pipeline.samples import write_sample_scan, write_simple_sample_scan
from blueprint.pipeline.samples.environment import Environment
from blueprint.pipeline.samples.kitchen import build_kitchen
from blueprint.pipeline.samples.photo import Photo, take_photo


@pytest.fixture(scope="session")
def kitchen() -> Environment:
    return build_kitchen(0)


@pytest.fixture(scope="session")
def photo(kitchen: Environment) -> Photo:
    return take_photo(kitchen)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "run"
    write_sample_scan("kitchen", folder)
    return folder


@pytest.fixture(scope="session")
def simple_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "simple"
    write_simple_sample_scan("kitchen", folder)
    return folder
