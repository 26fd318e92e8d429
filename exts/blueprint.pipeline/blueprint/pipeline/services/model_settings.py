"""Which model outside this program makes something from a file, and within which limits."""

from typing import Literal, Self

from pydantic import Field, model_validator

from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings

INPUT, OUTPUT = "{input}", "{output}"


class ModelSettings(Settings, frozen=True):
    """A model as a command line, a container or an HTTP service."""

    kind: Literal["none", "command", "container", "http"] = Field(
        default="none", description="How the model is reached; `none` asks nobody."
    )
    name: str = Field(default="", max_length=200, description="Name of the model, kept in the lineage.")
    version: str = Field(default="", max_length=200, description="Version or commit of the model, kept in the lineage.")
    licence: str = Field(
        default="unknown",
        max_length=200,
        description="Licence of what the model makes, an SPDX id or a name; `unknown` blocks commercial use.",
    )
    command: tuple[str, ...] = Field(
        default=(),
        description="Program and arguments; {input} is the file to read, {output} the folder to fill, {prompts} a file "
        "with one prompt a line.",
    )
    image: str = Field(default="", description="Container image, best by digest; `command` runs inside it.")
    runtime: Literal["docker", "podman"] = Field(default="docker", description="Program that runs the container.")
    gpus: str = Field(default="all", description="GPUs that the container gets; left empty, none.")
    network: bool = Field(default=False, description="Whether the container may use the network.")
    url: str = Field(
        default="", json_schema_extra=NOT_IN_KEY, description="Address of the service: https, or http on this machine."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        json_schema_extra=NOT_IN_KEY,
        description="Hosts in private networks that may be asked; public hosts need no entry.",
    )
    secret: str = Field(
        default="",
        json_schema_extra=NOT_IN_KEY,
        description="Name of the secret that the model wants: BLUEPRINT_SECRET_<NAME>, or the keyring's entry.",
    )
    deadline_s: float = Field(
        default=3600.0, gt=0, le=86400, json_schema_extra=NOT_IN_KEY, description="Seconds the whole work may take."
    )
    health_deadline_s: float = Field(
        default=10.0, gt=0, le=600, json_schema_extra=NOT_IN_KEY, description="Seconds the health check may take."
    )
    max_input_mb: float = Field(
        default=64.0, gt=0, le=4096, json_schema_extra=NOT_IN_KEY, description="Largest file that is sent, in MB."
    )
    max_output_mb: float = Field(
        default=4096.0, gt=0, le=65536, json_schema_extra=NOT_IN_KEY, description="Largest result taken, in MB."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needed = {"command": ("command",), "container": ("image", "command"), "http": ("url",)}.get(self.kind, ())
        missing = [name for name in ("name", *needed) if self.kind != "none" and not getattr(self, name)]
        if missing:
            raise ValueError(f"a model of kind {self.kind!r} needs {', '.join(missing)}")
        if self.kind in ("command", "container"):
            text = " ".join(self.command)
            absent = [place for place in (INPUT, OUTPUT) if place not in text]
            if absent:
                raise ValueError(f"the command names no {' and no '.join(absent)}; the model would not know its files")
        return self

    def label(self) -> str:
        """Return what messages call it."""
        return " ".join(part for part in (self.name, self.version) if part)
