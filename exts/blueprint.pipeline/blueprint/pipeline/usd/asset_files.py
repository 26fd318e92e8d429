"""Which files an asset's folder holds beside its USD: a thumbnail, and outside the records a date.

The layout is that of SimReady: `<asset>/<one folder>/<asset>.usda`, thumbnails in a hidden folder beside it, metadata
that no USD carries in a JSON file of the same name. Needs no pxr.
"""

from pathlib import Path

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.store import replace_file

ASSETS = "assets"
ASSET_DIRECTORY = "simready_usd"
DATE_FIELD = "usd_date_generated"
_THUMBNAILS = Path(".thumbs") / "256x256"


def asset_files(scene_folder: Path) -> tuple[Path, ...]:
    """Return the root file of every prop's asset below a scene's folder, by name."""
    return tuple(sorted(scene_folder.glob(f"{ASSETS}/*/{ASSET_DIRECTORY}/*.usda")))


def thumbnail_of(asset: Path) -> Path:
    """Return where the picture of an asset's root file lies."""
    return asset.parent / _THUMBNAILS / f"{asset.name}.png"


def sidecar_of(asset: Path) -> Path:
    """Return the file with the metadata that the asset's USD does not carry."""
    return asset.with_suffix(".json")


def stamp_date(asset: Path, date: str) -> None:
    """Write the day of an asset's making (YYYY-MM-DD) beside it.

    Never inside a record, where it would differ from run to run: SimReady wants a date, and takes it from here.
    """
    replace_file(sidecar_of(asset), canonical_json({DATE_FIELD: date}))
