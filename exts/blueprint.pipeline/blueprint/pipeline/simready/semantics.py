"""What a prop is for and what can be done with it: role, affordances and labels."""

from blueprint.pipeline.scene.categories import UNKNOWN, Category
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetSemantics
from blueprint.pipeline.scene.props import Prop, Role

from .affordances import Measured, judge_affordances
from .confidence import CERTAIN

_NAMED, _UNNAMED = 0.9, 0.3
"""Chance that a detector's word, or none, leads to the right category."""


def role_of(prop: Prop, correction: Correction) -> Role:
    """Return the role, a person's before the scan's."""
    return Role(correction.role) if correction.role is not None else prop.role


def propose_semantics(prop: Prop, category: Category, correction: Correction, measured: Measured) -> SetSemantics:
    """Keep what the geometry bears out of what can be done with such a thing, and say what it does not.

    The whole is as sure as the category is: the geometry that decides is measured.
    """
    name = correction.category or prop.category
    verdicts = judge_affordances(category, measured)
    kept = tuple(affordance for affordance, verdict in verdicts.items() if verdict.holds)
    facts = "; ".join(f"{affordance}: {verdict.fact}" for affordance, verdict in verdicts.items())
    source = "set by a person" if correction.role is not None else f"category {name.replace('_', ' ')}"
    if correction.category is not None or correction.role is not None:
        confidence = CERTAIN
    else:
        confidence = _UNNAMED if name == UNKNOWN else _NAMED
    why = f"{measured.role.value} ({source}, right with {confidence:.0%})" + (f"; {facts}" if facts else "")
    return SetSemantics(
        prop.id,
        measured.role,
        kept,
        {"class": name, "wikidata_qcode": category.wikidata},
        why,
        confidence=confidence,
        parameters={
            f"{affordance}.{quantity}": float(f"{value:.4g}")
            for affordance in kept
            for quantity, value in verdicts[affordance].parameters.items()
        },
    )
