"""Proofs: what validators and trials in the engines measured about an assembled scene."""

from dataclasses import dataclass
from typing import Literal

TrialKind = Literal["rest", "drop", "push", "sweep"]
AssetVerdict = Literal["passes", "fails", "not checked"]
EngineState = Literal["ran", "not installed", "not asked for", "failed"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured number; `value` None reads "not measured"."""

    name: str
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One number over another, such as a path over time or over a force, thinned for a plot."""

    name: str
    unit: str
    over_unit: str
    over: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of one prop, or of one of its joints (`subject` is then `<prop>/<joint>`), in one engine.

    `outcome` is `holds`, or says what went wrong with prop, joint and mm, deg or N; `detail` says what else was seen.
    """

    kind: TrialKind
    subject: str
    engine: str
    outcome: str
    measures: tuple[Measure, ...]
    traces: tuple[Trace, ...] = ()
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing went wrong."""
        return self.outcome == HOLDS

    def value(self, name: str) -> float | None:
        """Return a measure's value by name; None where it was not measured."""
        return next((measure.value for measure in self.measures if measure.name == name), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two engines are apart in one quantity of one trial; `limit` None means that nothing was promised."""

    kind: TrialKind
    subject: str
    quantity: str
    unit: str
    first: float | None
    second: float | None
    difference: float
    limit: float | None = None

    @property
    def agrees(self) -> bool:
        """Whether the engines are as close as was promised."""
        return self.limit is None or self.difference <= self.limit


@dataclass(frozen=True, slots=True)
class EngineRun:
    """An engine that was to carry out the trials; `why` says why it did not."""

    engine: str
    version: str
    state: EngineState
    why: str = ""


@dataclass(frozen=True, slots=True)
class FeatureState:
    """What a validator says of one feature of a profile; one that is not `passed` fails the asset if `blocking`."""

    name: str
    version: str
    passed: bool
    blocking: bool


@dataclass(frozen=True, slots=True)
class AssetState:
    """What a validator of SimReady assets says of one prop against a profile; `validator` is its name and version.

    `findings` are blocking, each as "requirement: message (at prim)"; of what is not checked they say why.
    `own_findings` are those of our own checks, which are no validator's; None where they were not made.
    """

    prop: str
    profile: str
    profile_version: str
    verdict: AssetVerdict
    validator: str = ""
    findings: tuple[str, ...] = ()
    features: tuple[FeatureState, ...] = ()
    own_findings: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """`proof.json`: the evidence for a scene's assets and physics."""

    scene: str
    engines: tuple[EngineRun, ...]
    trials: tuple[Trial, ...]
    differences: tuple[Difference, ...]
    assets: tuple[AssetState, ...] = ()
    format: str = "blueprint.proof"
    version: int = 1


HOLDS = "holds"
