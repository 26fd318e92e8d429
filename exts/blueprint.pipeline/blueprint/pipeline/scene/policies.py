"""Randomization policies as data: which factors vary, by which distribution, on which targets, tied to which others.

A policy names no simulator. `randomize` draws variants by it, `formats` write it for other programs.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from blueprint.pipeline.scene.distributions import Distribution, PolicyEntry
from blueprint.pipeline.scene.factor_kinds import KINDS, How, ScalarName
from blueprint.pipeline.scene.props import Role

FORMAT = "blueprint.randomization"
FORMAT_VERSION = 1
MOST_DISTRACTORS = 16


class Targets(PolicyEntry, frozen=True):
    """What a factor is drawn for; what is left out does not narrow the choice."""

    ids: tuple[str, ...] = Field(default=(), description="Ids of props, or names of lights, cameras or robot joints.")
    categories: tuple[str, ...] = Field(default=(), description="Categories of props, of config/categories.yaml.")
    roles: tuple[Role, ...] = Field(
        default=(), description="Roles of props; where left out, those that fit the factor."
    )
    mounts: tuple[Literal["world", "link"], ...] = Field(
        default=(), description="Cameras fixed in the world, or carried by a link."
    )
    leave_out: tuple[str, ...] = Field(default=(), description="Ids or names that are not targets.")


class ScalarFactor(PolicyEntry, frozen=True):
    """One number per target, or one for all of them."""

    vary: ScalarName = Field(description="What varies.")
    how: How | None = Field(
        default=None,
        description="Whether the drawn number multiplies what the scene has, is added to it, or replaces it.",
    )
    values: Distribution = Field(description="Distribution of the number.")
    targets: Targets = Field(default=Targets(), description="For which props, lights, cameras or joints.")
    each: bool = Field(default=True, description="Whether each target has a draw of its own; else all share one.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        kind = KINDS[self.vary]
        if self.how not in (None, *kind.hows):
            raise ValueError(f"how: {self.vary} can be {' or '.join(kind.hows)}, not {self.how}")
        low, high = self.values.support()
        if self.manner == "scale" and low < 0:
            raise ValueError(f"values: a factor is at least 0, not {low:g}; 1 keeps what the scene has")
        bounded = self.manner != "scale" or kind.subject in ("drive", "light") or self.vary == "color"
        least, most = kind.limits
        if bounded and not least <= low <= high <= most:
            unit = f" {kind.unit}" if kind.unit else ""
            raise ValueError(
                f"values: {low:g} to {high:g}{unit} is outside what {self.vary} can be: {least:g} to {most:g}{unit}"
            )
        return self

    @property
    def manner(self) -> How:
        """Return how the number acts, the kind's usual way where the policy says nothing."""
        return self.how or KINDS[self.vary].hows[0]


class PoseFactor(PolicyEntry, frozen=True):
    """Movable props stand elsewhere on their support: free of overlap, on it, and within the robot's ring."""

    vary: Literal["poses"] = Field(description="What varies.")
    over: Literal["around", "surface"] = Field(
        default="around", description="Around where a prop rests, or anywhere on the surface that carries it."
    )
    shift_m: float = Field(default=0.08, ge=0, le=2, description="Largest shift from where it rests, in metres.")
    turn_deg: float = Field(default=45.0, ge=0, le=180, description="Largest turn about the vertical, in degrees.")
    gap_m: float = Field(default=0.03, ge=0, le=1, description="Least gap to other things, in metres.")
    edge_m: float = Field(default=0.02, ge=0, le=1, description="Least distance from the support's edge, in metres.")
    near_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Inner radius of the ring, share of the reach; none means the robot's own.",
    )
    far_share: float | None = Field(
        default=None,
        gt=0,
        le=1.5,
        description="Outer radius of the ring, share of the reach; none means the robot's own.",
    )
    attempts: int = Field(default=60, ge=1, le=10000, description="Draws per prop before it stays where it is.")
    targets: Targets = Field(default=Targets(), description="Which movable props.")

    @model_validator(mode="after")
    def _ring(self) -> Self:
        if self.near_share is None or self.far_share is None:
            if self.near_share is not self.far_share:
                raise ValueError("near_share and far_share are given both or not at all")
        elif self.near_share >= self.far_share:
            raise ValueError(f"near_share {self.near_share:g} has to be below far_share {self.far_share:g}")
        return self


class TextureFactor(PolicyEntry, frozen=True):
    """Props wear the picture of another of the targets, or none; licences are those of the scene's own assets."""

    vary: Literal["texture"] = Field(description="What varies.")
    swapped: float = Field(
        default=0.3, ge=0, le=1, description="Share of draws in which a prop wears another's picture."
    )
    targets: Targets = Field(default=Targets(), description="Which textured props, and whose pictures.")


DistractorSource = Literal["scene", "samples"]


