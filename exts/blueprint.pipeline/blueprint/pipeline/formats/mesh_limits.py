"""What a foreign mesh file may be: sound, finite and of a size that this machine can hold."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError

USD_SUFFIXES = frozenset({".usd", ".usda", ".usdc"})
MAX_OBJECTS = 2000
MAX_FILE_BYTES = 1 << 29
MAX_VERTICES = 8_000_000
MAX_FACES = 4_000_000
MAX_COORDINATE = 1e6
MAX_TEXTURE_PIXELS = 1 << 26
# Of address space, of which the libraries take nearly 1 GiB; a damaged file of a few kilobytes may ask for anything.
MEMORY_BYTES, MEMORY_BYTES_AT_LEAST, MEMORY_PER_BYTE = 6 << 30, 2 << 30, 24
CPU_SECONDS_PER_FILE = 60
WALL_SECONDS_PER_FILE = 180

_GLB_HEADER_BYTES = 12


def check_object_count(count: int, where: str) -> None:
    """Raise ScanError for a scan of more objects than are read."""
    if count > MAX_OBJECTS:
        raise ScanError(where, f"holds {count} objects.", expected=f"at most {MAX_OBJECTS}")


def memory_limit_bytes(input_bytes: int) -> int:
    """Return how much address space the reading of files of this size may take."""
    return min(MEMORY_BYTES, MEMORY_BYTES_AT_LEAST + MEMORY_PER_BYTE * input_bytes)


def check_file(path: Path, name: str) -> bytes:
    """Return a mesh file's bytes; raises ScanError when it is absent, empty, too large, cut off or of another kind."""
    if not path.is_file():
        raise ScanError(name, "is missing.", expected="a mesh file")
    size = path.stat().st_size
    if size == 0:
        raise ScanError(name, "is empty (0 bytes).", expected="a mesh with at least one triangle")
    if size > MAX_FILE_BYTES:
        raise ScanError(name, f"has {size} bytes.", expected=f"at most {MAX_FILE_BYTES}")
    content = path.read_bytes()
    if path.suffix.lower() == ".glb":
        _check_glb(content, name)
    return content


def check_points(points: NDArray[np.float64], name: str) -> None:
    """Raise ScanError unless these are points (N, 3), all finite, moderate and not all in one place."""
    if points.ndim != 2 or points.shape[1] != 3:
        raise ScanError(name, f"has vertices of shape {points.shape}.", expected="three coordinates each")
    if len(points) == 0 or len(points) > MAX_VERTICES:
        raise ScanError(name, f"has {len(points)} vertices.", expected=f"1 to {MAX_VERTICES}")
    bad = int((~np.isfinite(points)).any(axis=1).sum())
    if bad:
        raise ScanError(
            name, f"has {bad} of {len(points)} vertices that are NaN or infinite.", expected="finite numbers"
        )
    if float(np.abs(points).max()) > MAX_COORDINATE:
        raise ScanError(name, f"has a coordinate beyond {MAX_COORDINATE:g}.", expected="a scene of moderate extent")
    if float(np.ptp(points, axis=0).max()) == 0.0:
        raise ScanError(name, "has all its vertices in one point.", expected="a surface")


def check_faces(faces: NDArray[np.int32], vertex_count: int, name: str) -> None:
    """Raise ScanError unless there are triangles (F, 3) and all their corners exist."""
    if faces.ndim != 2 or faces.shape[1] != 3:
        raise ScanError(name, f"has faces of shape {faces.shape}.", expected="three corners each")
    if len(faces) == 0:
        raise ScanError(name, "has no faces.", expected="a mesh with at least one triangle")
    if len(faces) > MAX_FACES:
        raise ScanError(name, f"has {len(faces)} faces.", expected=f"at most {MAX_FACES}")
    if int(faces.min()) < 0 or int(faces.max()) >= vertex_count:
        raise ScanError(name, "has faces that name missing vertices.", expected=f"indices below {vertex_count}")


def _check_glb(content: bytes, name: str) -> None:
    if content[:4] != b"glTF" or len(content) < _GLB_HEADER_BYTES:
        raise ScanError(name, "does not begin like a binary glTF file.", expected="the bytes 'glTF'")
    version, declared = (int.from_bytes(content[at : at + 4], "little") for at in (4, 8))
    if version != 2:
        raise ScanError(name, f"is glTF version {version}.", expected="version 2")
    # Real posed meshes are up to three bytes longer or shorter than declared: their JSON chunk is not padded.
    if len(content) < declared - 3:
        raise ScanError(name, f"is cut off: {len(content)} of {declared} bytes.", expected="the whole file")
