"""Randomization policies as data: which factors vary, by which distribution, on which targets, tied to which others.

A policy names no simulator. `randomize` draws variants by it, `formats` write it for other programs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, model_validator

from blueprint.pipeline.scene.props import Role

FORMAT = "blueprint.randomization"
FORMAT_VERSION = 1
UNBOUNDED_STDS = 3.0
"""A normal distribution is always cut: there, where its policy says nothing."""

How = Literal["scale", "add", "set"]
Subject = Literal["prop", "jointed", "light", "camera", "drive", "robot"]
ScalarName = Literal[
    "mass",
    "friction",
    "restitution",
    "joint_damping",
    "joint_friction",
    "drive_stiffness",
    "drive_damping",
    "color",
    "light_color",
    "light_intensity",
    "light_azimuth",
    "light_elevation",
    "camera_shift",
    "camera_turn",
    "focal_length",
    "exposure",
    "rgb_noise",
    "depth_noise",
    "latency",
    "start_pose",
]


class _Entry(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """A block of a policy."""


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


class Uniform(_Entry, frozen=True):
    """Every value of a span is equally likely."""

    uniform: Span = Field(description="Low and high end, in the factor's unit.")

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.uniform


class LogUniform(_Entry, frozen=True):
    """Every ratio is equally likely: halving as likely as doubling."""

    log_uniform: Annotated[tuple[float, float], AfterValidator(_positive)] = Field(
        description="Low and high end, both above 0, in the factor's unit."
    )

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.log_uniform


class Bell(_Entry, frozen=True):
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


class Normal(_Entry, frozen=True):
    """A bell curve, cut at both ends; values beyond are never drawn."""

    normal: Bell = Field(description="Mean, deviation and where it is cut.")

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.normal.limits()


class Choice(_Entry, frozen=True):
    """One of a few values."""

    choice: tuple[float, ...] = Field(min_length=1, description="The values, in the factor's unit.")
    weights: tuple[float, ...] = Field(default=(), description="How likely each is; equally where left out.")

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        if self.weights and (
            len(self.weights) != len(self.choice) or min(self.weights) < 0 or sum(self.weights) <= 0
        ):
            raise ValueError(f"weights are one number of at least 0 for each of the {len(self.choice)} values")
        return self

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return min(self.choice), max(self.choice)


class Constant(_Entry, frozen=True):
    """Always the same value: a setting rather than a draw."""

    constant: float = Field(description="The value, in the factor's unit.")

    def support(self) -> tuple[float, float]:
        """Return the value twice."""
        return self.constant, self.constant


DISTRIBUTIONS = ("uniform", "log_uniform", "normal", "choice", "constant")


def _shape_of(value: Any) -> str | None:
    names = value if isinstance(value, Mapping) else type(value).model_fields if isinstance(value, BaseModel) else ()
    return next((name for name in DISTRIBUTIONS if name in names), None)


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


class Targets(_Entry, frozen=True):
    """What a factor is drawn for; what is left out does not narrow the choice."""

    ids: tuple[str, ...] = Field(default=(), description="Ids of props, or names of lights, cameras or robot joints.")
    categories: tuple[str, ...] = Field(default=(), description="Categories of props, of config/categories.yaml.")
    roles: tuple[Role, ...] = Field(default=(), description="Roles of props; where left out, those that fit the factor.")
    mounts: tuple[Literal["world", "link"], ...] = Field(
        default=(), description="Cameras fixed in the world, or carried by a link."
    )
    leave_out: tuple[str, ...] = Field(default=(), description="Ids or names that are not targets.")


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be said about a scalar factor without a scene.

    `hows` begins with the default; `limits` bound the value that results, `draws` is how many numbers one target takes.
    """

    unit: str
    subject: Subject
    hows: tuple[How, ...]
    limits: tuple[float, float]
    meaning: str
    draws: int = 1


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "mass": Kind("kg", "prop", ("scale", "set"), (0.001, 1000.0), "mass of a prop, its inertia with it"),
        "friction": Kind("", "prop", ("scale", "set"), (0.0, 2.0), "dynamic friction of a prop, static keeps its ratio"),
        "restitution": Kind("", "prop", ("set",), (0.0, 0.9), "share of its speed with which a prop bounces back"),
        "joint_damping": Kind(
            "N m s/rad or N s/m", "jointed", ("scale", "set"), (0.0, 1e4), "damping of furniture's joints"
        ),
        "joint_friction": Kind("N m or N", "jointed", ("scale", "set"), (0.0, 1e3), "dry friction of furniture's joints"),
        "drive_stiffness": Kind("", "drive", ("scale",), (0.01, 100.0), "stiffness of the robot's position servos"),
        "drive_damping": Kind("", "drive", ("scale",), (0.01, 100.0), "damping of the robot's position servos"),
        "color": Kind("", "prop", ("scale",), (0.0, 4.0), "linear red, green and blue of a prop's looks", 3),
        "light_color": Kind("", "light", ("scale",), (0.0, 4.0), "linear red, green and blue of a lamp", 3),
        "light_intensity": Kind("", "light", ("scale", "set"), (0.0, 10.0), "brightness of a lamp; 1 is a bright room"),
        "light_azimuth": Kind("deg", "light", ("add",), (-180.0, 180.0), "turn of a lamp about the vertical"),
        "light_elevation": Kind("deg", "light", ("add",), (-90.0, 90.0), "rise of a lamp, never below 20 degrees"),
        "camera_shift": Kind("m", "camera", ("add",), (0.0, 1.0), "distance by which a camera is off its place", 3),
        "camera_turn": Kind("deg", "camera", ("add",), (0.0, 45.0), "angle by which a camera is off its direction", 3),
        "focal_length": Kind("px", "camera", ("scale", "set"), (16.0, 16384.0), "focal length of a camera"),
        "exposure": Kind("stops", "camera", ("add",), (-6.0, 6.0), "brightness of the picture in powers of two"),
        "rgb_noise": Kind("of 255", "camera", ("set",), (0.0, 64.0), "standard deviation of a pixel's colour"),
        "depth_noise": Kind("m", "camera", ("set",), (0.0, 0.1), "standard deviation of depth at 1 m, growing as its square"),
        "latency": Kind("s", "robot", ("set",), (0.0, 1.0), "time from sending a command to its taking effect"),
        "start_pose": Kind("rad", "drive", ("add",), (-0.5, 0.5), "offset of the arm's joints at the start"),
    }
)  # fmt: skip
"""Limits are what engines and people can use: reference figures for density, friction and mass, or plain geometry."""

