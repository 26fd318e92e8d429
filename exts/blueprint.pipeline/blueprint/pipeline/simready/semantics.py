"""What a prop is for and what can be done with it: role, affordances and labels."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.scene.categories import Category
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddSupport, SetSemantics
from blueprint.pipeline.scene.props import Prop, Role

from .grasp_width import GraspWidth
from .solids import Solid

_DEEP = 0.35
"""Share of the height that an opening must reach down to count as a cavity."""

_OPEN_SHARE = 0.25
"""Share of the outline, seen from above, that a cavity must take up."""


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


def is_hollow(solid: Solid) -> bool:
    """Whether a large part of the thing is open from above and deep, as a bowl or a mug is."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    x, y = (np.linspace(low[axis], high[axis], 23)[1:-1] for axis in (0, 1))
    origins = np.column_stack([*(grid.ravel() for grid in np.meshgrid(x, y)), np.full(len(x) * len(y), high[2] + 0.01)])
    down = np.tile([0.0, 0.0, -1.0], (len(origins), 1))
    points, _, _ = solid.mesh.ray.intersects_location(origins, down, multiple_hits=False)
    if not len(points):
        return False
    deep = points[:, 2] < high[2] - _DEEP * (high[2] - low[2])
    inner = np.abs(points[:, :2] - (low + high)[:2] / 2) < 0.35 * (high - low)[:2]
    return bool((deep & inner.all(axis=1)).sum() > _OPEN_SHARE * len(points))
