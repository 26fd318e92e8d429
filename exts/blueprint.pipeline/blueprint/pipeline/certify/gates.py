"""Gates: thresholds on measured figures; nothing passes one but its number."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from blueprint.pipeline.errors import RecipeError


class Gate(BaseModel, frozen=True, extra="forbid"):
    """One threshold on one figure."""

    figure: str = Field(description="Name of the measured figure.")
    at_least: float | None = Field(default=None, description="Smallest value that passes.")
    at_most: float | None = Field(default=None, description="Largest value that passes.")
    meaning: str = Field(description="What the figure is.")

    @model_validator(mode="after")
    def _has_one_limit(self) -> "Gate":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a gate has either at_least or at_most")
        return self


class Gates(BaseModel, frozen=True, extra="forbid"):
    """The file config/gates.yaml."""

    format: Literal["blueprint.gates"]
    version: Literal[1]
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate with the figure it was judged on; `value` None means "not measured"."""

    figure: str
    value: float | None
    limit: str
    passed: bool
    meaning: str

    def sentence(self) -> str:
        """Say it in one line."""
        value = "not measured" if self.value is None else f"{self.value:.6g}"
        return f"{self.figure}: {value} ({self.limit}) {'passed' if self.passed else 'FAILED'}"


def load_gates(path: Path) -> Gates:
    """Read the thresholds; raises RecipeError."""
    try:
        return Gates.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RecipeError(path.name, [f"cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(path.name, [f"is not valid YAML: {error}"]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise RecipeError(path.name, faults) from error


def judge(gates: Gates, figures: dict[str, float]) -> tuple[GateResult, ...]:
    """Compare figures with their gates; a figure that is absent or not a number does not pass."""
    return tuple(_judge(gate, figures.get(gate.figure)) for gate in gates.gates)


def _judge(gate: Gate, value: float | None) -> GateResult:
    if gate.at_least is not None:
        passed = value is not None and value >= gate.at_least
        limit = f">= {gate.at_least:g}"
    else:
        passed = value is not None and gate.at_most is not None and value <= gate.at_most
        limit = f"<= {gate.at_most:g}"
    return GateResult(gate.figure, value, limit, passed, gate.meaning)
