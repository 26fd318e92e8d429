"""What a judge compared, as JSON lines on standard output; standard library only, as judges live abroad."""

import json
import sys
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Comparison:
    """One comparison: what was compared, what came out, what would have been right."""

    what: str
    found: str
    wanted: str
    passed: bool


@dataclass
class Verdict:
    """Collects comparisons and prints each as it is made."""

    comparisons: list[Comparison] = field(default_factory=list)

    def equal(self, what: str, found: object, wanted: object) -> None:
        """Compare two values that must be the same."""
        self._note(Comparison(what, str(found), str(wanted), bool(found == wanted)))

    def at_most(self, what: str, found: float, limit: float, unit: str = "") -> None:
        """Compare a value with its upper limit; NaN does not pass."""
        self._note(
            Comparison(what, f"{found:.6g} {unit}".strip(), f"<= {limit:g} {unit}".strip(), bool(found <= limit))
        )

    def at_least(self, what: str, found: float, limit: float, unit: str = "") -> None:
        """Compare a value with its lower limit; NaN does not pass."""
        self._note(
            Comparison(what, f"{found:.6g} {unit}".strip(), f">= {limit:g} {unit}".strip(), bool(found >= limit))
        )

    def nothing(self, what: str, findings: list[str]) -> None:
        """Demand that a list of findings is empty; the first few are named."""
        found = "; ".join(findings[:5]) + (f"; and {len(findings) - 5} more" if len(findings) > 5 else "")
        self._note(Comparison(what, found or "none", "none", not findings))

    def exit_code(self) -> int:
        """Return 0 when something was compared and everything passed."""
        return 0 if self.comparisons and all(entry.passed for entry in self.comparisons) else 1

    def _note(self, comparison: Comparison) -> None:
        self.comparisons.append(comparison)
        sys.stdout.write(json.dumps(asdict(comparison)) + "\n")
        sys.stdout.flush()
