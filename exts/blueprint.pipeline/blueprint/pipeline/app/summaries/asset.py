"""Summarise one prop's asset."""

from pathlib import Path
from typing import Any

from blueprint.pipeline.app.asset_states import AssetReport, report_assets
from blueprint.pipeline.scene.codec import load, to_plain
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.usd.asset_files import ASSET_DIRECTORY

from .scene import MANIFEST_FILE
from .summary import Summary

_LEVELS_BELOW_SCENE = 4


def asset_in(path: Path) -> Path | None:
    """Return the root file of the asset that a path is: that file, its folder, or the folder around both."""
    if path.is_file():
        return path if path.parent.name == ASSET_DIRECTORY and path.suffix == ".usda" else None
    folder = path if path.name == ASSET_DIRECTORY else path / ASSET_DIRECTORY
    found = sorted(folder.glob("*.usda"))
    return found[0] if len(found) == 1 else None


def summarise_asset(asset: Path) -> Summary:
    """Return what is known of an asset: against the profile where it was proven, by our own checks now."""
    asset = asset.resolve()
    scene = asset.parents[_LEVELS_BELOW_SCENE - 1]
    (report,) = report_assets(scene, {_prop_id(scene, asset): asset})
    data = {"kind": "asset", **asset_data(report)}
    features = report.proven.features if report.proven else ()
    rows = [
        ("state", report.verdict),
        *(("finding", finding) for finding in (report.proven.findings if report.proven else ())),
        *(("own finding", finding) for finding in report.findings or ()),
        *(("feature", f"{each.name} {each.version}: {_word(each.passed, each.blocking)}") for each in features),
    ]
    return Summary("asset", f"an asset: {report.asset}", tuple(rows), data)


def asset_data(report: AssetReport) -> dict[str, Any]:
    """Return a report as plain data; what is not known is null."""
    return {
        "asset": report.asset,
        "proven": to_plain(report.proven) if report.proven else None,
        "proof": report.proof or None,
        "own_findings": list(report.findings) if report.findings is not None else None,
    }


def _word(passed: bool, blocking: bool) -> str:
    return "has it" if passed else "LACKS IT" if blocking else "does not have it, and need not"


def _prop_id(scene: Path, asset: Path) -> str:
    if not (scene / MANIFEST_FILE).is_file():
        return asset.stem
    manifest = load(scene / MANIFEST_FILE, SceneManifest)
    wanted = asset.relative_to(scene).as_posix()
    return next((entry.prop.id for entry in manifest.props if entry.asset_path == wanted), asset.stem)
