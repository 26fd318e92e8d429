"""Judges assets in the validator's own Python; needs nothing of ours. Arguments: request file, answer file.

The request is a JSON object: profile, version, assets (name to file). The answer has a JSON line that says which
validator this is, for the asset "", and one per asset, written as soon as it is known, so that a validator that dies
has told what it knew.
"""

import importlib
import json
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

NOT_INSTALLED = 3
MOST_FINDINGS = 40
MOST_CHARACTERS = 400
DISTRIBUTIONS = ("simready-validate", "simready-foundation-tier-core")


def main(request: Path, answer: Path) -> int:
    """Judge every asset of a request; returns NOT_INSTALLED where there is no validator to ask."""
    # It warns about itself at length.
    logging.disable(logging.CRITICAL)
    try:
        validate = importlib.import_module("simready.validate")
        importlib.import_module("simready.foundation.tier_core")
    except ImportError:
        return NOT_INSTALLED
    asked = json.loads(request.read_bytes())
    validate.initialize([], [], [])
    with answer.open("w", encoding="utf-8") as lines:
        names = ", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS)
        lines.write(json.dumps({"asset": "", "validator": names}) + "\n")
        for name, path in asked["assets"].items():
            config = validate.AssetValidationConfig(
                asset_path=path, profile_id=asked["profile"], profile_version=asked["version"], write_metadata=False
            )
            lines.write(json.dumps({"asset": name, **_judged(validate, validate.validate_asset(config))}) + "\n")
            lines.flush()
    validate.destroy()
    return 0


def _judged(validate: Any, result: Any) -> dict[str, Any]:
    summary = result.features_summary
    return {
        "passes": bool(validate.features_summary_passed(summary)),
        "findings": _findings(result.issues),
        "features": [
            {
                "name": name,
                "version": str(entry["version"]),
                "passed": bool(entry["passed"]),
                "blocking": bool(validate.is_blocking_failure(entry)),
            }
            for name, entry in sorted(summary.items())
        ],
    }


def _findings(issues: Sequence[Any]) -> list[str]:
    said = sorted({_sentence(issue) for issue in issues})
    more = [f"and {len(said) - MOST_FINDINGS} more"] if len(said) > MOST_FINDINGS else []
    return said[:MOST_FINDINGS] + more


def _sentence(issue: Any) -> str:
    code = issue.requirement.code.removeprefix("com.nvidia.").split(".", 1)[-1] if issue.requirement else "no code"
    prim = _prim(issue.at)
    message = " ".join(str(issue.message).split())[:MOST_CHARACTERS]
    return f"{code}: {message}" + (f" (at {prim})" if prim else "")


def _prim(at: Any) -> str:
    """Return the path of the prim that an issue is about; issues about a whole stage have none."""
    for step in ("prim_id", "attribute_id", "property_id"):
        at = getattr(at, step, at)
    path = getattr(at, "path", None)
    return str(path) if path is not None and str(path).startswith("/") else ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
