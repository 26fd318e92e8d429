"""Ask a model outside this program to make a folder from a file, whichever way it is reached."""

import contextlib
import subprocess
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from blueprint.pipeline.engine.digests import digest_file
from blueprint.pipeline.engine.events import Progress, Warned

from .addresses import check_address
from .archives import ArchiveLimits, extract_archive
from .command import Program, filled_in, run_program
from .container import container_command, removal_command
from .failures import ServiceFailed, ServiceRefused
from .http_model import HttpModel
from .model_settings import ModelSettings
from .secrets import Secret, read_secret

REMOVAL_DEADLINE_S = 60


@dataclass(frozen=True)
class ModelReport:
    """Who made something from what; `said` is what a service says of itself."""

    name: str
    version: str
    licence: str
    kind: str
    input_digest: str
    prompts: tuple[str, ...] = ()
    said: dict[str, Any] = field(default_factory=dict[str, Any])


def produce(
    settings: ModelSettings, source: Path, output: Path, log: Path, prompts: tuple[str, ...] = ()
) -> Generator[Progress | Warned, None, ModelReport]:
    """Fill a folder with what the model makes of a file; returns the report for the lineage.

    Raises ServiceRefused before anything is asked, ServiceFailed when the work does not succeed, and SecretMissing.
    """
    _check_input(settings, source)
    output.mkdir(parents=True, exist_ok=True)
    token = read_secret(settings.secret) if settings.secret else None
    said: dict[str, Any] = {}
    if settings.kind == "http":
        said = yield from _ask_service(settings, source, output, prompts, token)
    else:
        yield from _run_here(settings, source, output, log, prompts, token)
    if not any(output.iterdir()):
        raise ServiceFailed(settings.label(), "ended well and left its output folder empty")
    _refuse_links(settings, output)
    kept = {name: str(said[name])[:200] for name in ("model", "version", "licence") if name in said}
    digest = digest_file(source)
    return ModelReport(settings.name, settings.version, settings.licence, settings.kind, digest, prompts, kept)


def _check_input(settings: ModelSettings, source: Path) -> None:
    if settings.kind == "none":
        raise ServiceRefused("the model", "no model is named; set its kind to command, container or http")
    if not source.is_file():
        raise ServiceRefused(settings.label(), f"{source.name} is no file")
    size = source.stat().st_size
    if size == 0 or size > settings.max_input_mb * 1e6:
        allowed = f"at most {settings.max_input_mb:g} MB are sent, and no empty file"
        raise ServiceRefused(settings.label(), f"{source.name} has {size} bytes; {allowed}")


def _ask_service(
    settings: ModelSettings, source: Path, output: Path, prompts: tuple[str, ...], token: Secret | None
) -> Generator[Progress | Warned, None, dict[str, Any]]:
    endpoint = check_address(settings.label(), settings.url, settings.allowed_hosts)
    if endpoint.plaintext:
        yield Warned(f"{settings.label()} is asked without encryption, which is allowed on this machine alone")
    limit = int(settings.max_output_mb * 1e6)
    with HttpModel(settings.label(), endpoint, token) as model, TemporaryDirectory(prefix="blueprint-model-") as folder:
        said = model.health(settings.health_deadline_s)
        archive, options = Path(folder) / "result", {"prompts": "\n".join(prompts)} if prompts else {}
        yield from model.produce(source, options, archive, settings.deadline_s, limit)
        extract_archive(archive, output, ArchiveLimits(limit))
    return said


def _run_here(
    settings: ModelSettings, source: Path, output: Path, log: Path, prompts: tuple[str, ...], token: Secret | None
) -> Generator[Progress]:
    with TemporaryDirectory(prefix="blueprint-model-") as folder:
        listed = Path(folder) / "prompts.txt"
        listed.write_text("".join(f"{prompt}\n" for prompt in prompts), encoding="utf-8")
        name = f"blueprint-{uuid.uuid4().hex[:12]}"
        if settings.kind == "container":
            arguments = container_command(settings, name, source, output, {"prompts": listed})
        else:
            places = {"input": source, "output": output, "prompts": listed}
            arguments = filled_in(settings.command, {key: str(path.resolve()) for key, path in places.items()})
        limit = int(settings.max_output_mb * 1e6)
        program = Program(settings.label(), arguments, output, log, settings.deadline_s, limit, token)
        try:
            yield from run_program(program)
        finally:
            if settings.kind == "container":
                _remove_container(settings, name)


def _remove_container(settings: ModelSettings, name: str) -> None:
    # One that has ended by itself is gone already, and says so on standard error.
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(removal_command(settings, name), capture_output=True, check=False, timeout=REMOVAL_DEADLINE_S)


def _refuse_links(settings: ModelSettings, output: Path) -> None:
    """Refuse a result that points out of its folder."""
    for path in sorted(output.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(output.resolve()):
            raise ServiceFailed(settings.label(), f"left the link {path.name!r}, which leads out of its output folder")
