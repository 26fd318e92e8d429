"""Distributions as data: how likely each value of a factor is, with the ends beyond which nothing is drawn."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, model_validator

UNBOUNDED_STDS = 3.0
"""A normal distribution is always cut: there, where its policy says nothing."""


class PolicyEntry(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """A block of a randomization policy."""


def _ordered(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    if not low <= high:
        raise ValueError(f"the low end comes first: [{high:g}, {low:g}] instead of [{low:g}, {high:g}]")
    return limits


def _positive(limits: tuple[float, float]) -> tuple[float, float]:
    if not 0 < _ordered(limits)[0]:
        raise ValueError(f"a logarithm needs a low end above 0, not {limits[0]:g}")
    return limits


Span = Annotated[tuple[float, float], AfterValidator(_ordered)]


class Uniform(PolicyEntry, frozen=True):
    """Every value of a span is equally likely."""

    uniform: Span = Field(description="Low and high end, in the factor's unit.")

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.uniform


class LogUniform(PolicyEntry, frozen=True):
    """Every ratio is equally likely: halving as likely as doubling."""

    log_uniform: Annotated[tuple[float, float], AfterValidator(_positive)] = Field(
        description="Low and high end, both above 0, in the factor's unit."
    )

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.log_uniform


class Bell(PolicyEntry, frozen=True):
    """The numbers of a normal distribution that is cut at both ends."""

    mean: float = Field(description="Middle of the uncut distribution, in the factor's unit.")
    std: float = Field(gt=0, description="Standard deviation of the uncut distribution, in the factor's unit.")
    low: float | None = Field(default=None, description="Smallest value; three deviations below the mean if left out.")
    high: float | None = Field(default=None, description="Largest value; three deviations above the mean if left out.")

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        low, high = self.limits()
        if not low < high:
            raise ValueError(f"between low {low:g} and high {high:g} there is no value; low lies below high")
        if low > self.mean + 6 * self.std or high < self.mean - 6 * self.std:
            raise ValueError("low and high lie more than six deviations off the mean, where nothing is left to draw")
        return self

    def limits(self) -> tuple[float, float]:
        """Return where the distribution is cut."""
        low = self.mean - UNBOUNDED_STDS * self.std if self.low is None else self.low
        high = self.mean + UNBOUNDED_STDS * self.std if self.high is None else self.high
        return low, high


class Normal(PolicyEntry, frozen=True):
    """A bell curve, cut at both ends; values beyond are never drawn."""

    normal: Bell = Field(description="Mean, deviation and where it is cut.")

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.normal.limits()


class Choice(PolicyEntry, frozen=True):
    """One of a few values."""

    choice: tuple[float, ...] = Field(min_length=1, description="The values, in the factor's unit.")
    weights: tuple[float, ...] = Field(default=(), description="How likely each is; equally where left out.")

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        if self.weights and (len(self.weights) != len(self.choice) or min(self.weights) < 0 or sum(self.weights) <= 0):
            raise ValueError(f"weights are one number of at least 0 for each of the {len(self.choice)} values")
        return self

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return min(self.choice), max(self.choice)


class Constant(PolicyEntry, frozen=True):
    """Always the same value: a setting rather than a draw."""

    constant: float = Field(description="The value, in the factor's unit.")

    def support(self) -> tuple[float, float]:
        """Return the value twice."""
        return self.constant, self.constant


DISTRIBUTIONS = ("uniform", "log_uniform", "normal", "choice", "constant")


def _shape_of(value: Any) -> str | None:
    if isinstance(value, BaseModel):
        return next((name for name in DISTRIBUTIONS if name in type(value).model_fields), None)
    return next((name for name in DISTRIBUTIONS if isinstance(value, Mapping) and name in value), None)


Distribution = Annotated[
    Annotated[Uniform, Tag("uniform")]
    | Annotated[LogUniform, Tag("log_uniform")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[Choice, Tag("choice")]
    | Annotated[Constant, Tag("constant")],
    Discriminator(
        _shape_of,
        custom_error_type="distribution",
        custom_error_message=f"a distribution is one of {', '.join(DISTRIBUTIONS)}, such as {{uniform: [0.8, 1.2]}}",
    ),
]
