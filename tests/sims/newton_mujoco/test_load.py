"""Opening a compiled model."""

import logging
from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.sims.newton_mujoco.load import load_mujoco
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim, SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles


def test_the_time_step_is_exact(scene_files: SceneFiles) -> None:
    maps, model = load_mujoco(scene_files.model_folder)
    assert model.opt.timestep == maps.timestep_s == 1 / 240


def test_warnings_go_to_the_log_and_into_no_file(
    sim: MujocoSim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    sim.data.qpos[0] = np.nan
    with caplog.at_level(logging.WARNING), pytest.raises(SimulationDiverged):
        sim.step()
    assert "QPOS" in caplog.text
    assert list(tmp_path.iterdir()) == []
