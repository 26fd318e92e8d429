"""States that others have written, or altered, are refused by what they lack."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from blueprint.pipeline.episode.states import FRAMES, GEOMETRY, NOTES, States
from blueprint.pipeline.errors import ScanError


@pytest.fixture
def states(tmp_path: Path) -> States:
    with h5py.File(tmp_path / "states.h5", "w") as file:
        frames, geometry = file.create_group(FRAMES), file.create_group(GEOMETRY)
        frames["time_s"] = np.arange(3.0)
        frames.attrs[NOTES] = '{"time_s": {"unit": "s"}}'
        geometry["corners_m"], geometry["link"] = np.zeros((2, 3)), np.zeros(2, dtype=int)
    return States(tmp_path / "states.h5")


def test_what_is_noted_of_a_channel(states: States) -> None:
    assert states.describe("time_s") == {"unit": "s"}
    assert states.describe("unheard_of") == {}


def test_channels_that_nothing_is_noted_of(states: States) -> None:
    said = r"states.h5: has no attribute 'channels' at blueprint/geometry. Expected: a JSON text with unit"
    with pytest.raises(ScanError, match=said):
        states.link_corners_m()


def test_a_channel_that_is_not_there(states: States) -> None:
    with pytest.raises(ScanError, match=r"has no channel blueprint/frames/speed. Expected: time_s"):
        states.channel("speed")


def test_what_is_no_hdf5(tmp_path: Path) -> None:
    (tmp_path / "states.h5").write_text("hello")
    with pytest.raises(ScanError, match="cannot be opened as HDF5"):
        States(tmp_path / "states.h5").channel("time_s")


def test_attributes_that_are_not_there(states: States, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"has no attribute 'fps' at blueprint. Expected: attributes, of which there"):
        _ = states.fps
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["speed"] = 1.0
    with pytest.raises(ScanError, match="has no group 'blueprint'"):
        States(tmp_path / "other.h5").names("prop_names")
