"""What a check measured: a value, its limit, and whether that stops the run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check.

    `value` None means "not measured", which never passes. `limit` is a sentence such as "<= 0.02".
    """

    name: str
    value: float | None
    unit: str
    limit: str
    passed: bool
    blocking: bool = True
    why: str = ""

    def sentence(self) -> str:
        """Say the check in one line."""
        # The unit 1 of a ratio is not said.
        unit = "" if self.unit == "1" else self.unit
        value = "not measured" if self.value is None else f"{self.value:.6g} {unit}".rstrip()
        limit = self.limit.removesuffix(" 1") if self.unit == "1" else self.limit
        verdict = "passed" if self.passed else ("FAILED" if self.blocking else "failed, not blocking")
        return f"{self.name}: {value} ({limit}) {verdict}" + (f"; {self.why}" if self.why else "")


def check_at_most(
    name: str, value: float | None, limit: float, *, unit: str, blocking: bool = True, why: str = ""
) -> Check:
    """Measure a value against an upper limit; None fails."""
    passed = value is not None and value <= limit
    return Check(name, value, unit, f"<= {limit:g} {unit}".rstrip(), passed, blocking, why)


def check_at_least(
    name: str, value: float | None, limit: float, *, unit: str, blocking: bool = True, why: str = ""
) -> Check:
    """Measure a value against a lower limit; None fails."""
    passed = value is not None and value >= limit
    return Check(name, value, unit, f">= {limit:g} {unit}".rstrip(), passed, blocking, why)
