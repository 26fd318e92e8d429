"""The table of engines."""

import subprocess
import sys

import pytest
import warp as wp

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.sims import open_sim
from blueprint.pipeline.sims.camera import NoSuchDevice
from blueprint.pipeline.sims.protocols import SceneFiles


def test_engines_open_by_name(scene_files: SceneFiles) -> None:
    for engine in ("mujoco", "null"):
        sim = open_sim(engine, scene_files)
        assert sim.engine == engine
        assert sim.dt_s == 1 / 240
        sim.close()


def test_an_unknown_engine_is_refused_with_those_that_exist(scene_files: SceneFiles) -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'mujoco'\? Known: mujoco, null"):
        open_sim("mujocco", scene_files)


def test_the_door_is_light_and_null_needs_no_importer(scene_files: SceneFiles) -> None:
    heavy = "[name for name in ('pxr', 'warp', 'newton', 'mujoco') if name in sys.modules]"
    script = (
        f"import sys, blueprint.pipeline.sims; assert not {heavy}; import blueprint.pipeline.sims.null; "
        f"assert {heavy} == ['mujoco']"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_a_device_that_is_not_there_is_named(scene_files: SceneFiles) -> None:
    """Where there is a graphics card it would be used; elsewhere the message says what there is."""
    if wp.is_cuda_available():
        assert open_sim("mujoco", scene_files, "cuda").render(["top"])["top"].rgb.std() > 5
        return
    with pytest.raises(NoSuchDevice, match="cpu works everywhere"):
        open_sim("mujoco", scene_files, "cuda").render(["top"])
