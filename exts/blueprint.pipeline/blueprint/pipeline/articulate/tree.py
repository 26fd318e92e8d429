"""Links and joints form one tree: one root, no circle, every link reached, every name known."""

from collections.abc import Sequence

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.props import Joint


class BrokenTree(InputError):
    """Joints that do not hold links together as one tree; all faults are listed."""

    def __init__(self, prop: str, faults: Sequence[str], links: Sequence[str]) -> None:
        self.faults = tuple(faults)
        listing = "\n".join(f"  {fault}" for fault in faults)
        known = ", ".join(links)
        super().__init__(
            f"{prop}: its joints do not form one tree; correct parent or child:\n{listing}\nLinks: {known}"
        )


def check_tree(prop: str, links: Sequence[str], joints: Sequence[Joint]) -> None:
    """Raise BrokenTree unless the joints join all links into one tree."""
    faults = tree_faults(links, joints)
    if faults:
        raise BrokenTree(prop, faults, links)


def tree_faults(links: Sequence[str], joints: Sequence[Joint]) -> list[str]:
    """Return what keeps links and joints from being one tree, empty where they are."""
    faults = [f"link {name!r} is there twice" for name in sorted({name for name in links if links.count(name) > 1})]
    known = set(links)
    carried: dict[str, Joint] = {}
    for joint in joints:
        for end, name in (("parent", joint.parent), ("child", joint.child)):
            if name not in known:
                faults.append(f"joint {joint.name!r} has the {end} {name!r}, which is no link")
        if joint.child in carried:
            faults.append(f"link {joint.child!r} is moved by {carried[joint.child].name!r} and by {joint.name!r}")
        carried.setdefault(joint.child, joint)
    roots = [name for name in links if name not in carried]
    if len(roots) > 1:
        faults.append(f"there are {len(roots)} roots, {', '.join(roots)}: every link but one needs a joint")
    circles = {name for name in links if _in_circle(name, carried)}
    if circles:
        faults.append(f"{', '.join(sorted(circles))} carry each other in a circle")
    return faults


def _in_circle(name: str, carried: dict[str, Joint]) -> bool:
    at, seen = name, {name}
    while at in carried:
        at = carried[at].parent
        if at == name:
            return True
        if at in seen:
            return False
        seen.add(at)
    return False
