"""Edits: every decision about a scene as a frozen value with the reason for it.

`prop` and `body` name what changes. One module of `usd/` applies edits as layers; nothing else writes physics.
"""

from typing import Annotated

from pydantic import Discriminator

from .prop_edits import (
    AddJoint,
    ReplaceMesh,
    SetColliders,
    SetJointDynamics,
    SetMass,
    SetMaterial,
    SetSemantics,
    SplitBody,
)
from .stage_edits import MoveCamera, MoveProp, PlaceRobot, SetLight
from .use_edits import AddGrasp, AddRegion, AddSupport, GraspAnnotation, PlacementRegion, SupportSurface
from .variant_edits import AddDistractor, SetDrive, SetLatency, SetLens, SetLook, SetRestitution, SetSensor, SetStart

__all__ = [
    "AddDistractor",
    "AddGrasp",
    "AddJoint",
    "AddRegion",
    "AddSupport",
    "Edit",
    "GraspAnnotation",
    "MoveCamera",
    "MoveProp",
    "PlaceRobot",
    "PlacementRegion",
    "ReplaceMesh",
    "SetColliders",
    "SetDrive",
    "SetJointDynamics",
    "SetLatency",
    "SetLens",
    "SetLight",
    "SetLook",
    "SetMass",
    "SetMaterial",
    "SetRestitution",
    "SetSemantics",
    "SetSensor",
    "SetStart",
    "SplitBody",
    "SupportSurface",
]

Edit = Annotated[
    SplitBody
    | AddJoint
    | ReplaceMesh
    | SetJointDynamics
    | SetMaterial
    | SetMass
    | SetColliders
    | SetSemantics
    | AddSupport
    | AddRegion
    | AddGrasp
    | MoveProp
    | PlaceRobot
    | MoveCamera
    | SetLight
    | SetRestitution
    | SetLook
    | AddDistractor
    | SetDrive
    | SetStart
    | SetLatency
    | SetLens
    | SetSensor,
    Discriminator("edit"),
]
