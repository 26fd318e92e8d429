"""The table of engines; what an engine needs is imported when it is asked for."""

from collections.abc import Callable
from pathlib import Path

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.model import CompiledModel
from blueprint.pipeline.sims.protocols import SceneFiles, Sim

CPU = "cpu"


def _mujoco(files: SceneFiles, device: str) -> Sim:
    from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim

    return MujocoSim(files, device)


def _null(files: SceneFiles, device: str) -> Sim:
    """Sketches are drawn by the processor, whatever device was chosen."""
    from blueprint.pipeline.sims.null import NullSim

    return NullSim(files)


ENGINES: dict[str, Callable[[SceneFiles, str], Sim]] = {"mujoco": _mujoco, "null": _null}


def open_sim(engine: str, files: SceneFiles, device: str = CPU) -> Sim:
    """Open a scene in an engine whose cameras draw on a device, `cpu` or `cuda`; raises UnknownName for the engine."""
    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    return ENGINES[engine](files, device)


def compile_scene(usd_path: Path, model_folder: Path, manifest: SceneManifest) -> CompiledModel:
    """Write the compiled model of a USD scene into a folder, from which every engine's physics and planning start."""
    from blueprint.pipeline.sims.newton_mujoco.compile import compile_scene as compile_with_newton

    return compile_with_newton(usd_path, model_folder, manifest)
