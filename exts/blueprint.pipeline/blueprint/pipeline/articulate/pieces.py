"""The pieces that links are made of while a prop is cut: surfaces with their looks, solids where they are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from manifold3d import Manifold

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Appearance

from .closed_solids import mesh_of, solid_of


@dataclass(frozen=True, eq=False)
class Piece:
    """One visible surface of a link."""

    mesh: TriangleMesh
    appearance: Appearance

    @cached_property
    def solid(self) -> Manifold | None:
        """What the surface encloses, None where it is open."""
        return solid_of(self.mesh)

    def remade(self, solid: Manifold) -> "Piece":
        """Return the piece with another shape and the same look."""
        return Piece(mesh_of(solid, textured=self.mesh.uv is not None), self.appearance)


Links = dict[str, list[Piece]]
"""The pieces of each link, by the link's name."""


def all_closed(links: Links) -> bool:
    """Say whether every piece encloses a solid."""
    return all(piece.solid is not None for pieces in links.values() for piece in pieces)


def largest(pieces: Sequence[Piece]) -> int:
    """Return which piece encloses most; open ones enclose nothing."""
    return max(range(len(pieces)), key=lambda at: 0.0 if (solid := pieces[at].solid) is None else solid.volume())
