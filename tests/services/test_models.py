"""A model as a program or a container: arguments without a shell, a deadline, bounded output, no secret in sight."""

import os
import sys
import time
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.services.stand_in import StandIn, serving, zip_of

from blueprint.pipeline.engine.digests import digest_file
from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.services.archives import ArchiveRefused
from blueprint.pipeline.services.command import LOG_LIMIT_BYTES
from blueprint.pipeline.services.container import container_command, removal_command
from blueprint.pipeline.services.failures import ServiceFailed, ServiceRefused
from blueprint.pipeline.services.model_settings import ModelSettings
from blueprint.pipeline.services.models import ModelReport, produce

COPY = "import sys, pathlib; pathlib.Path(sys.argv[2], 'copy').write_bytes(pathlib.Path(sys.argv[1]).read_bytes())"


def program(code: str, **settings: object) -> ModelSettings:
    command = (sys.executable, "-c", code, "{input}", "{output}", "{prompts}")
    return ModelSettings(kind="command", name="toy", version="3", command=command, **settings)  # type: ignore[arg-type]


def run(settings: ModelSettings, folder: Path, prompts: tuple[str, ...] = ()) -> tuple[ModelReport, list[object]]:
    source = folder / "a photo; rm -rf $HOME.png"
    source.write_bytes(b"picture")
    steps, events = produce(settings, source, folder / "out", folder / "log.txt", prompts), list[object]()
    while True:
        try:
            events.append(next(steps))
        except StopIteration as stop:
            return stop.value, events


def test_a_program_gets_its_file_its_folder_and_its_prompts(tmp_path: Path) -> None:
    code = f"{COPY}; print('seen', pathlib.Path(sys.argv[3]).read_text())"
    report, _ = run(program(code, licence="MIT"), tmp_path, ("mug", "red bowl"))
    assert (tmp_path / "out/copy").read_bytes() == b"picture"
    digest = digest_file(tmp_path / "out/copy")
    assert report == ModelReport("toy", "3", "MIT", "command", digest, ("mug", "red bowl"))
    assert (tmp_path / "log.txt").read_text() == "seen mug\nred bowl\n\n"


def test_its_failure_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match="toy 3: ended with status 7: out of memory"):
        run(program("import sys; print('out of memory'); sys.exit(7)"), tmp_path)


def test_an_empty_folder_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match="left its output folder empty"):
        run(program("pass"), tmp_path)


def test_a_program_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, pathlib, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "pathlib.Path(sys.argv[2], 'pid').write_text(str(child.pid)); time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(ServiceFailed, match="not done within its deadline of 2 s"):
        run(program(code, deadline_s=2.0), tmp_path)
    assert time.monotonic() - started < 20
    status = Path(f"/proc/{(tmp_path / 'out/pid').read_text()}/status")
    assert not status.exists() or "zombie" in status.read_text()


def test_what_it_writes_and_prints_is_bounded(tmp_path: Path) -> None:
    flood = "import sys, pathlib; pathlib.Path(sys.argv[2], 'big').write_bytes(bytes(3_000_000))"
    with pytest.raises(ServiceFailed, match="wrote 2 MB"):
        run(program(flood, max_output_mb=1.0), tmp_path)
    talk = f"{COPY}; [print('x' * 1000) for _ in range(6000)]"
    run(program(talk), tmp_path)
    assert (tmp_path / "log.txt").stat().st_size <= LOG_LIMIT_BYTES + (1 << 16)


def test_its_secret_reaches_it_and_neither_the_log_nor_the_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLUEPRINT_SECRET_TOY", "canary-123")
    monkeypatch.setenv("OTHER_KEY", "not-yours")
    code = f"{COPY}; import os, time; print(os.environ['MODEL_TOKEN'], sorted(os.environ), flush=True); time.sleep(1.5)"
    _, events = run(program(code, secret="toy"), tmp_path)
    said = (tmp_path / "log.txt").read_text()
    assert said.startswith("*** [")
    assert "OTHER_KEY" not in said
    told = [event.message for event in events if isinstance(event, Progress)]
    assert any("***" in message for message in told)
    assert not any("canary" in message for message in told)


