"""NVIDIA's SimReady validator judges every asset of a scene against Robotics-Prop 4.0.0. Argument: scene folder."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import simready.validate as validate
from verdict import Verdict

PROFILE, VERSION = "Robotics-Prop", "4.0.0"
MULTI_BODY = ("FET_004_STANDARD", "FET_004_PHYSX")
WELCOME = ("FET_003_PHYSX", "FET_007_STANDARD", "FET_010_STANDARD")
"""Features that the profile leaves to the maker and that every prop of ours has all the same."""


def main(folder: Path) -> int:
    """Judge the scene's assets as they lie there, thumbnails and dates included."""
    verdict = Verdict()
    wanted = [entry["asset_path"] for entry in json.loads((folder / "scene.json").read_bytes())["props"]]
    verdict.at_least("props in the scene", len(wanted), 1)
    # It warns about itself at length.
    logging.disable(logging.CRITICAL)
    validate.initialize([], [], [])
    for path in wanted:
        _judge(verdict, folder / path)
    validate.destroy()
    return verdict.exit_code()


def _judge(verdict: Verdict, asset: Path) -> None:
    result = validate.validate_asset(
        validate.AssetValidationConfig(
            asset_path=str(asset), profile_id=PROFILE, profile_version=VERSION, write_metadata=False
        )
    )
    passed = validate.features_summary_passed(result.features_summary)
    features = {name for name, entry in result.features_summary.items() if entry["passed"]}
    name = asset.stem
    verdict.nothing(f"{name}: blocking issues of {PROFILE} {VERSION}", [_sentence(issue) for issue in result.issues])
    verdict.equal(f"{name}: passes, with {len(features)} of {len(result.features_summary)} features", passed, True)
    missing = [feature for feature in _expected(asset) if feature not in features]
    verdict.nothing(f"{name}: features beyond the required ones that are lacking", missing)


def _expected(asset: Path) -> tuple[str, ...]:
    from pxr import Usd, UsdPhysics

    stage = Usd.Stage.Open(str(asset))
    bodies = sum(prim.HasAPI(UsdPhysics.RigidBodyAPI) for prim in stage.Traverse())
    return (*WELCOME, *(MULTI_BODY if bodies > 1 else ()))


def _sentence(issue: Any) -> str:
    code = issue.requirement.code if issue.requirement else "no code"
    return f"{code}: {issue.message}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
