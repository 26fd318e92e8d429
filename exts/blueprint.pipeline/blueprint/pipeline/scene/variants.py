"""Variants: one scene with some numbers drawn anew."""

from dataclasses import dataclass

from blueprint.pipeline.scene.edits import Edit


@dataclass(frozen=True, slots=True)
class Variant:
    """One draw: the edits over the assembled scene, and the seed that gave them."""

    index: int
    seed: int
    edits: tuple[Edit, ...]

    @property
    def name(self) -> str:
        """The name of its USD root, without suffix."""
        return f"{self.index:04d}"
