"""What was done to a mesh, in counts and words."""

from collections.abc import Iterable
from dataclasses import dataclass

from blueprint.pipeline.scene.meshes import TriangleMesh


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of mending and how often it was done; `one` and `many` say it after a number."""

    count: int
    one: str
    many: str

    def words(self) -> str:
        """Say it, such as "3 faces without area removed"."""
        return f"{self.count:,} {self.one if self.count == 1 else self.many}"


@dataclass(frozen=True, eq=False)
class Mended:
    """A mesh after mending and what was done; without deeds it is the mesh that was given."""

    mesh: TriangleMesh
    deeds: tuple[Deed, ...] = ()


def deed(count: int, noun: str, nouns: str, participle: str) -> tuple[Deed, ...]:
    """Return one deed, or none where nothing was done."""
    return (Deed(count, f"{noun} {participle}", f"{nouns} {participle}"),) if count else ()


def summed(deeds: Iterable[Deed]) -> tuple[Deed, ...]:
    """Add up deeds of one kind, in the order of their first mention."""
    counts: dict[tuple[str, str], int] = {}
    for entry in deeds:
        key = (entry.one, entry.many)
        counts[key] = counts.get(key, 0) + entry.count
    return tuple(Deed(count, *key) for key, count in counts.items())
