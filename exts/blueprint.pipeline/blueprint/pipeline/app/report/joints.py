"""Furniture that moves: each joint with its limits, and the piece drawn closed and open."""

from dataclasses import dataclass

from blueprint.pipeline.app.figures import angle_text, length_text, position_text
from blueprint.pipeline.app.scene_facts import PropFacts, SceneFacts
from blueprint.pipeline.scene.edits import AddJoint
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.sims.raycast import render, view_of
from blueprint.pipeline.sims.surfaces import bounds_of, prop_surfaces

from .pictures import Image, Picture, PictureShelf

MOST_PROPS = 40
_PICTURE_PX = 260


@dataclass(frozen=True, slots=True)
class JointRow:
    """One joint in words."""

    name: str
    kind: str
    links: str
    limits: str
    axis: str
    origin: str
    why: str


@dataclass(frozen=True, slots=True)
class ArticulatedRow:
    """One prop with joints, drawn with all of them at rest and at the far end of their range."""

    id: str
    closed: Picture
    opened: Picture
    joints: tuple[JointRow, ...]


def describe_joints(facts: SceneFacts, shelf: PictureShelf) -> tuple[ArticulatedRow, ...]:
    """Return the props that have joints."""
    moving = [entry for entry in facts.props if entry.joints][:MOST_PROPS]
    return tuple(
        ArticulatedRow(
            entry.prop.id,
            shelf.picture(["closed", *entry.made_from], lambda entry=entry: _picture(entry, facts, opened=False)),
            shelf.picture(["opened", *entry.made_from], lambda entry=entry: _picture(entry, facts, opened=True)),
            tuple(_joint_row(edit) for edit in entry.joints),
        )
        for entry in moving
    )


def _joint_row(edit: AddJoint) -> JointRow:
    joint = edit.joint
    say = angle_text if joint.kind == "revolute" else length_text
    return JointRow(
        name=joint.name,
        kind=joint.kind,
        links=f"{joint.parent} → {joint.child}",
        limits=f"{say(joint.lower)} to {say(joint.upper)}",
        axis=_direction(joint.axis),
        origin=position_text(joint.origin_m),
        why=edit.why,
    )


def _direction(axis: Vec3) -> str:
    return ", ".join(f"{round(value, 2) + 0.0:.2f}" for value in axis)


def _picture(entry: PropFacts, facts: SceneFacts, *, opened: bool) -> Image:
    prop = entry.prop
    far = {joint.name: max(joint.lower, joint.upper, key=abs) for joint in prop.joints}
    wide_open = prop_surfaces(prop, facts.meshes, Pose(), far)
    shown = wide_open if opened else prop_surfaces(prop, facts.meshes, Pose())
    # Both pictures share one view, so that only what moves differs.
    view = view_of(*bounds_of([*wide_open, *shown]), width_px=_PICTURE_PX, height_px=_PICTURE_PX)
    return render(shown, view)
