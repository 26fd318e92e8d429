"""The numbers of all variants at once: policy and scene in, one array per factor out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.factor_kinds import KINDS
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.policies import Policy, ScalarFactor
from blueprint.pipeline.scene.robots import Robot

from .policy import PolicyError
from .quantiles import quantile
from .targets import ALL, NoSuchTarget, Target, scalar_targets
from .unit_draws import tied, unit_draws

Array = NDArray[np.float64]
Row = dict[tuple[str, str], Array]
"""What one variant drew: (what varies, target) to its numbers."""


class NothingToVary(InputError):
    """A policy has factors, and the scene has nothing for any of them."""

    def __init__(self, policy: str, scene: str, varies: list[str]) -> None:
        super().__init__(
            f"{scene}: nothing in this scene can vary by the policy {policy!r}, which varies {', '.join(varies)}. "
            "Choose another policy, or `off` for variants that are all alike"
        )


@dataclass(frozen=True, eq=False)
class DrawnFactor:
    """One scalar factor in one scene; `u` and `values` have the shape (variants, draws of their own, numbers).

    A factor whose targets share a draw has one column, whatever the number of targets.
    """

    name: str
    factor: ScalarFactor
    targets: tuple[Target, ...]
    u: Array
    values: Array

    def of(self, variant: int) -> Iterator[tuple[str, Array]]:
        """Return each target with its numbers in one variant."""
        for at, target in enumerate(self.targets):
            yield target.id, self.values[variant, at if self.factor.each else 0]


def check_policy(policy: Policy, manifest: SceneManifest, robot: Robot, source: str) -> dict[str, tuple[Target, ...]]:
    """Return the targets of every scalar factor; raises PolicyError with all that this scene does not allow."""
    faults: list[str] = []
    found: dict[str, tuple[Target, ...]] = {}
    for name, factor in policy.scalars().items():
        try:
            found[name] = scalar_targets(factor, manifest, robot)
        except NoSuchTarget as error:
            faults.append(f"factors.{name}.{error}")
            continue
        faults += [f"factors.{name}.values: {fault}" for fault in _impossible(factor, found[name])]
    faults += _doubled(policy, found)
    if faults:
        raise PolicyError(source, faults)
    return found


def draw_numbers(policy: Policy, targets: Mapping[str, tuple[Target, ...]], seed: int, count: int) -> list[DrawnFactor]:
    """Draw every scalar factor for `count` variants."""
    scalars = policy.scalars()
    columns = {
        name: [target.id for target in targets[name]] if factor.each else [ALL][: len(targets[name])]
        for name, factor in scalars.items()
    }
    even = {
        name: unit_draws(seed, name, columns[name], count, KINDS[factor.vary].draws)
        for name, factor in scalars.items()
        if columns[name]
    }
    even = tied(policy.correlations, even, columns)
    return [DrawnFactor(name, scalars[name], targets[name], u, _values(scalars[name], u)) for name, u in even.items()]


def _values(factor: ScalarFactor, u: Array) -> Array:
    values = quantile(factor.values, u)
    if KINDS[factor.vary].directed:
        values[..., 1:] = u[..., 1:]
    return values


def row_of(drawn: list[DrawnFactor], variant: int) -> Row:
    """Return what one variant drew."""
    return {(factor.factor.vary, target): numbers for factor in drawn for target, numbers in factor.of(variant)}


def _impossible(factor: ScalarFactor, targets: tuple[Target, ...]) -> Iterator[str]:
    kind, (low, high) = KINDS[factor.vary], factor.values.support()
    least, most = kind.limits
    unit = f" {kind.unit}" if kind.unit else ""
    if factor.manner != "scale":
        return
    bases = [(target.id, base) for target in targets for base in target.bases]
    if bases and not any(base for _, base in bases):
        yield f"{factor.vary} is 0 everywhere in this scene, which a factor cannot change; use `how: set`"
    for target, base in bases:
        if base and not least <= base * low <= base * high <= most:
            ends = f"{base * low:.4g} to {base * high:.4g}{unit}"
            possible = f"for it a factor between {least / base:.4g} and {most / base:.4g} is"
            yield f"{factor.vary} of {target} would be {ends}, possible are {least:g} to {most:g}{unit}; {possible}"


def _doubled(policy: Policy, found: Mapping[str, tuple[Target, ...]]) -> Iterator[str]:
    owners: dict[tuple[str, str], str] = {}
    said: set[tuple[str, str]] = set()
    for name, targets in found.items():
        vary = policy.scalars()[name].vary
        for target in targets:
            other = owners.setdefault((vary, target.id), name)
            if other != name and (other, name) not in said:
                said.add((other, name))
                yield (
                    f"factors.{name}.targets: {vary} of {target.id} already varies by {other!r}; "
                    "take it out of one of them with `leave_out`"
                )
