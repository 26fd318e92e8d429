"""Triangle meshes and textures, kept in a record's `meshes/` and `textures/` under the digest of their bytes."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.engine.digests import digest_file
from blueprint.pipeline.errors import RecordDamaged

MESH_FOLDER = "meshes"
TEXTURE_FOLDER = "textures"


@dataclass(frozen=True, eq=False)
class TriangleMesh:
    """Vertices (V, 3) in metres, faces (F, 3) wound outwards, optional texture coordinates (V, 2), v upwards.

    `deviation_m` is how far the surface lies from the one it was simplified from; 0 for one that was not.
    """

    vertices_m: NDArray[np.float64]
    faces: NDArray[np.int32]
    uv: NDArray[np.float32] | None = None
    deviation_m: float = 0.0

    def bounds_m(self) -> NDArray[np.float64]:
        """Return the (2, 3) lower and upper corner."""
        return np.stack([self.vertices_m.min(axis=0), self.vertices_m.max(axis=0)])


@dataclass(frozen=True, slots=True)
class MeshRef:
    """A mesh by digest of its file; the record that holds it, or one it was made from, keeps the file."""

    digest: str
    vertex_count: int
    face_count: int


@dataclass(frozen=True, slots=True)
class TextureRef:
    """A colour image (sRGB PNG) by digest of its file."""

    digest: str
    width: int
    height: int


def directed_edges(faces: NDArray[np.signedinteger]) -> NDArray[np.signedinteger]:
    """Return the edges of faces (F, 3) as (3F, 2): all first edges, all second ones, all third ones."""
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def save_mesh(record_folder: Path, mesh: TriangleMesh) -> MeshRef:
    """Store a mesh in a record's folder; equal meshes share one file. Vertices are kept in 64 bits."""
    arrays: dict[str, Any] = {
        "vertices_m": np.ascontiguousarray(mesh.vertices_m, dtype=np.float64),
        "faces": np.ascontiguousarray(mesh.faces, dtype=np.int32),
    }
    if mesh.uv is not None:
        arrays["uv"] = np.ascontiguousarray(mesh.uv, dtype=np.float32)
    if mesh.deviation_m:
        arrays["deviation_m"] = np.float64(mesh.deviation_m)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    digest = _store(record_folder / MESH_FOLDER, ".npz", buffer.getvalue())
    return MeshRef(digest, len(mesh.vertices_m), len(mesh.faces))


def save_texture(record_folder: Path, png: bytes, width: int, height: int) -> TextureRef:
    """Store an sRGB PNG in a record's folder."""
    return TextureRef(_store(record_folder / TEXTURE_FOLDER, ".png", png), width, height)


def load_mesh(record_folders: Iterable[Path], ref: MeshRef) -> TriangleMesh:
    """Read a mesh from the first record folder that has it."""
    with np.load(mesh_path(record_folders, ref), allow_pickle=False) as arrays:
        uv = arrays["uv"] if "uv" in arrays else None
        deviation_m = float(arrays["deviation_m"]) if "deviation_m" in arrays else 0.0
        return TriangleMesh(arrays["vertices_m"], arrays["faces"], uv, deviation_m)


def mesh_path(record_folders: Iterable[Path], ref: MeshRef) -> Path:
    """Return the file of a mesh."""
    return _find([folder / MESH_FOLDER / f"{ref.digest}.npz" for folder in record_folders], ref.digest)


def texture_path(record_folders: Iterable[Path], ref: TextureRef) -> Path:
    """Return the PNG file of a texture."""
    return _find([folder / TEXTURE_FOLDER / f"{ref.digest}.png" for folder in record_folders], ref.digest)


def _find(candidates: Sequence[Path], digest: str) -> Path:
    for path in candidates:
        if path.is_file():
            return path
    raise RecordDamaged(candidates[0].name if candidates else digest, digest, "missing")


def _store(folder: Path, suffix: str, content: bytes) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"draft{suffix}"
    draft.write_bytes(content)
    digest = digest_file(draft)
    draft.replace(folder / f"{digest}{suffix}")
    return digest
