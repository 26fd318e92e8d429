"""A recorded episode that is replayed."""

import pytest
from tests.app.recorded import record_fall

from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.scene.records import Assembled


@pytest.fixture(scope="session")
def fall(assembled: Assembled) -> Episode:
    """A box that falls onto a table, recorded."""
    return record_fall(assembled)