COLLISION_ATTEMPTS = 50


class ScalarFactor(_Entry, frozen=True):
    """One number per target, or one for all of them."""

    vary: ScalarName = Field(description="What varies.")
    how: How | None = Field(
        default=None, description="Whether the drawn number multiplies what the scene has, is added to it, or replaces it."
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


class PoseFactor(_Entry, frozen=True):
    """Movable props stand elsewhere on their support: free of overlap, on it, and within the robot's ring."""

    vary: Literal["poses"] = Field(description="What varies.")
    over: Literal["around", "surface"] = Field(
        default="around", description="Around where a prop rests, or anywhere on the surface that carries it."
    )
    shift_m: float = Field(default=0.08, ge=0, le=2, description="Largest shift from where it rests, in metres.")
    turn_deg: float = Field(default=45.0, ge=0, le=180, description="Largest turn about the vertical, in degrees.")
    gap_m: float = Field(default=0.03, ge=0, le=1, description="Least gap to other things, in metres.")
    edge_m: float = Field(default=0.02, ge=0, le=1, description="Least distance from the support's edge, in metres.")
    near_share: float = Field(default=0.35, ge=0, le=1, description="Inner radius of the ring, share of the reach.")
    far_share: float = Field(default=0.84, gt=0, le=1.5, description="Outer radius of the ring, share of the reach.")
    attempts: int = Field(default=60, ge=1, le=10000, description="Draws per prop before it stays where it is.")
    targets: Targets = Field(default=Targets(), description="Which movable props.")

    @model_validator(mode="after")
    def _ring(self) -> Self:
        if self.near_share >= self.far_share:
            raise ValueError(f"near_share {self.near_share:g} has to be below far_share {self.far_share:g}")
        return self


class TextureFactor(_Entry, frozen=True):
    """Props wear the picture of another of the targets, or none; licences are those of the scene's own assets."""

    vary: Literal["texture"] = Field(description="What varies.")
    swapped: float = Field(default=0.3, ge=0, le=1, description="Share of draws in which a prop wears another's picture.")
    targets: Targets = Field(default=Targets(), description="Which textured props, and whose pictures.")


class DistractorFactor(_Entry, frozen=True):
    """Further things stand about: doubles of the scene's own movable props, which no task names."""

    vary: Literal["distractors"] = Field(description="What varies.")
    count: Distribution = Field(description="How many; rounded to whole numbers, at most 16.")
    gap_m: float = Field(default=0.03, ge=0, le=1, description="Least gap to other things, in metres.")
    edge_m: float = Field(default=0.02, ge=0, le=1, description="Least distance from the support's edge, in metres.")
    attempts: int = Field(default=100, ge=1, le=10000, description="Draws of a place before one is left away.")
    targets: Targets = Field(default=Targets(), description="Which movable props have doubles.")

    @model_validator(mode="after")
    def _countable(self) -> Self:
        low, high = self.count.support()
        if low < 0 or high > MOST_DISTRACTORS:
            raise ValueError(f"count: {low:g} to {high:g} is outside what is possible: 0 to {MOST_DISTRACTORS}")
        return self


MOST_DISTRACTORS = 16
FactorEntry = Annotated[ScalarFactor | PoseFactor | TextureFactor | DistractorFactor, Field(discriminator="vary")]


class Correlation(_Entry, frozen=True):
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


class Policy(_Entry, frozen=True):
    """How variants of a scene differ."""

    format: Literal["blueprint.randomization"] = Field(description="Name of the file format.")
    version: Literal[1] = Field(description="Version of the file format.")
    name: Name = Field(description="Name of the policy, in small letters, digits and underscores.")
    description: str = Field(default="", description="What it is for, in a sentence.")
    factors: dict[Name, FactorEntry] = Field(
        default_factory=dict[str, FactorEntry],
        description="What varies; each factor's name is that of its random stream, so the others stay when one is added.",
    )
    correlations: tuple[Correlation, ...] = Field(default=(), description="Which factors go together.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = [fault for at, entry in enumerate(self.correlations) for fault in self._faults(at, entry)]
        tied = [name for entry in self.correlations for name in entry.factors]
        faults += [f"correlations: {name!r} is in more than one of them" for name in sorted({*tied}) if tied.count(name) > 1]
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
            return [f"{where}: {name} is drawn as several numbers; only factors of one number go together" for name in odd]
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
