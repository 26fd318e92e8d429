"""What stands on, in or against what, as geometry has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.app.figures import length_text, share_text
from blueprint.pipeline.scene.relations import ROOM, Relation

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One edge of the support graph in words."""

    subject: str
    how: str
    gap: str
    share: str
    why: str


@dataclass(frozen=True, slots=True)
class RelationsSection:
    """The support graph, and whether it is that of the settled scene or of the scan."""

    state: str
    rows: tuple[RelationRow, ...]
    not_shown: int


def describe_relations(relations: Sequence[Relation], *, settled: bool) -> RelationsSection | None:
    """Return the support graph by subject, None without any relation."""
    if not relations:
        return None
    state = "where the scene came to rest" if settled else "as scanned"
    rows = tuple(_row(entry) for entry in relations[:MOST_ROWS])
    return RelationsSection(state, rows, len(relations) - len(rows))


def _row(entry: Relation) -> RelationRow:
    verb = "is against" if entry.kind == "against" else "stands in" if entry.kind == "in" else "stands on"
    goal = entry.part if entry.object == ROOM else entry.object
    return RelationRow(entry.subject, f"{verb} {goal}", length_text(entry.gap_m), share_text(entry.share), entry.why)
