"""The files that a foreign mesh file asks for beside itself: only from the scan's own folder, and of moderate size."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trimesh.resolvers import Resolver

from .mesh_limits import MAX_FILE_BYTES


class SideFiles(Resolver):
    """Gives a mesh reader the materials, buffers and textures of one mesh file.

    What leads outside of `root`, is missing or is too large is not given; `notes` say so.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder, self._root = folder, root.resolve()
        self.notes: list[str] = []
        self.file_name = ""

    def get(self, key: str) -> bytes:
        """Return a file's bytes; raises FileNotFoundError, which mesh readers survive."""
        problem, path = self._look_up(str(key).strip())
        if path is None:
            note = f"{str(key).strip()[:200]!r} {problem}; the mesh was read without it"
            if note not in self.notes:
                self.notes.append(note)
            raise FileNotFoundError(note)
        return path.read_bytes()

    def write(self, name: str, data: Any) -> None:
        """Refuse: reading never writes."""
        raise OSError(f"{name} is not written")

    def namespaced(self, namespace: str) -> "SideFiles":
        """Return the same files: folders inside a name are part of it."""
        return self

    def keys(self) -> Iterator[str]:
        """Yield the names of the files beside the mesh."""
        return (path.name for path in sorted(self._folder.iterdir()) if path.is_file())

    def _look_up(self, name: str) -> tuple[str, Path | None]:
        try:
            path = (self._folder / name.replace("\\", "/")).resolve()
            if not path.is_relative_to(self._root):
                return "leads outside the scan's folder", None
            if not path.is_file():
                return "is missing", None
            size = path.stat().st_size
        except (OSError, ValueError):
            return "is no file name", None
        return ("", path) if size <= MAX_FILE_BYTES else (f"has {size} bytes", None)
