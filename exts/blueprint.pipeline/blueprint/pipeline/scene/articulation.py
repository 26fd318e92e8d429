"""Apply articulation edits to prop nouns."""

from collections.abc import Sequence
from dataclasses import replace

from blueprint.pipeline.scene.edits import AddJoint, Edit, SplitBody
from blueprint.pipeline.scene.props import Body, Prop


def articulated_prop(prop: Prop, edits: Sequence[Edit]) -> Prop:
    """Return a prop with its links split and its joints added, as the edits that name it say."""
    bodies: list[Body] = list(prop.bodies)
    joints = list(prop.joints)
    for edit in edits:
        if isinstance(edit, SplitBody) and edit.prop == prop.id:
            at = next(index for index, body in enumerate(bodies) if body.name == edit.body)
            bodies[at : at + 1] = edit.parts
        elif isinstance(edit, AddJoint) and edit.prop == prop.id:
            joints.append(edit.joint)
    return replace(prop, bodies=tuple(bodies), joints=tuple(joints))