class DistractorFactor(PolicyEntry, frozen=True):
    """Further things stand about, which no task names: doubles of the scene's movable props, and sample assets."""

    vary: Literal["distractors"] = Field(description="What varies.")
    count: Distribution = Field(description="How many; rounded to whole numbers, at most 16.")
    gap_m: float = Field(default=0.03, ge=0, le=1, description="Least gap to other things, in metres.")
    edge_m: float = Field(default=0.02, ge=0, le=1, description="Least distance from the support's edge, in metres.")
    attempts: int = Field(default=100, ge=1, le=10000, description="Draws of a place before one is left away.")
    sources: tuple[DistractorSource, ...] = Field(
        default=("scene", "samples"),
        min_length=1,
        description="`scene`: doubles of the scene's own props; `samples`: the assets that come with the program.",
    )
    targets: Targets = Field(default=Targets(), description="Which movable props of the scene have doubles.")

    @model_validator(mode="after")
    def _countable(self) -> Self:
        low, high = self.count.support()
        if low < 0 or high > MOST_DISTRACTORS:
            raise ValueError(f"count: {low:g} to {high:g} is outside what is possible: 0 to {MOST_DISTRACTORS}")
        return self


FactorEntry = Annotated[ScalarFactor | PoseFactor | TextureFactor | DistractorFactor, Field(discriminator="vary")]


class Correlation(PolicyEntry, frozen=True):
    """Factors that go together: a Gaussian copula with one coefficient between each two of them."""

    factors: tuple[str, ...] = Field(min_length=2, description="Names of scalar factors of this policy.")
    coefficient: float = Field(
        gt=-1, lt=1, description="Correlation of each two before their distributions shape them, -1 to 1."
    )

    @model_validator(mode="after")
    def _positive_definite(self) -> Self:
        least = -1 / (len(self.factors) - 1)
        if self.coefficient <= least:
            count = len(self.factors)
            raise ValueError(f"coefficient: {count} factors can have at least {least:.3g} in common, all above it")
        return self


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Policy(PolicyEntry, frozen=True):
    """How variants of a scene differ."""

    format: Literal["blueprint.randomization"] = Field(description="Name of the file format.")
    version: Literal[1] = Field(description="Version of the file format.")
    name: Name = Field(description="Name of the policy, in small letters, digits and underscores.")
    description: str = Field(default="", description="What it is for, in a sentence.")
    factors: dict[Name, FactorEntry] = Field(
        default_factory=dict[str, FactorEntry],
        description="What varies; each factor's name names its random stream, so one more leaves the others.",
    )
    correlations: tuple[Correlation, ...] = Field(default=(), description="Which factors go together.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = [fault for at, entry in enumerate(self.correlations) for fault in self._faults(at, entry)]
        tied = [name for entry in self.correlations for name in entry.factors]
        faults += [
            f"correlations: {name!r} is in more than one of them" for name in sorted({*tied}) if tied.count(name) > 1
        ]
        for vary in ("poses", "texture", "distractors"):
            names = [name for name, entry in self.factors.items() if entry.vary == vary]
            if len(names) > 1:
                faults.append(f"factors: {' and '.join(names)} both vary {vary}; one of them is enough")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self, at: int, entry: Correlation) -> list[str]:
        where = f"correlations.{at}.factors"
        if unknown := [name for name in entry.factors if name not in self.factors]:
            return [f"{where}: unknown factor {name!r}. Known: {', '.join(self.factors) or 'none'}" for name in unknown]
        found = {name: self.factors[name] for name in entry.factors}
        scalars = {name: factor for name, factor in found.items() if isinstance(factor, ScalarFactor)}
        odd = [name for name in found if name not in scalars or KINDS[scalars[name].vary].draws > 1]
        if odd:
            return [
                f"{where}: {name} is drawn as several numbers; only factors of one number go together" for name in odd
            ]
        if any(factor.each for factor in scalars.values()):
            subjects = {KINDS[factor.vary].subject for factor in scalars.values()}
            mixed = len(subjects) > 1 or any(not factor.each for factor in scalars.values())
            if mixed:
                return [f"{where}: {', '.join(found)} are about different things; set `each: false` for all of them"]
        return []

    def scalars(self) -> dict[str, ScalarFactor]:
        """Return the factors that are drawn as numbers."""
        return {name: factor for name, factor in self.factors.items() if isinstance(factor, ScalarFactor)}

    def the_one[F: BaseModel](self, kind: type[F]) -> tuple[str, F] | None:
        """Return the name and the entry of the factor of a kind that a policy has once at most."""
        return next(((name, entry) for name, entry in self.factors.items() if isinstance(entry, kind)), None)


def policy_schema() -> dict[str, Any]:
    """Return the JSON schema of a policy, as docs/schemas has it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Policy.model_json_schema()}
