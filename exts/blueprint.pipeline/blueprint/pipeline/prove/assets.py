"""What the profile's validator, where there is one, and our own checks say of a scene's assets."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.scene.proofs import AssetState
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.usd.asset_checks import check_asset
from blueprint.pipeline.usd.profile import DEADLINE_S, PROFILE, PROFILE_VERSION, judge_assets


def judge_props(
    assembled: Assembled, python: Path | None = None, deadline_s: float = DEADLINE_S
) -> tuple[AssetState, ...]:
    """Return the state of every prop's asset; `python` is the interpreter that has the validator, this one if None."""
    assets = {entry.prop.id: assembled.scene_folder / entry.asset_path for entry in assembled.manifest.props}
    states = judge_assets(assets, python, deadline_s)
    # Inside a record nothing is dated, so no date is missed here.
    own = {name: tuple(map(str, check_asset(path, dated=False))) for name, path in assets.items()}
    return tuple(replace(state, own_findings=own[state.prop]) for state in states)


def asset_checks(states: Sequence[AssetState]) -> tuple[Check, ...]:
    """Return one check per judge; a validator that judged nothing is none."""
    broken = sum(bool(state.own_findings) for state in states)
    own = check_at_most(
        "props that break a rule of our own checks of assets", float(broken), 0.0, unit="", blocking=False
    )
    judged = [state for state in states if state.verdict != "not checked"]
    if not judged:
        return (own,)
    failing = sum(state.verdict == "fails" for state in judged)
    name = f"props that fail {PROFILE} {PROFILE_VERSION}, of {len(judged)} judged"
    return (own, check_at_most(name, float(failing), 0.0, unit="", blocking=False))
