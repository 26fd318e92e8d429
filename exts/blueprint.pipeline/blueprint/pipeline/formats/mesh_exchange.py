"""How the reading child process hands meshes back: plain arrays and PNG files in a folder, never a pickle."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from blueprint.pipeline.scene.poses import vec3

from .raw_scan import RawLook, RawMesh, RawSurface
from .raw_stage import RawStage, StageObject

_INDEX, _STAGE_INDEX = "mesh.json", "stage.json"


def write_exchange(folder: Path, mesh: RawMesh) -> None:
    """Write a mesh into a new folder; the index comes last, so a folder with an index is whole."""
    folder.mkdir(parents=True)
    entries: list[dict[str, Any]] = []
    for number, surface in enumerate(mesh.surfaces):
        arrays = {"vertices": surface.vertices, "faces": surface.faces}
        if surface.uv is not None:
            arrays["uv"] = surface.uv
        np.savez(folder / f"{number}.npz", allow_pickle=False, **arrays)
        look = surface.look
        if look.texture_png is not None:
            (folder / f"{number}.png").write_bytes(look.texture_png)
        entries.append(
            {
                "base_color_rgb": look.base_color_rgb,
                "texture_size": look.texture_size,
                "roughness": look.roughness,
                "metallic": look.metallic,
                "name": look.name,
                "node": surface.node,
            }
        )
    said = {"file": mesh.file, "up": mesh.up, "metres_per_unit": mesh.metres_per_unit, "notes": mesh.notes}
    (folder / _INDEX).write_text(json.dumps({**said, "surfaces": entries}))


def read_exchange(folder: Path) -> RawMesh | None:
    """Read what `write_exchange` wrote, or None where it did not finish."""
    if not (folder / _INDEX).is_file():
        return None
    index = json.loads((folder / _INDEX).read_text())
    surfaces = tuple(_surface(folder, n, entry) for n, entry in enumerate(index["surfaces"]))
    up = None if index["up"] is None else vec3(index["up"])
    return RawMesh(index["file"], surfaces, up, index["metres_per_unit"], tuple(index["notes"]))


def write_stage(folder: Path, stage: RawStage) -> None:
    """Write a stage into a new folder, one folder per object; the index comes last."""
    folder.mkdir(parents=True)
    for number, entry in enumerate(stage.objects):
        if entry.mesh is not None:
            write_exchange(folder / str(number), entry.mesh)
    objects = [
        {"path": entry.path, "label": entry.label, "T": entry.T_stage_object.tolist(), "fault": entry.fault}
        for entry in stage.objects
    ]
    said = {"file": stage.file, "up": stage.up, "metres_per_unit": stage.metres_per_unit, "notes": stage.notes}
    (folder / _STAGE_INDEX).write_text(json.dumps({**said, "objects": objects}))


def read_stage_exchange(folder: Path) -> RawStage | None:
    """Read what `write_stage` wrote, or None where it did not finish."""
    if not (folder / _STAGE_INDEX).is_file():
        return None
    index = json.loads((folder / _STAGE_INDEX).read_text())
    objects = tuple(
        StageObject(
            path=entry["path"],
            label=entry["label"],
            T_stage_object=np.array(entry["T"], dtype=np.float64),
            mesh=read_exchange(folder / str(number)),
            fault=entry["fault"],
        )
        for number, entry in enumerate(index["objects"])
    )
    return RawStage(index["file"], vec3(index["up"]), index["metres_per_unit"], objects, tuple(index["notes"]))


def _surface(folder: Path, number: int, entry: dict[str, Any]) -> RawSurface:
    with np.load(folder / f"{number}.npz", allow_pickle=False) as arrays:
        uv = arrays["uv"] if "uv" in arrays else None
        vertices, faces = arrays["vertices"], arrays["faces"]
    png = folder / f"{number}.png"
    red, green, blue = entry["base_color_rgb"]
    width, height = entry["texture_size"]
    look = RawLook(
        base_color_rgb=(red, green, blue),
        texture_png=png.read_bytes() if png.is_file() else None,
        texture_size=(width, height),
        roughness=entry["roughness"],
        metallic=entry["metallic"],
        name=entry["name"],
    )
    return RawSurface(vertices, faces, uv, look, entry["node"])
