"""Where meshes and textures come from: the records that hold them, by digest."""

from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.scene.meshes import MeshRef, TextureRef, TriangleMesh, load_mesh, texture_path
from blueprint.pipeline.scene.records import THUMBNAIL_FILE


@dataclass(frozen=True, slots=True)
class Payloads:
    """The record folders in which a prop's meshes and textures lie."""

    folders: tuple[Path, ...]

    def mesh(self, ref: MeshRef) -> TriangleMesh:
        """Read a mesh; raises RecordDamaged where no folder has it."""
        return load_mesh(self.folders, ref)

    def texture(self, ref: TextureRef) -> Path:
        """Return the file of a texture; raises RecordDamaged where no folder has it."""
        return texture_path(self.folders, ref)

    def thumbnail(self) -> Path | None:
        """Return the prop's picture, or None where no folder has one."""
        found = (folder / THUMBNAIL_FILE for folder in self.folders)
        return next((path for path in found if path.is_file()), None)
