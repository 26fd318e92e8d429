"""Compile a USD scene into `model.xml` and `model.json`, in a child process that has opened nothing before."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.codec import load, save
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.model import CompiledModel, load_model

DEADLINE_S = 300.0


class CompileFailed(RunError):
    """A scene could not be turned into a model that MuJoCo accepts."""

    def __init__(self, scene: str, cause: str) -> None:
        super().__init__(
            f"{scene}: the scene does not compile into a physics model: {cause}. "
            "Every moving link needs a positive mass, an inertia and convex colliders"
        )


def compile_scene(usd_path: Path, model_folder: Path, manifest: SceneManifest) -> CompiledModel:
    """Write the compiled model of a scene into a folder and return its maps; raises CompileFailed."""
    model_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="blueprint-compile-") as scratch:
        manifest_path, report_path = Path(scratch) / "scene.json", Path(scratch) / "report.json"
        save(manifest_path, manifest)
        arguments = [str(path) for path in (usd_path.resolve(), model_folder.resolve(), manifest_path, report_path)]
        command = [sys.executable, "-m", "blueprint.pipeline.sims.newton_mujoco.compile", *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, env=_environment())
        except subprocess.TimeoutExpired as error:
            raise CompileFailed(usd_path.name, f"not finished after {DEADLINE_S:.0f} s") from error
        if report_path.is_file():
            raise CompileFailed(usd_path.name, json.loads(report_path.read_text()))
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise CompileFailed(usd_path.name, f"the importer ended with code {done.returncode}: {last}")
    return load_model(model_folder)


def _environment() -> dict[str, str]:
    # The child finds this package where the parent found it, however that was installed.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


def _main(usd_path: Path, model_folder: Path, manifest_path: Path, report_path: Path) -> None:
    from .maps import write_model

    try:
        write_model(usd_path, model_folder, load(manifest_path, SceneManifest))
    except (RunError, ValueError, RuntimeError, KeyError) as error:
        report_path.write_text(json.dumps(f"{type(error).__name__}: {error}"))
        raise


if __name__ == "__main__":
    _main(*map(Path, sys.argv[1:]))
