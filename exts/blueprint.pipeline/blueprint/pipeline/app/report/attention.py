"""What to look at: the worst object with its pictures, the other remarks, the extremes, and what was corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from blueprint.pipeline.app.attention import (
    WHOLE_SCENE,
    Concern,
    Extreme,
    Remark,
    collect_remarks,
    list_extremes,
    worst_object,
)
from blueprint.pipeline.app.corrections import describe
from blueprint.pipeline.app.figures import count_text, length_text, mass_text, share_text, size_text
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.scene_facts import PropFacts, SceneFacts
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE, load_corrections

from .objects import MOST_OBJECTS, collider_picture, object_picture
from .pictures import Picture, PictureShelf
from .scene_pictures import where_it_is

MOST_GROUPS = 60
WORDS = {Concern.WRONG: "wrong", Concern.DOUBTFUL: "doubtful", Concern.UNSURE: "unsure"}
_TONES = {Concern.WRONG: "bad", Concern.DOUBTFUL: "warning", Concern.UNSURE: ""}


@dataclass(frozen=True, slots=True)
class RemarkGroup:
    """The remarks about one object; `anchor` is its place on the page, empty where it has none."""

    id: str
    anchor: str
    word: str
    tone: str
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class WorstObject:
    """The object that most needs a look, with pictures and its figures in one line."""

    id: str
    anchor: str
    tone: str
    picture: Picture
    colliders: Picture | None
    place: Picture
    figures: str
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class AttentionSection:
    """Everything to look at; `worst_words` say how bad the worst is, `correctable` whether a remark names flags."""

    lead: str
    correctable: bool
    worst: WorstObject | None
    worst_words: str
    others: tuple[RemarkGroup, ...]
    not_shown: int
    extremes: tuple[Extreme, ...]
    corrections: tuple[str, ...]


def describe_attention(records: RunRecords, facts: SceneFacts, shelf: PictureShelf) -> AttentionSection | None:
    """Return what to look at, or None before there are objects."""
    if not facts.props and not facts.left_out:
        return None
    remarks = collect_remarks(records, facts)
    worst = worst_object(facts, remarks)
    name = worst.prop.id if worst else None
    anchors = {entry.prop.id: f"object-{at}" for at, entry in enumerate(facts.props[:MOST_OBJECTS], start=1)}
    others = [_group(list(about), anchors) for key, about in groupby(remarks, lambda each: each.subject) if key != name]
    own = tuple(remark for remark in remarks if remark.subject == name)
    return AttentionSection(
        lead=_lead(remarks),
        correctable=any(remark.fix for remark in remarks),
        worst=_worst(worst, own, records, facts, shelf, anchors) if worst else None,
        worst_words=f"look here first: {WORDS[own[0].concern]}" if own else "least sure of all, nothing is wrong",
        others=tuple(others[:MOST_GROUPS]),
        not_shown=max(0, len(others) - MOST_GROUPS),
        extremes=list_extremes(facts),
        corrections=_corrections(records, facts),
    )


def _worst(
    entry: PropFacts,
    remarks: tuple[Remark, ...],
    records: RunRecords,
    facts: SceneFacts,
    shelf: PictureShelf,
    anchors: dict[str, str],
) -> WorstObject:
    return WorstObject(
        id=entry.prop.id,
        anchor=anchors.get(entry.prop.id, ""),
        tone=_TONES[remarks[0].concern] if remarks else "good",
        picture=object_picture(entry, facts, shelf),
        colliders=collider_picture(entry, facts, shelf),
        place=where_it_is(records, facts, entry, shelf),
        figures=figures_of(entry),
        remarks=remarks,
    )


def figures_of(entry: PropFacts) -> str:
    """Say in one line what an object is, its size and mass, how sure that is, and how far its colliders are."""
    words = [f"taken for {entry.prop.category}", size_text(entry.prop.size_m), mass_text(entry.mass_kg)]
    sure = [link.mass.confidence for link in entry.links if link.mass]
    if sure:
        words[-1] += f" ({share_text(min(sure))} sure)"
    colliders = [link.colliders for link in entry.links if link.colliders]
    distances = [each.distance_p95_m for each in colliders if each.distance_p95_m is not None]
    if distances:
        pieces = count_text(sum(len(each.pieces) for each in colliders), "collider")
        words.append(f"{pieces}, surface within {length_text(max(distances))} at 95 %")
    return " · ".join(words)


def _group(remarks: Sequence[Remark], anchors: dict[str, str]) -> RemarkGroup:
    subject, gravest = remarks[0].subject, remarks[0].concern
    shown = "the whole scene" if subject == WHOLE_SCENE else subject
    return RemarkGroup(shown, anchors.get(subject, ""), WORDS[gravest], _TONES[gravest], tuple(remarks))


def _lead(remarks: Sequence[Remark]) -> str:
    if not remarks:
        return "Nothing went wrong, and nothing is less sure than it should be. The object of which the least is sure:"
    concerns = [remark.concern for remark in remarks]
    counts = [(concern, concerns.count(concern)) for concern in sorted(WORDS, reverse=True)]
    told = ", ".join(f"{count} {WORDS[concern]}" for concern, count in counts if count)
    return f"{count_text(len(remarks), 'remark')}: {told}; the worst object first."


def _corrections(records: RunRecords, facts: SceneFacts) -> tuple[str, ...]:
    path = records.folder.root / CORRECTIONS_FILE
    entries = load_corrections(path).corrections if path.is_file() else ()
    joints = {entry.prop.id: entry.prop.joints for entry in facts.props}
    return tuple(
        f"{each.object}: {describe(each, joints.get(each.object, ()))}" + (f" ({each.why})" if each.why else "")
        for each in entries
    )
