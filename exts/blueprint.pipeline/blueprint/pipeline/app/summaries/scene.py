"""Summarise an assembled scene."""

from pathlib import Path

from blueprint.pipeline.app.asset_states import report_assets
from blueprint.pipeline.app.figures import mass_text, position_text, size_text
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.codec import load, to_plain
from blueprint.pipeline.scene.manifests import SceneManifest

from .summary import Summary

MANIFEST_FILE = "scene.json"
FORMAT_VERSION = 2


def summarise_scene(folder: Path) -> Summary:
    """Return what stands in a scene; raises ScanError where its manifest does not fit."""
    manifest = load(folder / MANIFEST_FILE, SceneManifest)
    if manifest.version > FORMAT_VERSION:
        raise ScanError(MANIFEST_FILE, f"version {manifest.version} is newer than this program", expected="an upgrade")
    variants = sorted(path.name for path in (folder / "variants").glob("*.usda"))
    robot = manifest.robot
    reports = report_assets(folder, {entry.prop.id: folder / entry.asset_path for entry in manifest.props})
    rows = [
        *(("prop", f"{e.prop.id}: {e.semantics.role}, {size_text(e.prop.size_m)}, {mass_text(e.mass_kg())}")
          for e in manifest.props),
        *(("asset", f"{report.asset}: {report.verdict}") for report in reports),
        *(("left out", f"{entry.id}: {entry.reason}") for entry in manifest.left_out),
        ("robot", f"{robot.name} at {position_text(robot.T_world_base.position_m)}"),
        ("reaches", ", ".join(robot.reaches) or "nothing"),
        ("cameras", ", ".join(camera.name for camera in manifest.cameras)),
        ("variants", str(len(variants))),
    ]  # fmt: skip
    assets = {report.asset: report.verdict for report in reports}
    data = {"kind": "scene", **to_plain(manifest), "variants": variants, "assets": assets}
    return Summary("scene", f"an assembled scene: {manifest.id}, {len(manifest.props)} props", tuple(rows), data)
