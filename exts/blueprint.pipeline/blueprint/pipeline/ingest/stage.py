"""The stage that reads a scan."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.records import Ingested, Reconstructed
from blueprint.pipeline.scene.slugs import identifier_slug

from .measurements import EXAMPLES, parse_measurement


class IngestSettings(Settings, frozen=True):
    """How a scan is read and brought to metres."""

    source: Path | None = Field(
        default=None, description="Folder of the scan; what is in it decides the result.", json_schema_extra=NOT_IN_KEY
    )
    scene_id: str = Field(default="", description="Name of the scene; left empty, it is the name of the scan's folder.")
    format: Literal["regen3d", "simple_layout", "sam3d", "usd_scene", "plain_folder"] | None = Field(
        default=None, description="Format of the scan; left empty, it is recognised by the folder's content."
    )
    measurements: tuple[str, ...] = Field(
        default=(), description=f"True sizes in metres that decide the scale: {EXAMPLES}."
    )
    metres_per_unit: float | None = Field(
        default=None, gt=0, description="Length of a scan unit in metres, which overrules all evidence."
    )
    camera_height_m: float | None = Field(
        default=None, gt=0, lt=100, description="Measured height of the photo's camera above the floor in metres."
    )
    straighten: bool = Field(
        default=True,
        description="Whether things are set upright that lean by the camera's tilt, or slightly on a flat base.",
    )
    on_bad_object: Literal["leave_out", "fail"] = Field(
        default="leave_out",
        description="What happens when an object cannot be used: it is left out and named, or the run fails.",
    )
    corrections: Path | None = Field(
        default=None, description="Comes from the recipe's `corrections`.", json_schema_extra=NOT_IN_KEY
    )

    @model_validator(mode="before")
    @classmethod
    def _named_after_folder(cls, data: Any) -> Any:
        # The name enters the key, so a record never depends on where the scan's folder happens to lie.
        if isinstance(data, dict) and data.get("source") and not data.get("scene_id"):
            return {**data, "scene_id": _folder_name(Path(data["source"]))}
        return data

    @field_validator("source", mode="before")
    @classmethod
    def _paths_are_not_empty(cls, path: Any) -> Any:
        # An empty path would mean the working folder, or the recipe's.
        if isinstance(path, str) and not path.strip():
            raise ValueError("is empty; name a path, or leave the field out")
        return path

    @field_validator("scene_id")
    @classmethod
    def _scene_id_is_an_identifier(cls, name: str) -> str:
        if name and identifier_slug(name) != name:
            raise ValueError(f"is no identifier of ASCII letters, digits and _; write {identifier_slug(name)!r}")
        return name

    @field_validator("measurements")
    @classmethod
    def _measurements_are_readable(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            parse_measurement(text)
        return texts


def _folder_name(source: Path) -> str:
    place = source.resolve()
    return scene_name(place.parent.name if place.name == "output" else place.name)


def scene_name(name: str) -> str:
    """Return the name of a scene after that of its folder or photo."""
    try:
        return identifier_slug(name)
    except ValueError:
        return "scan"


def _foreign(settings: IngestSettings) -> Mapping[str, Any]:
    """Return what comes from outside and decides the result; raises ScanError where the folder is no scan."""
    from blueprint.pipeline.formats.table import recognise
    from blueprint.pipeline.resources import resource_path
    from blueprint.pipeline.scene.categories import CATEGORIES_FILE
    from blueprint.pipeline.scene.corrections import OBJECT_FIELDS, load_corrections

    found: dict[str, Any] = {"categories": resource_path("config", CATEGORIES_FILE)}
    if (source := settings.source) is not None:
        found |= {f"scan/{name}": path for name, path in recognise(source, settings.format).files(source).items()}
    # A file that corrects nothing here must not read the scan again.
    if corrected := load_corrections(settings.corrections).objects(OBJECT_FIELDS):
        found["corrections"] = corrected
    return found


def _source(settings: IngestSettings, reconstructed: Reconstructed) -> Path:
    if settings.source is not None:
        return settings.source
    if reconstructed.run_folder is not None:
        return reconstructed.run_folder
    raise ScanError("ingest.source", "is not set.", expected="the folder of a scan, or a photo as reconstruct.photo")


@stage(
    version=3,
    tools=("numpy", "scipy", "trimesh", "pillow", "opencv-python-headless", "usd-core"),
    deadline_s=1800,
    foreign=_foreign,
)
def ingest(work: Work, reconstructed: Reconstructed, settings: IngestSettings) -> Steps[Ingested]:
    """Read the scan: poses, gravity, scale, categories."""
    from blueprint.pipeline.formats.table import recognise
    from blueprint.pipeline.scene.codec import save

    from .photo import save_photo
    from .scan import build_scan, check_scan, failures_of

    source = _source(settings, reconstructed)
    foreign = recognise(source, settings.format)
    yield Progress(0.0, f"reading as {foreign.name}")
    raw = foreign.read(source)
    if settings.on_bad_object == "fail" and (reasons := failures_of(raw)):
        raise ScanError(source.name, "\n".join(["has objects that cannot be used:", *reasons]))
    for remark in raw.remarks:
        yield Warned(remark)
    yield Progress(0.6, f"{len(raw.objects)} objects")
    scan = build_scan(work.folder, raw, settings)
    save(work.folder / Ingested.SCAN_FILE, scan)
    if raw.photo is not None and not save_photo(raw.photo, work.folder):
        yield Warned(f"{raw.photo.name} is not a picture that can be read; the scene has no photo")
    for entry in scan.left_out:
        yield Warned(f"{entry.id} left out: {entry.reason}")
    for prop in scan.props:
        for text in prop.review:
            yield Warned(f"{prop.id}: {text}")
    work.check(*check_scan(scan))
    yield Progress(1.0, f"{len(scan.props)} props")
    return Ingested(work.folder)
