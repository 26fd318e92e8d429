"""One run at a time in a folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.pipeline.engine.lock import locked
from blueprint.pipeline.errors import FolderLocked

HOLD = """
import sys, pathlib
from blueprint.pipeline.engine.lock import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_held_by_another_process_is_refused_and_freed_by_its_death(tmp_path: Path) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], **pipes) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(FolderLocked, match=rf"{tmp_path.name} is in use by process {holder.pid}"), locked(tmp_path):
            pass
        holder.kill()
    with locked(tmp_path):
        assert (tmp_path / ".lock").read_text().startswith("process ")
