"""The kitchenette as assets in a folder."""

from pathlib import Path

import pytest
from pxr import Usd
from tests.usd.kitchenette import Made, kitchenette

from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.prop_asset import PropDecisions, write_prop_asset


@pytest.fixture(scope="session")
def payload_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the kitchenette's meshes and textures."""
    return tmp_path_factory.mktemp("payloads")


@pytest.fixture(scope="session")
def made(payload_folder: Path) -> dict[str, Made]:
    """The kitchenette's props."""
    return kitchenette(payload_folder)


@pytest.fixture(scope="session")
def asset_folder(made: dict[str, Made], payload_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every prop as an asset."""
    folder = tmp_path_factory.mktemp("scene")
    for entry in made.values():
        decisions = PropDecisions(entry.prop, entry.articulation, (), entry.physics)
        write_prop_asset(folder, decisions, Payloads((payload_folder,)))
    return folder


@pytest.fixture(scope="session")
def assets(made: dict[str, Made], asset_folder: Path) -> dict[str, Usd.Stage]:
    """Every prop as a composed stage, opened by plain USD."""
    return {name: Usd.Stage.Open(str(asset_folder / f"assets/{name}/simready_usd/{name}.usda")) for name in made}
