"""Apply edits of parts, joints and meshes to prop nouns."""

from collections.abc import Sequence
from dataclasses import replace

from blueprint.pipeline.scene.edits import AddJoint, Edit, ReplaceMesh, SplitBody
from blueprint.pipeline.scene.props import Body, Prop


def edited_prop(prop: Prop, edits: Sequence[Edit]) -> Prop:
    """Return a prop with its links split, joints added and meshes replaced, as the edits that name it say."""
    bodies: list[Body] = list(prop.bodies)
    joints = list(prop.joints)
    for edit in edits:
        if isinstance(edit, SplitBody | ReplaceMesh) and edit.prop == prop.id:
            at = next(index for index, body in enumerate(bodies) if body.name == edit.body)
            bodies[at : at + 1] = edit.parts if isinstance(edit, SplitBody) else (_with_mesh(bodies[at], edit),)
        elif isinstance(edit, AddJoint) and edit.prop == prop.id:
            joints.append(edit.joint)
    return replace(prop, bodies=tuple(bodies), joints=tuple(joints))


def _with_mesh(body: Body, edit: ReplaceMesh) -> Body:
    visuals = list(body.visuals)
    visuals[edit.visual] = replace(visuals[edit.visual], mesh=edit.mesh)
    return replace(body, visuals=tuple(visuals))
