"""The table of scan formats: a folder is recognised by what it contains, not by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.errors import ScanError, UnknownName

from . import plain_folder, regen3d, sam3d, simple_layout, usd_scene
from .raw_scan import RawScan

_LISTED = 12


@dataclass(frozen=True, slots=True)
class ScanFormat:
    """One format: how surely a folder has it (0 to 1), which of its files are read, and the reader."""

    name: str
    looked_for: str
    score: Callable[[Path], float]
    files: Callable[[Path], dict[str, Path]]
    read: Callable[[Path], RawScan]


FORMATS = {
    module.NAME: ScanFormat(module.NAME, module.LOOKED_FOR, module.score, module.files, module.read)
    for module in (regen3d, simple_layout, sam3d, usd_scene, plain_folder)
}


def scores(source: Path) -> dict[str, float]:
    """Return how surely a folder has each format, the surest first; formats that it cannot have are left out."""
    found = {name: entry.score(source) for name, entry in FORMATS.items()}
    return {name: value for name, value in sorted(found.items(), key=lambda item: -item[1]) if value > 0}


def recognise(source: Path, name: str | None = None) -> ScanFormat:
    """Return the format of a folder, or the named one; raises ScanError saying what was looked for and found."""
    if name is not None:
        if name not in FORMATS:
            raise UnknownName("scan format", name, FORMATS)
        return FORMATS[name]
    if not source.is_dir():
        raise ScanError(source.name or str(source), "is not a folder." if source.exists() else "does not exist.",
                        expected="the folder of a scan")  # fmt: skip
    found = scores(source)
    if not found:
        looked = "; ".join(entry.looked_for for entry in FORMATS.values())
        raise ScanError(source.name, f"is no scan. Looked for {looked}. Found {_content(source)}.")
    return FORMATS[next(iter(found))]


def _content(folder: Path) -> str:
    names = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    if not names:
        return "an empty folder"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
