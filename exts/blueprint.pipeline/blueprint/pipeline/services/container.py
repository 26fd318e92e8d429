"""The command line that runs a model's container: read-only input, one writable folder, no network unless asked for."""

from collections.abc import Mapping
from pathlib import Path

from .command import CREDENTIAL_VARIABLE, filled_in
from .model_settings import ModelSettings

INPUT_FOLDER, OUTPUT_FOLDER = "/blueprint/input", "/blueprint/output"


def container_command(
    settings: ModelSettings, name: str, source: Path, output: Path, options: Mapping[str, Path]
) -> tuple[str, ...]:
    """Return the arguments of `docker run` or `podman run`; `name` lets the container be removed at the deadline."""
    mounts = [f"{source.resolve()}:{INPUT_FOLDER}/{source.name}:ro", f"{output.resolve()}:{OUTPUT_FOLDER}:rw"]
    mounts += [f"{path.resolve()}:{INPUT_FOLDER}/{path.name}:ro" for path in options.values()]
    places = {"input": f"{INPUT_FOLDER}/{source.name}", "output": OUTPUT_FOLDER}
    places |= {name: f"{INPUT_FOLDER}/{path.name}" for name, path in options.items()}
    return (
        settings.runtime,
        "run",
        "--rm",
        f"--name={name}",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        *(() if settings.network else ("--network=none",)),
        *((f"--gpus={settings.gpus}",) if settings.gpus and settings.runtime == "docker" else ()),
        *((f"--device=nvidia.com/gpu={settings.gpus}",) if settings.gpus and settings.runtime == "podman" else ()),
        # Its value comes from this process's surroundings, so that no process list shows it.
        *((f"--env={CREDENTIAL_VARIABLE}",) if settings.secret else ()),
        *(f"--volume={mount}" for mount in mounts),
        settings.image,
        *filled_in(settings.command, places),
    )


def removal_command(settings: ModelSettings, name: str) -> tuple[str, ...]:
    """Return the arguments that end a container; killing `docker run` leaves the container running."""
    return (settings.runtime, "rm", "--force", name)
