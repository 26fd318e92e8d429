"""Compile a USD scene into `model.xml` and `model.json`, in a child process that has opened nothing before.

The children are forked from a server that has loaded Newton once and opened no stage: loading takes five seconds, the
work itself one. Where a platform cannot fork, each child loads Newton anew.
"""

import json
import multiprocessing
import multiprocessing.forkserver
import os
import tempfile
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.codec import load, save
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.model import CompiledModel, load_model

DEADLINE_S = 300.0

_FORKED = "forkserver"
# Newton takes the last three when it builds its first solver; none of them opens a stage or starts a thread.
_LOADED_ONCE = ("blueprint.pipeline.sims.newton_mujoco.maps", "mujoco_warp", "scipy.spatial", "trimesh")


class CompileFailed(RunError):
    """A scene could not be turned into a model that MuJoCo accepts."""

    def __init__(self, scene: str, cause: str) -> None:
        super().__init__(
            f"{scene}: the scene does not compile into a physics model: {cause}. "
            "Every moving link needs a positive mass, an inertia and convex colliders"
        )


def warm_up() -> None:
    """Begin to load what compiling needs, in a process of its own; returns at once."""
    if _context().get_start_method() == _FORKED:
        multiprocessing.forkserver.ensure_running()


def compile_scene(usd_path: Path, model_folder: Path, manifest: SceneManifest) -> CompiledModel:
    """Write the compiled model of a scene into a folder and return its maps; raises CompileFailed."""
    model_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="blueprint-compile-") as scratch:
        folder = Path(scratch)
        save(folder / "scene.json", manifest)
        arguments = (str(usd_path.resolve()), str(model_folder.resolve()), scratch)
        child = _context().Process(target=_compile, args=arguments, daemon=True)
        child.start()
        child.join(DEADLINE_S)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise CompileFailed(usd_path.name, f"not finished after {DEADLINE_S:.0f} s")
        if (report := folder / "report.json").is_file():
            raise CompileFailed(usd_path.name, json.loads(report.read_text()))
        if child.exitcode:
            said = (folder / "log").read_text(errors="replace").strip() if (folder / "log").is_file() else ""
            last = (said.splitlines() or ["no message"])[-1]
            raise CompileFailed(usd_path.name, f"the importer ended with code {child.exitcode}: {last}")
    return load_model(model_folder)


def _context() -> ForkServerContext | SpawnContext:
    if _FORKED not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context(_FORKED)
    context.set_forkserver_preload(list(_LOADED_ONCE))
    return context


def _compile(usd_path: str, model_folder: str, scratch: str) -> None:
    """Do the work of one child; what libraries print goes into its log."""
    log = os.open(Path(scratch) / "log", os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # First of all what registers Newton's schemas.
    from .maps import write_model

    try:
        write_model(Path(usd_path), Path(model_folder), load(Path(scratch) / "scene.json", SceneManifest))
    except (RunError, ValueError, RuntimeError, KeyError) as error:
        (Path(scratch) / "report.json").write_text(json.dumps(f"{type(error).__name__}: {error}"))
        raise
