"""Compile a USD scene into `model.xml` and `model.json`, in a child process that has opened nothing before.

The children come from a server (`compile_server.py`) that loads Newton once: loading takes five seconds, the work one.
"""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.model import CompiledModel, load_model

DEADLINE_S = 300.0
END_S = 10.0
"""What a server that has been killed may take to be gone."""

SERVER = "blueprint.pipeline.sims.newton_mujoco.compile_server"


class CompileFailed(RunError):
    """A scene could not be turned into a model that MuJoCo accepts."""

    def __init__(self, scene: str, cause: str) -> None:
        super().__init__(
            f"{scene}: the scene does not compile into a physics model: {cause}. "
            "Every moving link needs a positive mass, an inertia and convex colliders"
        )


class _Server:
    """The one compile server of this process; it ends when this process closes its input, by dying at the latest."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self) -> "subprocess.Popen[str]":
        """Return the running server, a new one where there is none."""
        if self._process is None or self._process.poll() is not None:
            # It finds this package where this process found it, however that was installed.
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
            self._process = subprocess.Popen(
                [sys.executable, "-m", SERVER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment,
            )
        return self._process

    def close(self) -> None:
        """End the server, if there is one."""
        if self._process is not None:
            self._process.kill()
            # Waits, and closes both pipes.
            self._process.communicate(timeout=END_S)
            self._process = None

    def work(self, usd_path: Path, model_folder: Path, scratch: Path) -> int | None:
        """Let one child compile; returns its exit status, None where the server itself has died."""
        request = {"usd": str(usd_path), "model": str(model_folder), "scratch": str(scratch), "deadline_s": DEADLINE_S}
        with self._lock:
            process = self.start()
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
            answer = process.stdout.readline()
        return int(answer) if answer.endswith("\n") else None


_SERVER = _Server()
atexit.register(_SERVER.close)


def warm_up() -> None:
    """Begin to load what compiling needs, in a process of its own; returns at once."""
    _SERVER.start()


def compile_scene(usd_path: Path, model_folder: Path, manifest: SceneManifest) -> CompiledModel:
    """Write the compiled model of a scene into a folder and return its maps; raises CompileFailed."""
    model_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="blueprint-compile-") as scratch:
        folder = Path(scratch)
        save(folder / "scene.json", manifest)
        status = _SERVER.work(usd_path.resolve(), model_folder.resolve(), folder)
        if (report := folder / "report.json").is_file():
            raise CompileFailed(usd_path.name, json.loads(report.read_text()))
        if status == -signal.SIGALRM:
            raise CompileFailed(usd_path.name, f"not finished after {DEADLINE_S:g} s")
        if status != 0:
            said = (folder / "log").read_text(errors="replace").strip() if (folder / "log").is_file() else ""
            last = (said.splitlines() or ["no message"])[-1]
            raise CompileFailed(usd_path.name, f"the importer ended with status {status}: {last}")
    return load_model(model_folder)
