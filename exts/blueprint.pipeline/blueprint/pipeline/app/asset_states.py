"""The state of a scene's assets: what was proven last, and what our own checks say now."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from blueprint.pipeline.app.runs import RUN_FILE, RunFolder
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.proofs import AssetState, Proof
from blueprint.pipeline.scene.records import Proven
from blueprint.pipeline.usd.profile import PROFILE, PROFILE_VERSION

_SHOWN = 3
_NO_PXR = "own checks need pip install 'blueprint-pipeline[scene]'"


@dataclass(frozen=True, slots=True)
class AssetReport:
    """What is known of one asset; `proven` is None where no proof says anything, `findings` where nothing could check.

    `proof` is the file with the proof, relative to the run.
    """

    asset: str
    proven: AssetState | None
    proof: str
    findings: tuple[str, ...] | None

    @property
    def verdict(self) -> str:
        """Say in one line whether the profile's validator passed it, and never let own checks stand for that."""
        state = self.proven
        if state is None or state.verdict == "not checked":
            why = f" ({state.findings[0]})" if state is not None and state.findings else ""
            return f"not judged by the validator of {PROFILE} {PROFILE_VERSION}{why}; {self._own()}"
        judged = f"{state.verdict} {state.profile} {state.profile_version} (by {state.validator}; {self.proof})"
        features = f", {sum(each.passed for each in state.features)} of {len(state.features)} features"
        return judged + features + (f": {_some(state.findings)}" if state.findings else "") + f"; {self._own()}"

    def _own(self) -> str:
        if self.findings is None:
            return _NO_PXR
        return f"own checks find {_some(self.findings)}" if self.findings else "own checks find nothing"


def report_assets(scene_folder: Path, assets: Mapping[str, Path]) -> tuple[AssetReport, ...]:
    """Return the state of assets (prop id to root file) of a scene, in the given order."""
    proof, where = _last_proof(scene_folder)
    states = {state.prop: state for state in proof.assets} if proof else {}
    return tuple(AssetReport(name, states.get(name), where, own_findings(path)) for name, path in assets.items())


def own_findings(asset: Path) -> tuple[str, ...] | None:
    """Return what our own checks find in an asset; None where USD is not installed."""
    if find_spec("pxr") is None:
        return None
    from blueprint.pipeline.formats.usd_confined import ForeignUsdRefused, ReadLimits, check_confined
    from blueprint.pipeline.usd.asset_checks import check_asset

    if not asset.is_file():
        return (f"NP.008: {asset.name} does not exist",)
    try:
        # A scene may come from elsewhere, so nothing is opened that leads out of the asset's folder.
        check_confined(asset, asset.parent.parent, ReadLimits())
    except ForeignUsdRefused as refused:
        return refused.faults
    return tuple(map(str, check_asset(asset)))


def _last_proof(scene_folder: Path) -> tuple[Proof | None, str]:
    """Return the proof of the run whose scene a folder is, and the file it lies in."""
    root = scene_folder.resolve().parent
    record = RunFolder(root).record("prove") if (root / RUN_FILE).is_file() else None
    if record is None or not (record / Proven.PROOF_FILE).is_file():
        return None, ""
    path = record / Proven.PROOF_FILE
    return load(path, Proof), path.relative_to(root).as_posix()


def _some(findings: tuple[str, ...]) -> str:
    more = f"; and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    return "; ".join(findings[:_SHOWN]) + more
