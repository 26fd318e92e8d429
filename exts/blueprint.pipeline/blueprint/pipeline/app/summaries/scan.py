"""Summarise a foreign scan, as far as reading it tells."""

from pathlib import Path

from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.formats.table import recognise

from .summary import Summary


def summarise_scan(folder: Path) -> Summary:
    """Return what a scan contains; raises ScanError where it cannot be read."""
    form = recognise(folder)
    scan = form.read(folder)
    name = folder.resolve().name
    data = {
        "kind": "scan",
        "format": form.name,
        "name": name,
        "objects": [{"key": each.key, "label": each.label, "remarks": list(each.remarks)} for each in scan.objects],
        "unusable": [{"key": each.key, "label": each.label, "reason": each.reason} for each in scan.failures],
        "predictions": [each.key for each in scan.objects if each.prediction is not None],
        "camera": scan.camera is not None,
        "photo": scan.photo is not None,
        "floor_points": scan.floor_points is not None,
        "metres_per_unit": scan.declared_metres_per_unit,
        "remarks": list(scan.remarks),
    }
    return Summary("scan", f"a scan in the format {form.name}: {name}", _rows(scan), data)


def _rows(scan: RawScan) -> tuple[tuple[str, str], ...]:
    declared = scan.declared_metres_per_unit
    jointed = [each.label for each in scan.objects if each.prediction is not None]
    rows = [
        ("objects", f"{len(scan.objects)}: {', '.join(each.label for each in scan.objects)}"),
        *(("unusable", f"{each.label}: {each.reason}") for each in scan.failures),
        ("joints", f"predicted for {', '.join(jointed)}" if jointed else "predicted for nothing"),
        ("photo", "there" if scan.photo is not None else "missing"),
        ("camera", "known" if scan.camera is not None else "unknown"),
        ("unit", "not declared" if declared is None else f"{declared:g} m"),
        *(("remark", remark) for remark in scan.remarks),
    ]
    return tuple(rows)
