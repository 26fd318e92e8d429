"""Where meshes and textures come from: the records that hold them, by digest."""

from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.scene.meshes import MeshRef, TextureRef, TriangleMesh, load_mesh, texture_path


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
