"""What a scan brings along, what it lacks, and what the lack costs later."""

from collections.abc import Iterator
from dataclasses import dataclass

from blueprint.pipeline.formats.raw_scan import RawCamera, RawMesh, RawObject, RawScan
from blueprint.pipeline.scene.poses import Vec3


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One kind of evidence: what was found, whether that is all of it, and what follows where it is not."""

    name: str
    found: str
    complete: bool
    cost: str = ""

    def text(self) -> str:
        """Return it as one line."""
        return self.found if self.complete or not self.cost else f"{self.found}: {self.cost}"


def list_evidence(scan: RawScan) -> tuple[EvidenceItem, ...]:
    """Return every kind of evidence that later stages ask for, in the order in which they do."""
    return (*_of_the_scene(scan), *_of_the_objects(scan))


def _of_the_scene(scan: RawScan) -> Iterator[EvidenceItem]:
    up, unit = scan.declared_up, scan.declared_metres_per_unit
    axis = "" if up is None else f"declared: {_axis_name(up)}"
    plane = "" if scan.floor_points is None else f"{len(scan.floor_points)} points"
    by_plane = "found from the floor plane" if plane else "found from things that stand on the floor, or assumed"
    yield EvidenceItem("up axis", axis or "not declared", bool(axis), f"it is {by_plane}")
    yield _there("floor plane", plane, "gravity rests on the up axis" if axis else "gravity may be off by degrees")
    yield EvidenceItem(
        "unit",
        "not declared" if unit is None else f"{unit:g} m",
        unit is not None,
        "the scale comes from usual sizes; one measured length (--ingest.measurements) makes it certain",
    )
    yield _there("camera", _lens(scan.camera), "its height is no evidence for the scale, and no view matches the photo")
    yield _there("photo", "" if scan.photo is None else scan.photo.name, "nothing to compare the result with")
    room = "" if scan.background is None else f"{len(scan.background.faces())} triangles"
    yield _there("background", room, "walls and ceiling are not known; only a floor is made")
    declared = scan.provenance.licence
    yield EvidenceItem("licence", declared, declared != "unknown", "nothing made of it can be certified for sale")


def _of_the_objects(scan: RawScan) -> Iterator[EvidenceItem]:
    yield _counted(
        "canonical meshes",
        scan,
        [entry for entry in scan.objects if entry.canonical is not None],
        "the upright side and heading of the rest are unknown",
    )
    textured = [entry for entry in scan.objects if _is_textured(entry.canonical or entry.posed)]
    yield _counted("textures", scan, textured, "the rest has plain colours")
    shown = {path.stem for path in scan.cutouts}
    masked = [entry for entry in scan.objects if entry.key in shown]
    yield _counted("masks", scan, masked, "the rest cannot be found in the photo")
    jointed = [entry for entry in scan.objects if entry.prediction is not None]
    named = f" ({', '.join(entry.label for entry in jointed)})" if jointed else ""
    yield EvidenceItem(
        "predictions",
        f"{len(jointed)} of {len(scan.objects)}{named}",
        bool(jointed),
        "doors and drawers are only found by their shape",
    )


def _axis_name(up: Vec3) -> str:
    axis = max(range(3), key=lambda index: abs(up[index]))
    return f"{'-' if up[axis] < 0 else '+'}{'XYZ'[axis]}"


def _lens(camera: RawCamera | None) -> str:
    return f"{camera.focal_px:.0f} px focal length, {camera.width_px} x {camera.height_px} px" if camera else ""


def _there(name: str, found: str, cost: str) -> EvidenceItem:
    return EvidenceItem(name, found or "missing", bool(found), cost)


def _counted(name: str, scan: RawScan, have: list[RawObject], cost: str) -> EvidenceItem:
    return EvidenceItem(name, f"{len(have)} of {len(scan.objects)}", len(have) == len(scan.objects), cost)


def _is_textured(mesh: RawMesh) -> bool:
    return any(surface.look.texture_png is not None for surface in mesh.surfaces)
