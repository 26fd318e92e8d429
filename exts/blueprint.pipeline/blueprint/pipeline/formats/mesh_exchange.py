"""How the reading child process hands meshes back: plain arrays and PNG files in a folder, never a pickle."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from .raw_scan import RawLook, RawMesh, RawSurface

_INDEX = "mesh.json"


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
                "node": surface.node,
            }
        )
    (folder / _INDEX).write_text(json.dumps({"file": mesh.file, "surfaces": entries}))


def read_exchange(folder: Path) -> RawMesh | None:
    """Read what `write_exchange` wrote, or None where it did not finish."""
    if not (folder / _INDEX).is_file():
        return None
    index = json.loads((folder / _INDEX).read_text())
    return RawMesh(index["file"], tuple(_surface(folder, n, entry) for n, entry in enumerate(index["surfaces"])))


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
    )
    return RawSurface(vertices, faces, uv, look, entry["node"])
