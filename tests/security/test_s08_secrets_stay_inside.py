"""S08: after a run with canary secrets, none is in any file, message, record, or in a worker's process list."""

import subprocess
import time
from pathlib import Path

import pytest
from tests.formats.tiny_scans import write_simple
from tests.security.processes import descendants
from tests.workplaces import RECIPE, command_line, environment

from blueprint.pipeline.services.secrets import read_secret

IN_ENVIRONMENT, IN_FILE = "tweet-in-the-environment", "tweet-in-a-file"


@pytest.mark.parametrize("succeeds", [True, False])
def test_no_canary_leaves_its_cage(tmp_path: Path, succeeds: bool) -> None:
    scan, out = write_simple(tmp_path / "tiny"), tmp_path / "run"
    secret_file = tmp_path / "secret.txt"
    secret_file.write_text(IN_FILE)
    secret_file.chmod(0o600)
    flags = [] if succeeds else ["--ingest.metres-per-unit", "400"]
    child = subprocess.Popen(
        command_line("run", RECIPE, "--ingest.source", scan, "--out", out, "--until", "articulate", *flags),
        env=environment(BLUEPRINT_SECRET_CANARY=IN_ENVIRONMENT, BLUEPRINT_SECRET_FILE=str(secret_file)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    seen, processes = b"", set[int]()
    while child.poll() is None:
        for process in descendants(child.pid):
            # Between fork and exec a process is still its parent, which may know the secret.
            if shown(process, "cmdline") != shown(child.pid, "cmdline"):
                processes.add(process)
                seen += shown(process, "cmdline") + shown(process, "environ")
        time.sleep(0.05)
    output, _ = child.communicate(timeout=60)
    assert child.returncode == (0 if succeeds else 2), output.decode()
    assert processes, "workers were looked at"
    written = [path for path in out.rglob("*") if path.is_file()]
    assert {"run.json", "events.jsonl", "report.html"} <= {path.name for path in written}
    assert ("failure.json" in {path.name for path in written}) is not succeeds
    everything = seen + output + b"".join(path.read_bytes() for path in written)
    assert b"tweet-in" not in everything


def shown(process: int, name: str) -> bytes:
    """Return what the process list shows of a process, or nothing of one that has ended."""
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_a_secret_does_not_show_in_a_message_or_a_trace(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(IN_FILE)
    file.chmod(0o600)
    secret = read_secret("canary", file=file, environment={})
    assert secret.reveal() == IN_FILE
    with pytest.raises(ValueError, match=r"\*\*\*") as caught:
        raise ValueError(f"{secret} {secret!r} {secret:>20} {[secret]}")
    assert "tweet" not in str(caught.value)
