"""Looks: props in other colours, or wearing the picture of another."""

from collections.abc import Mapping, Sequence

import numpy as np

from blueprint.pipeline.scene.edits import SetLook
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.poses import vec3

from .drawn import Row

PLAIN = (1.0, 1.0, 1.0)


def textured(entry: SceneProp) -> bool:
    """Whether a prop wears a picture."""
    return any(visual.appearance.texture for body in entry.prop.bodies for visual in body.visuals)


def draw_wearers(targets: Sequence[str], swapped: float, streams: Mapping[str, np.random.Generator]) -> dict[str, str]:
    """Draw whose picture each prop wears, for those that wear another's."""
    worn: dict[str, str] = {}
    for prop in targets:
        share, pick = streams[prop].random(2).tolist()
        others = [other for other in targets if other != prop]
        if others and share < swapped:
            worn[prop] = others[int(pick * len(others))]
    return worn


def look_edit(entry: SceneProp, row: Row, worn: Mapping[str, str]) -> SetLook | None:
    """Return a prop's looks as one variant has them; None where nothing about them varies."""
    prop = entry.prop.id
    if ("color", prop) not in row and prop not in worn:
        return None
    tint = vec3(row[("color", prop)]) if ("color", prop) in row else PLAIN
    red, green, blue = tint
    picture = f", the picture of {worn[prop]}" if prop in worn else ""
    return SetLook(prop, tint, worn.get(prop, ""), f"drawn: colour x {red:.2f} {green:.2f} {blue:.2f}{picture}")
