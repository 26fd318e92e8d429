"""The process that has loaded Newton and opened no stage: it forks one child for each scene.

Started as `python -m blueprint.pipeline.sims.newton_mujoco.compile_server`. One JSON line in per scene, one exit status
out. A child sees USD's registries as they were before any stage, because a stage that was opened once leaves traces.
"""

# ruff: noqa: E402 - what is loaded, and when, is what this file is about
import gc

# Nothing of what is loaded is garbage, and looking for some takes almost half of the time.
gc.disable()

# First of all, because it registers Newton's schemas. Newton takes three others when it builds its first solver.
from blueprint.pipeline.sims.newton_mujoco.maps import write_model  # isort: skip

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import mujoco_warp  # noqa: F401
import scipy.spatial  # noqa: F401
import trimesh  # noqa: F401

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.manifests import SceneManifest


def serve() -> int:
    """Compile scene after scene until the input ends; a child returns when it has compiled one."""
    gc.freeze()
    gc.enable()
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            return _work(request)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return 0


def _work(request: dict[str, Any]) -> int:
    """Do the work of one child; what libraries print goes into its log, a refusal into its report."""
    scratch = Path(request["scratch"])
    signal.setitimer(signal.ITIMER_REAL, request["deadline_s"])
    log = os.open(scratch / "log", os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        write_model(Path(request["usd"]), Path(request["model"]), load(scratch / "scene.json", SceneManifest))
    except (RunError, ValueError, RuntimeError, KeyError) as error:
        (scratch / "report.json").write_text(json.dumps(f"{type(error).__name__}: {error}"))
        return 1
    return 0


if __name__ == "__main__":
    status = serve()
    sys.stdout.flush()
    # Taking down what Newton has loaded costs a child a second.
    os._exit(status)