def test_a_result_that_links_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match="link 'way_out', which leads out"):
        run(program("import os, sys; os.symlink('/etc', sys.argv[2] + '/way_out')"), tmp_path)


def test_a_program_that_is_not_there_is_refused(tmp_path: Path) -> None:
    settings = ModelSettings(kind="command", name="toy", command=("no-such-program", "{input}", "{output}"))
    with pytest.raises(ServiceRefused, match="'no-such-program' cannot be started"):
        run(settings, tmp_path)


def test_a_file_that_is_too_large_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(ServiceRefused, match="has 7 bytes; at most 1e-06 MB are sent"):
        run(program(COPY, max_input_mb=1e-6), tmp_path)


def test_an_archive_of_a_service_is_checked_before_it_is_extracted(tmp_path: Path) -> None:
    with serving(StandIn(result=zip_of({"../x": b"bad"}), polls_until_done=0)) as stand_in:
        settings = ModelSettings(kind="http", name="toy", url=stand_in.url)
        with pytest.raises(ArchiveRefused, match="leaves the folder"):
            run(settings, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_service_says_of_itself_is_kept(tmp_path: Path) -> None:
    with serving(StandIn(polls_until_done=0)) as stand_in:
        report, _ = run(ModelSettings(kind="http", name="toy", url=stand_in.url), tmp_path)
    assert report.said == {"model": "stand-in", "version": "1.2", "licence": "CC0-1.0"}
    assert (tmp_path / "out/run/hello.txt").read_bytes() == b"hello"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "http", "name": "x"}, "needs url"),
        ({"kind": "command"}, "needs name, command"),
        ({"kind": "container", "name": "x", "command": ("{input}", "{output}")}, "needs image"),
        ({"kind": "command", "name": "x", "command": ("run", "{input}")}, r"names no \{output\}"),
    ],
)
def test_a_model_must_be_described_whole(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ModelSettings.model_validate(fields)


def test_a_container_reads_one_file_writes_one_folder_and_has_no_network(tmp_path: Path) -> None:
    settings = ModelSettings(
        kind="container",
        name="toy",
        image="toy@sha256:0",
        command=("run", "{input}", "{output}", "--prompts={prompts}"),
        secret="toy",
    )
    source, prompts = tmp_path / "photo.png", tmp_path / "prompts.txt"
    command = container_command(settings, "c1", source, tmp_path / "out", {"prompts": prompts})
    assert command[:3] == ("docker", "run", "--rm")
    assert {"--network=none", "--gpus=all", "--cap-drop=ALL", "--env=MODEL_TOKEN", "--name=c1"} <= set(command)
    assert f"--volume={source}:/blueprint/input/photo.png:ro" in command
    assert f"--volume={tmp_path / 'out'}:/blueprint/output:rw" in command
    assert command[-5:] == (
        "toy@sha256:0",
        "run",
        "/blueprint/input/photo.png",
        "/blueprint/output",
        "--prompts=/blueprint/input/prompts.txt",
    )
    assert removal_command(settings, "c1") == ("docker", "rm", "--force", "c1")


def test_a_container_runs_through_its_runtime_and_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for docker notes what it is asked and writes where the volume says."""
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"pathlib.Path({str(tmp_path)!r}, 'asked').open('a').write(' '.join(sys.argv[1:3]) + '\\n')\n"
        "out = [a for a in sys.argv if a.endswith(':/blueprint/output:rw')]\n"
        "[pathlib.Path(a.split('=', 1)[1].split(':')[0], 'made').write_text('made') for a in out]\n"
    )
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
    command = ("run", "{input}", "{output}")
    report, _ = run(ModelSettings(kind="container", name="toy", image="toy:1", command=command), tmp_path)
    assert report.kind == "container"
    assert (tmp_path / "out/made").read_text() == "made"
    assert (tmp_path / "asked").read_text().splitlines() == ["run --rm", "rm --force"]
