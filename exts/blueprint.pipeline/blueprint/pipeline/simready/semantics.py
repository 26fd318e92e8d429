"""What a prop is for and what can be done with it: role, affordances and labels."""

from collections.abc import Sequence

from blueprint.pipeline.scene.categories import Category
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddSupport, SetSemantics
from blueprint.pipeline.scene.props import Prop, Role

from .grasp_width import GraspWidth


def role_of(prop: Prop, correction: Correction) -> Role:
    """Return the role, a person's before the scan's."""
    return Role(correction.role) if correction.role is not None else prop.role


def propose_semantics(
    prop: Prop,
    category: Category,
    correction: Correction,
    *,
    grasp: GraspWidth | None,
    opening_m: float,
    hollow: bool,
    supports: Sequence[AddSupport],
) -> SetSemantics:
    """Keep of the category's affordances those that the geometry bears out, and say which do not."""
    role = role_of(prop, correction)
    movable = role is Role.MANIPULABLE
    verdicts: dict[str, tuple[bool, str]] = {
        "graspable": (movable and grasp is not None, _grasp_evidence(grasp, opening_m)),
        "containable": (hollow, "open above" if hollow else "not open above"),
        "fillable": (hollow, "open above" if hollow else "not open above"),
        "placeable": (bool(supports), f"{len(supports)} level surfaces"),
        "openable": (bool(prop.joints), f"{len(prop.joints)} joints"),
    }
    if not movable:
        verdicts["supportable"] = verdicts["placeable"]
    measured = ("graspable",) if movable else ("openable",)
    claimed = [*category.affordances, *(name for name in measured if name not in category.affordances)]
    kept = tuple(name for name in claimed if verdicts.get(name, (True, ""))[0])
    facts = "; ".join(f"{name}: {verdicts[name][1]}" for name in claimed if name in verdicts)
    source = "set by a person" if correction.role is not None else f"category {prop.category.replace('_', ' ')}"
    why = f"{role.value} ({source})" + (f"; {facts}" if facts else "")
    labels = {"class": prop.category, "wikidata_qcode": category.wikidata}
    return SetSemantics(prop.id, role, kept, labels, why)


def _grasp_evidence(grasp: GraspWidth | None, opening_m: float) -> str:
    if grasp is None:
        return f"no opposite faces within {opening_m * 1e3:.0f} mm"
    return (
        f"opposite faces {grasp.typical_m * 1e3:.0f} mm apart (median of those within {opening_m * 1e3:.0f} mm, on "
        f"{grasp.share:.0%} of the surface; narrowest {grasp.narrowest_m * 1e3:.0f} mm)"
    )
