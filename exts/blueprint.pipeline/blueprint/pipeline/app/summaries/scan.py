"""Summarise a foreign scan, as far as reading it tells: what it was recognised as, what it brings and what it lacks."""

from pathlib import Path

from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.formats.table import FORMATS, recognise, scores

from .scan_evidence import EvidenceItem, list_evidence
from .summary import Summary


def summarise_scan(folder: Path) -> Summary:
    """Return what a scan contains; raises ScanError where it cannot be read."""
    form = recognise(folder)
    found = scores(folder)
    scan = form.read(folder)
    evidence = list_evidence(scan)
    name = folder.resolve().name
    data = {
        "kind": "scan",
        "format": form.name,
        "score": found[form.name],
        "runners_up": {other: score for other, score in found.items() if other != form.name},
        "name": name,
        "objects": [{"key": each.key, "label": each.label, "remarks": list(each.remarks)} for each in scan.objects],
        "unusable": [{"key": each.key, "label": each.label, "reason": each.reason} for each in scan.failures],
        "predictions": [each.key for each in scan.objects if each.prediction is not None],
        "camera": scan.camera is not None,
        "photo": scan.photo is not None,
        "floor_points": scan.floor_points is not None,
        "metres_per_unit": scan.declared_metres_per_unit,
        "evidence": [
            {"name": item.name, "found": item.found, "complete": item.complete, "cost": item.cost} for item in evidence
        ],
        "remarks": list(scan.remarks),
    }
    recognised = _recognised(form.name, found)
    return Summary("scan", f"a scan in the format {form.name}: {name}", _rows(scan, recognised, evidence), data)


def _recognised(name: str, found: dict[str, float]) -> str:
    others = ", ".join(f"{other} {score:.2f}" for other, score in found.items() if other != name)
    rest = f"; also possible: {others}" if others else f"; no other of {len(FORMATS)} formats fits"
    return f"as {name}, score {found[name]:.2f} of 1{rest}"


def _rows(scan: RawScan, recognised: str, evidence: tuple[EvidenceItem, ...]) -> tuple[tuple[str, str], ...]:
    rows = [
        ("recognised", recognised),
        ("objects", f"{len(scan.objects)}: {', '.join(each.label for each in scan.objects)}"),
        *(("unusable", f"{each.label}: {each.reason}") for each in scan.failures),
        *((item.name, item.text()) for item in evidence),
        *((each.key, remark) for each in scan.objects for remark in each.remarks),
        *(("remark", remark) for remark in scan.remarks),
    ]
    return tuple(rows)
