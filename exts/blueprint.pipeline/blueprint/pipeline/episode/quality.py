"""One score per episode, 0 to 1: the weighted mean of six shares, with weights and ranges by the task's family.

What each share is made of is written down in docs/quality.md; the numbers are in config/quality.yaml.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from blueprint.pipeline.errors import RecipeError

QUALITY_FILE = "quality.yaml"
OTHER = "other"
"""The family of tasks whose own is not listed."""


class Range(BaseModel, frozen=True, extra="forbid"):
    """A measure's range: at its best value and beyond it counts 1, at its worst and beyond it 0, linear between."""

    best: float = Field(description="Value that counts 1, in the measure's unit.")
    worst: float = Field(description="Value that counts 0, in the measure's unit.")

    @model_validator(mode="after")
    def _has_extent(self) -> "Range":
        if self.best == self.worst:
            raise ValueError("best and worst must differ")
        return self

    def share(self, value: float) -> float:
        """Return where a value lies, 0 to 1."""
        return min(1.0, max(0.0, (self.worst - value) / (self.worst - self.best)))


class Weights(BaseModel, frozen=True, extra="forbid"):
    """How much each share counts; they are divided by their sum."""

    efficiency: float = Field(ge=0, description="Straightness of the tool's ways.")
    smoothness: float = Field(ge=0, description="Lack of jerk.")
    clearance: float = Field(ge=0, description="Distance kept from what the task does not handle.")
    force: float = Field(ge=0, description="Lack of force peaks.")
    visibility: float = Field(ge=0, description="Time for which a camera sees the target.")
    time: float = Field(ge=0, description="Shortness.")

    @model_validator(mode="after")
    def _has_weight(self) -> "Weights":
        if not sum(self.model_dump().values()) > 0:
            raise ValueError("at least one weight must be above 0")
        return self


class Family(BaseModel, frozen=True, extra="forbid"):
    """How tasks of one family are scored."""

    weights: Weights = Field(description="How much each share counts.")
    duration_s: Range = Field(description="Duration in seconds.")
    force_peak_n: Range = Field(description="Largest force between robot and scene in newtons.")


class QualityRules(BaseModel, frozen=True, extra="forbid"):
    """The file config/quality.yaml."""

    format: Literal["blueprint.quality"]
    version: Literal[1]
    mean_jerk_m_s3: Range = Field(description="Mean jerk of the tool point in m/s3.")
    clearance_m: Range = Field(description="Smallest distance to what the task does not handle, in metres.")
    families: dict[str, Family] = Field(description="Scoring by family; `other` is for those not listed.")

    @model_validator(mode="after")
    def _knows_others(self) -> "QualityRules":
        if OTHER not in self.families:
            raise ValueError(f"families: {OTHER!r} must be among them")
        return self


@lru_cache(maxsize=4)
def load_quality_rules(path: Path) -> QualityRules:
    """Read the rules, once in a process; raises RecipeError that lists every field which does not fit."""
    try:
        return QualityRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RecipeError(path.name, [f"cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(path.name, [f"is not valid YAML: {error}"]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise RecipeError(path.name, faults) from error


def shares_of(measures: Mapping[str, float], family: str, rules: QualityRules) -> dict[str, float | None]:
    """Return the six shares; None where what it is made of was not measured."""
    scored = rules.families.get(family, rules.families[OTHER])
    made_of: dict[str, tuple[str, Range]] = {
        "efficiency": ("path_efficiency", Range(best=1, worst=0)),
        "smoothness": ("mean_jerk_m_s3", rules.mean_jerk_m_s3),
        "clearance": ("clearance_m", rules.clearance_m),
        "force": ("force_peak_n", scored.force_peak_n),
        "visibility": ("target_in_view_share", Range(best=1, worst=0)),
        "time": ("duration_s", scored.duration_s),
    }
    return {
        share: bounds.share(measures[measure]) if measure in measures else None
        for share, (measure, bounds) in made_of.items()
    }


def quality_of(measures: Mapping[str, float], family: str, rules: QualityRules) -> float | None:
    """Return the score, None where something that has weight was not measured: nothing stands in for it."""
    weights: dict[str, float] = rules.families.get(family, rules.families[OTHER]).weights.model_dump()
    shares = shares_of(measures, family, rules)
    total = 0.0
    for name, weight in weights.items():
        share = shares[name]
        if weight and share is None:
            return None
        total += weight * (share or 0.0)
    return total / sum(weights.values())
